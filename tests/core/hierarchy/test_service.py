"""Which priorities a program serves, and who reaches it by that [R2023 §27]."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed
from core.hierarchy.program import Program
from core.hierarchy.program_priority import ProgramPriority
from core.hierarchy.project import Project
from core.hierarchy.project_group import create_project_group
from core.hierarchy.service import link_priority, set_lead_priority, unlink_priority
from core.texts import Names
from core.tree.node import Node, NodeClosure, NodeKind, Stage
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.factories import World, make_node

END = date(2028, 12, 31)
AFTER = date(2029, 1, 1)

Act = Callable[..., Awaitable[Program]]


async def do(database: Database, act: Act, world: World, priority: Node, version: int = 1) -> None:
    async with acting(database) as work:
        await act(work, world.program.id, priority.id, expected_version=version)


async def add_priority(database: Database, world: World, **columns: Any) -> Node:
    async with arranging(database) as session:
        return await make_node(session, NodeKind.NATIONAL_PRIORITY, world.country, **columns)


async def links(database: Database, world: World) -> dict[int, bool]:
    async with arranging(database) as session:
        rows = await session.execute(
            select(ProgramPriority.priority_id, ProgramPriority.lead).where(
                ProgramPriority.program_id == world.program.id
            )
        )
        return {row.priority_id: row.lead for row in rows}


async def reached(database: Database, priority: Node) -> list[int]:
    """What a role held at the priority reaches besides it."""
    async with arranging(database) as session:
        return list(
            await session.scalars(
                select(NodeClosure.descendant_id)
                .where(NodeClosure.ancestor_id == priority.id, NodeClosure.service.is_(True))
                .order_by(NodeClosure.descendant_id)
            )
        )


def inside(world: World) -> list[int]:
    nodes = (world.program, world.direction, world.group, world.project, world.task)
    return [node.id for node in nodes]


async def test_link_priority_lets_it_reach_everything_inside(database: Database) -> None:
    world = await committed_world(database)
    second = await add_priority(database, world)
    await do(database, link_priority, world, second)
    assert await links(database, world) == {world.priority.id: True, second.id: False}
    assert await reached(database, second) == inside(world)
    assert await reached(database, world.priority) == inside(world)
    (entry,) = await entries(database, "priorityLinked")
    assert (entry.node_id, entry.clause, entry.after) == (
        world.program.id,
        "R2023 §27",
        {"priority": second.id},
    )
    with refuses("CONFLICT", None, "expectedVersion"):
        await do(database, link_priority, world, second)
    with refuses("PRIORITY_SERVED_ALREADY", PRODUCT_DEFAULT, "priorityId"):
        await do(database, link_priority, world, second, version=2)


@pytest.mark.parametrize("noun", ["program", "project"])
@pytest.mark.parametrize("deadline", [END, AFTER, None])
async def test_link_priority_whose_portfolio_ends_first_is_refused(
    database: Database, noun: str, deadline: date | None
) -> None:
    world = await committed_world(database)
    strict = await add_priority(database, world, portfolio_deadline=deadline)
    async with arranging(database) as session:
        if noun == "program":
            (await session.get_one(Program, world.program.id)).ends_on = AFTER
        else:
            (await session.get_one(Project, world.project.id)).ends_on = AFTER
    if deadline == END:
        with refuses(f"{noun.upper()}_ENDS_AFTER_PORTFOLIO", "R2023 §9", "priorityId"):
            await do(database, link_priority, world, strict)
        assert await reached(database, strict) == []
    else:
        await do(database, link_priority, world, strict)


async def test_link_hidden_wrong_or_closed_priority(database: Database) -> None:
    world = await committed_world(database)
    second = await add_priority(database, world)
    with refuses("NOT_FOUND", None, "priorityId"):
        async with acting(database, may={"program.edit"}, hidden={second.id}) as work:
            await link_priority(work, world.program.id, second.id, expected_version=1)
    with refuses("NOT_FOUND", None, "priorityId"):
        await do(database, link_priority, world, world.body)
    async with arranging(database) as session:
        (await session.get_one(Node, second.id)).stage = Stage.CLOSED
    with refuses("WRONG_STAGE", PRODUCT_DEFAULT):
        await do(database, link_priority, world, second)


async def test_unlink_priority_takes_its_reach_back(database: Database) -> None:
    world = await committed_world(database)
    second = await add_priority(database, world)
    await do(database, link_priority, world, second)
    await do(database, unlink_priority, world, second, version=2)
    assert await links(database, world) == {world.priority.id: True}
    assert await reached(database, second) == []
    assert await reached(database, world.priority) == inside(world)
    (entry,) = await entries(database, "priorityUnlinked")
    assert entry.before == {"priority": second.id}
    with refuses("PRIORITY_NOT_SERVED", PRODUCT_DEFAULT, "priorityId"):
        await do(database, unlink_priority, world, second, version=3)


async def test_unlink_leading_priority_is_refused(database: Database) -> None:
    world = await committed_world(database)
    second = await add_priority(database, world)
    await do(database, link_priority, world, second)
    with refuses("LEAD_PRIORITY_STAYS", PRODUCT_DEFAULT, "priorityId"):
        await do(database, unlink_priority, world, world.priority, version=2)
    await do(database, set_lead_priority, world, second, version=2)
    await do(database, unlink_priority, world, world.priority, version=3)
    assert await links(database, world) == {second.id: True}


async def test_set_lead_priority_leaves_exactly_one(database: Database) -> None:
    world = await committed_world(database)
    second = await add_priority(database, world)
    with refuses("PRIORITY_NOT_SERVED", PRODUCT_DEFAULT, "priorityId"):
        await do(database, set_lead_priority, world, second)
    await do(database, link_priority, world, second)
    await do(database, set_lead_priority, world, second, version=2)
    assert await links(database, world) == {world.priority.id: False, second.id: True}
    await do(database, set_lead_priority, world, second, version=3)
    (entry,) = await entries(database, "leadPrioritySet")
    assert (entry.before, entry.after) == (
        {"lead_priority": world.priority.id},
        {"lead_priority": second.id},
    )


@pytest.mark.parametrize("act", [link_priority, unlink_priority, set_lead_priority])
async def test_service_acts_need_their_action(database: Database, act: Act) -> None:
    world = await committed_world(database)
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, may={"program.create"}) as work:
            await act(work, world.program.id, world.priority.id, expected_version=1)
    assert caught.value.action == "program.edit"


async def test_link_priority_misses_no_node_that_is_just_being_entered(
    database: Database,
) -> None:
    world = await committed_world(database)
    second = await add_priority(database, world)

    async def create_group() -> None:
        async with acting(database) as work:
            await create_project_group(work, parent_id=world.direction.id, names=Names(kk="Топ"))

    await asyncio.gather(
        do(database, link_priority, world, second), *(create_group() for _ in range(4))
    )
    async with arranging(database) as session:
        everything = list(
            await session.scalars(
                select(NodeClosure.descendant_id)
                .where(NodeClosure.ancestor_id == world.program.id)
                .order_by(NodeClosure.descendant_id)
            )
        )
    assert len(everything) == 9
    assert await reached(database, second) == everything
