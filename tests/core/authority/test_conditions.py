"""Conditions of rules, each true and false, in SQL and in Python."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.catalogue import core_catalogue
from core.authority.conditions import Asked, ConditionRegistry, Place, authority_conditions
from core.authority.reader import READER_TODAY
from core.db.engine import Database
from core.hierarchy.conditions import core_conditions
from core.tree.node import Node, NodeKind
from tests import factories as make
from tests.acting import arranging
from tests.core.authority.cases import TODAY

DAY = timedelta(days=1)


async def holds(session: AsyncSession, name: str, node: Node, held_at: Node | None) -> bool:
    """The condition's answer, after making sure that both sides give it."""
    condition = core_conditions()[name]
    asked = Asked(node.id, held_at.id if held_at else None)
    python = asked in await condition.python(session, [asked], TODAY)
    place = Place(Node.id, literal(asked.held_at), READER_TODAY)
    sql = await session.scalar(
        select(Node.id).where(Node.id == node.id, condition.sql(place)), {"reader_today": TODAY}
    )
    assert python is (sql is not None)
    return python


async def test_another_deputy_heads_the_direction(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        nested = await make.make_node(session, NodeKind.PROJECT_GROUP, world.group)
        curator, head = await make.make_person(session), await make.make_person(session)
        await make.make_appointment(session, curator, "pg_curator", nested)
        name = "bd_headed_by_other_deputy"
        assert not await holds(session, name, world.project, nested)
        first = await make.make_appointment(session, head, "bd_head", world.direction)
        assert await holds(session, name, world.project, nested)
        first.valid_to = TODAY - DAY
        await session.flush()
        assert not await holds(session, name, world.project, nested)
        await make.make_appointment(session, curator, "bd_head", world.direction)
        assert not await holds(session, name, world.project, nested)
        assert not await holds(session, name, world.project, None)


async def test_a_priority_without_a_council(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        name = "no_governing_council"
        assert await holds(session, name, world.program, world.priority)
        member = await make.make_appointment(
            session, await make.make_person(session), "governing_council_member",
            world.priority, valid_from=TODAY + DAY,
        )  # fmt: skip
        assert await holds(session, name, world.program, world.priority)
        member.valid_from = TODAY
        await session.flush()
        assert not await holds(session, name, world.program, world.priority)


async def test_where_a_project_lies(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        free = await make.make_node(session, NodeKind.PROJECT, world.direction)
        activity = await make.make_node(session, NodeKind.TASK, world.direction)
        direct = {
            node.id
            for node in (world.project, free, world.task, activity, world.group, world.direction)
            if await holds(session, "no_project_group", node, world.direction)
        }
        assert direct == {free.id}
        outside = {
            node.id
            for node in (world.project, world.task, activity, world.group, world.direction)
            if await holds(session, "outside_project", node, world.direction)
        }
    assert outside == {activity.id, world.group.id, world.direction.id}


async def test_a_contract_within_the_project(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        bound = await make.make_node(session, NodeKind.PROJECT, world.group, contractual=True)
        name = "contractual_relations"
        assert await holds(session, name, bound, bound)
        assert not await holds(session, name, world.project, world.project)
        assert not await holds(session, name, bound, None)


def test_the_core_knows_every_condition_of_its_catalogue() -> None:
    assert {condition.name for condition in core_conditions()} == core_catalogue().conditions


def test_a_name_is_registered_once() -> None:
    registry = ConditionRegistry()
    [first, *_] = authority_conditions()
    registry.register_condition("sunny", sql=first.sql, python=first.python)
    with pytest.raises(ValueError, match="sunny"):
        registry.register_condition("sunny", sql=first.sql, python=first.python)
