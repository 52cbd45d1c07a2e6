"""The portfolio that ends first binds [R2023 §9]."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import true

from core.db.engine import Database
from core.hierarchy.deadline import (
    latest_project_end,
    require_project_within_portfolios,
    strictest_portfolio,
)
from core.hierarchy.national_priority import NationalPriority
from core.tree.node import Node, NodeKind
from tests.acting import acting, arranging, committed_world, refuses
from tests.conftest import NOW
from tests.factories import make_node, make_service

END = date(2028, 12, 31)
AFTER = date(2029, 1, 1)


async def test_strictest_portfolio_is_the_one_that_ends_first(database: Database) -> None:
    async with arranging(database) as session:
        country = await make_node(session, NodeKind.COUNTRY, None)
        for code, deadline in (("A", AFTER), ("B", END), ("C", None)):
            await make_node(
                session, NodeKind.NATIONAL_PRIORITY, country, code=code, portfolio_deadline=deadline
            )
        assert await strictest_portfolio(session, true()) == ("B", END)
        assert await strictest_portfolio(session, NationalPriority.code == "C") is None


@pytest.mark.parametrize(("ends_on", "late"), [(END, False), (AFTER, True), (None, False)])
async def test_project_ends_by_the_strictest_deadline(
    database: Database, ends_on: date | None, late: bool
) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        strict = await make_node(
            session, NodeKind.NATIONAL_PRIORITY, world.country, portfolio_deadline=END
        )
        await make_service(session, strict, world.program, lead=False)
    async with acting(database) as work:
        if late:
            with refuses("PROJECT_ENDS_AFTER_PORTFOLIO", "R2023 §9", "endsOn"):
                await require_project_within_portfolios(work, world.program.id, ends_on)
        else:
            await require_project_within_portfolios(work, world.program.id, ends_on)
        await require_project_within_portfolios(work, None, AFTER)


async def test_latest_project_end_is_that_of_the_living(database: Database) -> None:
    async with arranging(database) as session:
        country = await make_node(session, NodeKind.COUNTRY, None)
        assert await latest_project_end(session, true()) is None
        body = await make_node(session, NodeKind.STATE_BODY, country)
        program = await make_node(session, NodeKind.PROGRAM, body)
        direction = await make_node(session, NodeKind.BASIC_DIRECTION, program)
        for ends_on in (END, None):
            await make_node(session, NodeKind.PROJECT, direction, ends_on=ends_on)
        archived = await make_node(session, NodeKind.PROJECT, direction, ends_on=AFTER)
        assert await latest_project_end(session, Node.program_scope_id == program.id) == AFTER
        archived.archived_at = NOW
        await session.flush()
        assert await latest_project_end(session, Node.program_scope_id == program.id) == END
        assert await latest_project_end(session, Node.program_scope_id == 0) is None
