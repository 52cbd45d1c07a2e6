"""Programs and the limits set by what they serve."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed, PlatformError
from core.hierarchy.national_priority import NationalPriority
from core.hierarchy.program import (
    Program,
    ProgramKind,
    ProgramPriority,
    create_program,
    edit_program,
)
from core.hierarchy.project import Project
from core.hierarchy.state_body import StateBodyKind
from core.texts import Names
from core.tree.node import Node, NodeClosure, NodeKind, Stage
from core.work import Caution, Work
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW
from tests.factories import World, make_node

NAMES = Names(kk="Таза су", en="Clean water")
START = date(2026, 4, 1)
END = date(2028, 12, 31)
AFTER = date(2029, 1, 1)


async def create(database: Database, world: World, **given: Any) -> int:
    async with acting(database) as work:
        return (await create_program(work, **(given_for(world) | given))).id


def given_for(world: World) -> dict[str, Any]:
    return {
        "state_body_id": world.body.id,
        "names": NAMES,
        "kind": ProgramKind.PROGRAM,
        "starts_on": START,
        "ends_on": END,
        "priority_ids": [world.priority.id],
        "lead_priority_id": world.priority.id,
    }


async def edit(database: Database, program_id: int, version: int = 1, **given: Any) -> Work:
    async with acting(database) as work:
        await edit_program(work, program_id, expected_version=version, **given)
    return work


async def add_priority(database: Database, world: World, deadline: date | None = None) -> Node:
    async with arranging(database) as session:
        return await make_node(
            session, NodeKind.NATIONAL_PRIORITY, world.country, portfolio_deadline=deadline
        )


async def set_deadline(database: Database, world: World, deadline: date) -> None:
    async with arranging(database) as session:
        priority = await session.get_one(NationalPriority, world.priority.id)
        priority.portfolio_deadline = deadline


async def test_create_program_enters_it_and_what_it_serves(database: Database) -> None:
    world = await committed_world(database)
    second = await add_priority(database, world)
    program_id = await create(
        database,
        world,
        goal=" Water ",
        priority_ids=[second.id, world.priority.id, second.id],
        lead_priority_id=second.id,
    )
    async with arranging(database) as session:
        node = await session.get_one(Node, program_id)
        program = await session.get_one(Program, program_id)
        links = (
            await session.execute(
                select(ProgramPriority.priority_id, ProgramPriority.lead)
                .where(ProgramPriority.program_id == program_id)
                .order_by(ProgramPriority.priority_id)
            )
        ).all()
        service = (
            await session.scalars(
                select(NodeClosure.ancestor_id)
                .where(NodeClosure.descendant_id == program_id, NodeClosure.service.is_(True))
                .order_by(NodeClosure.ancestor_id)
            )
        ).all()
    assert (node.parent_id, node.program_scope_id, node.region_id, node.stage) == (
        world.body.id,
        program_id,
        world.region.id,
        Stage.INITIATION,
    )
    assert (program.kind, program.goal, program.starts_on, program.ends_on) == (
        ProgramKind.PROGRAM,
        "Water",
        START,
        END,
    )
    assert [tuple(link) for link in links] == [(world.priority.id, False), (second.id, True)]
    assert service == [world.priority.id, second.id]
    (entry,) = await entries(database, "programCreated")
    assert (entry.chain, entry.clause, entry.after) == (
        world.body.id,
        "R2023 §26",
        {
            "kind": "PROGRAM",
            "goal": "Water",
            "starts_on": "2026-04-01",
            "ends_on": "2028-12-31",
            "name_kk": "Таза су",
            "name_en": "Clean water",
            "priorities": [world.priority.id, second.id],
            "lead_priority": second.id,
        },
    )


async def test_create_program_serves_a_priority_and_one_of_them_leads(database: Database) -> None:
    world = await committed_world(database)
    second = await add_priority(database, world)
    with refuses("PROGRAM_NEEDS_PRIORITY", PRODUCT_DEFAULT, "priorityIds"):
        await create(database, world, priority_ids=[])
    with refuses("LEAD_PRIORITY_NOT_SERVED", PRODUCT_DEFAULT, "leadPriorityId"):
        await create(database, world, lead_priority_id=second.id)


async def test_create_program_of_a_hidden_or_wrong_priority_is_not_found(
    database: Database,
) -> None:
    world = await committed_world(database)
    with refuses("NOT_FOUND", None, "priorityIds"):
        async with acting(database, may={"program.create"}, hidden={world.priority.id}) as work:
            await create_program(work, **given_for(world))
    with refuses("NOT_FOUND", None, "priorityIds"):
        await create(
            database, world, priority_ids=[world.program.id], lead_priority_id=world.program.id
        )


async def test_create_program_of_a_closed_priority_is_refused(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        (await session.get_one(Node, world.priority.id)).stage = Stage.CLOSED
    with refuses("WRONG_STAGE", PRODUCT_DEFAULT):
        await create(database, world)


async def test_create_program_may_last_one_day(database: Database) -> None:
    world = await committed_world(database)
    await create(database, world, ends_on=START)
    with refuses("ENDS_BEFORE_IT_STARTS", PRODUCT_DEFAULT, "endsOn"):
        await create(database, world, ends_on=date(2026, 3, 31))


async def test_create_program_ends_by_the_deadline_of_every_portfolio(database: Database) -> None:
    world = await committed_world(database)
    await set_deadline(database, world, AFTER)
    strict = await add_priority(database, world, END)
    both = {"priority_ids": [world.priority.id, strict.id]}
    await create(database, world, ends_on=AFTER)
    await create(database, world, ends_on=END, **both)
    with refuses("PROGRAM_ENDS_AFTER_PORTFOLIO", "R2023 §9", "endsOn"):
        await create(database, world, ends_on=AFTER, **both)


async def test_create_program_needs_its_action(database: Database) -> None:
    world = await committed_world(database)
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, may={"program.edit"}) as work:
            await create_program(work, **given_for(world))
    assert caught.value.action == "program.create"
    async with acting(database, may={"program.create"}) as work:
        await create_program(work, **given_for(world))


async def test_create_program_outside_a_body_is_not_found(database: Database) -> None:
    world = await committed_world(database)
    for node in (world.country, world.program, world.direction):
        with refuses("NOT_FOUND", None, "stateBodyId"):
            await create(database, world, state_body_id=node.id)


PLAN = {"kind": ProgramKind.REGIONAL_DEVELOPMENT_PLAN}


async def test_create_regional_plan_belongs_to_an_akimat(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        ministry = await make_node(session, NodeKind.STATE_BODY, world.country)
    with refuses("REGIONAL_PLAN_NEEDS_AKIMAT", "R2023 §2(54), §49", "kind"):
        await create(database, world, state_body_id=ministry.id, **PLAN)
    await create(database, world, **PLAN)


async def add_akimat(database: Database, world: World) -> Node:
    async with arranging(database) as session:
        return await make_node(
            session, NodeKind.STATE_BODY, world.country, region=world.region,
            kind=StateBodyKind.LOCAL_EXECUTIVE,
        )  # fmt: skip


async def test_create_second_regional_plan_of_a_region_is_refused(database: Database) -> None:
    world = await committed_world(database)
    other = await add_akimat(database, world)
    await create(database, world, **PLAN)
    await create(database, world)
    with refuses("REGION_HAS_PLAN", PRODUCT_DEFAULT, "kind"):
        await create(database, world, state_body_id=other.id, **PLAN)


@pytest.mark.parametrize("end", ["closed", "archived"])
async def test_create_regional_plan_after_the_last_one(database: Database, end: str) -> None:
    world = await committed_world(database)
    first = await create(database, world, **PLAN)
    async with arranging(database) as session:
        node = await session.get_one(Node, first)
        if end == "closed":
            node.stage = Stage.CLOSED
        else:
            node.archived_at = NOW
    await create(database, world, **PLAN)


async def test_create_regional_plan_twice_at_once_refuses_one(database: Database) -> None:
    world = await committed_world(database)
    other = await add_akimat(database, world)
    results = await asyncio.gather(
        create(database, world, **PLAN),
        create(database, world, state_body_id=other.id, **PLAN),
        return_exceptions=True,
    )
    assert sorted(
        each.code if isinstance(each, PlatformError) else "created" for each in results
    ) == ["REGION_HAS_PLAN", "created"]


async def test_edit_program_changes_only_what_is_given(database: Database) -> None:
    world = await committed_world(database)
    program_id = await create(database, world, goal="Old")
    await edit(database, program_id, goal="New", kind=ProgramKind.NATIONAL_PROJECT)
    async with arranging(database) as session:
        program = await session.get_one(Program, program_id)
        node = await session.get_one(Node, program_id)
    assert (program.goal, program.kind, program.ends_on, node.version) == (
        "New",
        ProgramKind.NATIONAL_PROJECT,
        END,
        2,
    )
    (entry,) = await entries(database, "programEdited")
    assert entry.before == {"goal": "Old", "kind": "PROGRAM"}
    with refuses("CONFLICT", None, "expectedVersion"):
        await edit(database, program_id, goal=None)
    await edit(database, program_id, version=2, goal="New")
    await edit(database, program_id, version=2, goal=None)


async def test_edit_program_two_at_once_conflict(database: Database) -> None:
    world = await committed_world(database)
    program_id = await create(database, world)
    results = await asyncio.gather(
        edit(database, program_id, goal="A"),
        edit(database, program_id, goal="B"),
        return_exceptions=True,
    )
    assert sorted(
        each.code if isinstance(each, PlatformError) else "edited" for each in results
    ) == ["CONFLICT", "edited"]


async def test_edit_program_keeps_to_its_terms_and_portfolios(database: Database) -> None:
    world = await committed_world(database)
    await set_deadline(database, world, END)
    program_id = await create(database, world)
    with refuses("PROGRAM_ENDS_AFTER_PORTFOLIO", "R2023 §9", "endsOn"):
        await edit(database, program_id, ends_on=AFTER)
    with refuses("ENDS_BEFORE_IT_STARTS", PRODUCT_DEFAULT, "endsOn"):
        await edit(database, program_id, starts_on=AFTER)
    await edit(database, program_id, starts_on=END)


async def test_edit_imported_program_without_dates(database: Database) -> None:
    world = await committed_world(database)
    await set_deadline(database, world, END)
    await edit(database, world.program.id, goal="Named at last")
    await edit(database, world.program.id, version=2, ends_on=END)


async def test_edit_program_to_a_regional_plan(database: Database) -> None:
    world = await committed_world(database)
    await edit(database, world.program.id, **PLAN)
    await edit(database, world.program.id, version=2, **PLAN)
    second = await create(database, world)
    with refuses("REGION_HAS_PLAN", PRODUCT_DEFAULT, "kind"):
        await edit(database, second, **PLAN)


@pytest.mark.parametrize("days_later", [0, 1])
async def test_edit_program_to_end_before_its_projects_warns(
    database: Database, days_later: int
) -> None:
    world = await committed_world(database)
    project_end = (END, AFTER)[days_later]
    async with arranging(database) as session:
        (await session.get_one(Project, world.project.id)).ends_on = project_end
    work = await edit(database, world.program.id, ends_on=END)
    expected = Caution(
        "PROGRAM_ENDS_BEFORE_PROJECTS",
        "product default; R2023 §9",
        {"ends_on": END, "latest": AFTER},
    )
    assert work.warnings == [expected] * days_later


async def test_edit_program_needs_its_action(database: Database) -> None:
    world = await committed_world(database)
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, may={"program.create"}) as work:
            await edit_program(work, world.program.id, expected_version=1, goal="X")
    assert caught.value.action == "program.edit"


async def test_edit_closed_program_is_refused(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        (await session.get_one(Node, world.program.id)).stage = Stage.CLOSED
    with refuses("WRONG_STAGE", PRODUCT_DEFAULT):
        await edit(database, world.program.id, goal="X")
