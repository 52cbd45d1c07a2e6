"""Dates of a project against its portfolios and its program [R2023 §9]."""

from __future__ import annotations

from datetime import date

import pytest

from core.db.engine import Database
from core.hierarchy.national_priority import NationalPriority
from core.hierarchy.program import Program
from core.hierarchy.project.terms import require_order, require_terms
from core.tree.node import NodeKind
from tests.acting import acting, arranging, committed_world, refuses
from tests.factories import World, make_node, make_service

DEADLINE = date(2028, 12, 31)
DAY_AFTER = date(2029, 1, 1)


async def world_with_deadlines(database: Database, *, program_ends_on: date | None = None) -> World:
    """The program serves two priorities; the second one ends first."""
    world = await committed_world(database)
    async with arranging(database) as session:
        lead = await session.get_one(NationalPriority, world.priority.id)
        lead.portfolio_deadline = date(2030, 12, 31)
        second = await make_node(
            session,
            NodeKind.NATIONAL_PRIORITY,
            world.country,
            code="NP-EARLY",
            portfolio_deadline=DEADLINE,
        )
        (await session.get_one(Program, world.program.id)).ends_on = program_ends_on
        await make_service(session, second, world.program, lead=False)
    return world


async def test_require_terms_allows_the_very_deadline(database: Database) -> None:
    world = await world_with_deadlines(database)
    async with acting(database) as work:
        await require_terms(work, world.program.id, None, DEADLINE)
        assert work.warnings == []


async def test_require_terms_refuses_past_any_served_portfolio(database: Database) -> None:
    world = await world_with_deadlines(database)
    with refuses("PROJECT_ENDS_AFTER_PORTFOLIO", "R2023 §9", "endsOn"):
        async with acting(database) as work:
            await require_terms(work, world.program.id, None, DAY_AFTER)


async def test_require_terms_binds_nobody_in_a_standard_direction(database: Database) -> None:
    world = await world_with_deadlines(database)
    async with arranging(database) as session:
        standard = await make_node(session, NodeKind.BASIC_DIRECTION, world.body)
    async with acting(database) as work:
        await require_terms(work, standard.id, None, date(2099, 1, 1))
        assert work.warnings == []


@pytest.mark.parametrize(
    ("ends_on", "warnings"),
    [(date(2027, 6, 30), []), (date(2027, 7, 1), ["PROJECT_ENDS_AFTER_PROGRAM"])],
)
async def test_require_terms_warns_past_the_program(
    database: Database, ends_on: date, warnings: list[str]
) -> None:
    world = await world_with_deadlines(database, program_ends_on=date(2027, 6, 30))
    async with acting(database) as work:
        await require_terms(work, world.program.id, None, ends_on)
        assert [(each.code, each.clause) for each in work.warnings] == [
            (code, "product default; R2023 §9") for code in warnings
        ]


def test_require_order_allows_a_single_day() -> None:
    require_order(DEADLINE, DEADLINE)
    require_order(None, DEADLINE)
    require_order(DEADLINE, None)


def test_require_order_refuses_an_end_before_the_start() -> None:
    with refuses("ENDS_BEFORE_IT_STARTS", "product default", "endsOn"):
        require_order(DAY_AFTER, DEADLINE)
