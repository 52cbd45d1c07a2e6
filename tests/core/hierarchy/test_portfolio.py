"""The deadline of a portfolio and what it bounds [R2023 §9]."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed, PlatformError
from core.hierarchy.national_priority import NationalPriority
from core.hierarchy.portfolio import edit_portfolio
from core.hierarchy.program import Program, edit_program
from core.hierarchy.project import Project
from core.tree.node import Node, NodeKind
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW
from tests.factories import World, make_node, make_service

LATE = date(2029, 12, 31)
END = date(2028, 6, 30)
BEFORE = date(2028, 6, 29)


async def edit(database: Database, priority_id: int, version: int = 1, **given: Any) -> None:
    async with acting(database) as work:
        await edit_portfolio(work, priority_id, expected_version=version, **given)


async def put_dates(session: AsyncSession, world: World, **dates: date) -> None:
    """Set the deadline, and the ends of program and project."""
    rows: dict[str, Any] = {
        "deadline": await session.get_one(NationalPriority, world.priority.id),
        "program": await session.get_one(Program, world.program.id),
        "project": await session.get_one(Project, world.project.id),
    }
    for name, day in dates.items():
        setattr(rows[name], "portfolio_deadline" if name == "deadline" else "ends_on", day)


async def dated_world(database: Database, **dates: date) -> World:
    world = await committed_world(database)
    async with arranging(database) as session:
        await put_dates(session, world, **dates)
    return world


async def deadline_of(database: Database, world: World) -> date | None:
    async with arranging(database) as session:
        return (await session.get_one(NationalPriority, world.priority.id)).portfolio_deadline


async def test_edit_portfolio_sets_goal_and_deadline(database: Database) -> None:
    world = await dated_world(database, deadline=LATE)
    await edit(database, world.priority.id, goal=" Pipes ", deadline=END)
    async with arranging(database) as session:
        priority = await session.get_one(NationalPriority, world.priority.id)
        node = await session.get_one(Node, world.priority.id)
    assert (priority.portfolio_goal, priority.portfolio_deadline, node.version) == ("Pipes", END, 2)
    (entry,) = await entries(database, "portfolioEdited")
    assert (entry.before, entry.clause) == (
        {"portfolio_goal": None, "portfolio_deadline": "2029-12-31"},
        "R2023 §9",
    )
    with refuses("CONFLICT", None, "expectedVersion"):
        await edit(database, world.priority.id, goal="X")
    await edit(database, world.priority.id, version=2, goal=None)
    assert await deadline_of(database, world) == END


@pytest.mark.parametrize("noun", ["program", "project"])
async def test_edit_portfolio_down_to_the_end_of_what_serves_it(
    database: Database, noun: str
) -> None:
    world = await dated_world(database, deadline=LATE, **{noun: END})
    await edit(database, world.priority.id, deadline=END)
    code = {"program": "PORTFOLIO_BEFORE_PROGRAM", "project": "PORTFOLIO_BEFORE_PROJECT"}[noun]
    with refuses(code, "R2023 §9", "deadline"):
        await edit(database, world.priority.id, version=2, deadline=BEFORE)
    assert await deadline_of(database, world) == END


async def test_edit_portfolio_below_a_program_that_follows_another_priority_too(
    database: Database,
) -> None:
    world = await dated_world(database, deadline=LATE, program=END)
    async with arranging(database) as session:
        other = await make_node(session, NodeKind.NATIONAL_PRIORITY, world.country)
        await make_service(session, other, world.program, lead=False)
    with refuses("PORTFOLIO_BEFORE_PROGRAM", "R2023 §9", "deadline"):
        await edit(database, other.id, deadline=BEFORE)


async def test_edit_portfolio_below_what_does_not_serve_it(database: Database) -> None:
    world = await dated_world(database, program=LATE, project=LATE)
    async with arranging(database) as session:
        other = await make_node(session, NodeKind.NATIONAL_PRIORITY, world.country)
    await edit(database, other.id, deadline=BEFORE)


@pytest.mark.parametrize("noun", ["program", "project"])
async def test_edit_portfolio_below_what_is_archived(database: Database, noun: str) -> None:
    world = await dated_world(database, deadline=LATE, **{noun: END})
    async with arranging(database) as session:
        node = await session.get_one(Node, getattr(world, noun).id)
        node.archived_at = NOW
    await edit(database, world.priority.id, deadline=BEFORE)


async def test_edit_portfolio_beyond_the_period_of_its_priority_is_refused(
    database: Database,
) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        (await session.get_one(NationalPriority, world.priority.id)).ends_on = END
    await edit(database, world.priority.id, deadline=END)
    with refuses("PORTFOLIO_AFTER_PERIOD", f"{PRODUCT_DEFAULT}; R2023 §2(17), §2(20)", "deadline"):
        await edit(database, world.priority.id, version=2, deadline=LATE)


async def test_edit_portfolio_needs_its_action(database: Database) -> None:
    world = await committed_world(database)
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, may={"program.edit"}) as work:
            await edit_portfolio(work, world.priority.id, expected_version=1, deadline=END)
    assert caught.value.action == "portfolio.manage"


async def test_portfolio_and_program_never_pass_each_other(database: Database) -> None:
    world = await dated_world(database, deadline=LATE, program=BEFORE)

    async def lengthen() -> None:
        async with acting(database) as work:
            await edit_program(work, world.program.id, expected_version=1, ends_on=END)

    results = await asyncio.gather(
        edit(database, world.priority.id, deadline=BEFORE), lengthen(), return_exceptions=True
    )
    refused = [each.code for each in results if isinstance(each, PlatformError)]
    assert refused in (["PORTFOLIO_BEFORE_PROGRAM"], ["PROGRAM_ENDS_AFTER_PORTFOLIO"])
    assert results.count(None) == 1
