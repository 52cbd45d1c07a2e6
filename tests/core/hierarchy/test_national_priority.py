"""National priorities."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed, PlatformError
from core.hierarchy.national_priority import (
    NationalPriority,
    create_national_priority,
    edit_national_priority,
)
from core.texts import Names
from core.tree.node import Node, NodeKind, Stage
from tests.acting import acting, arranging, committed_world, entries, refuses

DEADLINE = date(2029, 12, 31)
PERIOD = f"{PRODUCT_DEFAULT}; R2023 §2(17), §2(20)"


async def create(database: Database, **given: Any) -> int:
    dull = {"names": Names(kk="Су"), "code": "W", "portfolio_deadline": DEADLINE}
    async with acting(database) as work:
        return (await create_national_priority(work, **(dull | given))).id


async def edit(database: Database, priority_id: int, version: int = 1, **given: Any) -> None:
    async with acting(database) as work:
        await edit_national_priority(work, priority_id, expected_version=version, **given)


async def read(database: Database, priority_id: int) -> tuple[Node, NationalPriority]:
    async with arranging(database) as session:
        return (
            await session.get_one(Node, priority_id),
            await session.get_one(NationalPriority, priority_id),
        )


async def test_create_priority_enters_it_with_its_portfolio(database: Database) -> None:
    world = await committed_world(database)
    priority_id = await create(
        database, goal="Water for all", ends_on=DEADLINE, portfolio_goal="Pipes"
    )
    node, priority = await read(database, priority_id)
    assert (node.kind, node.parent_id, node.stage, node.program_scope_id) == (
        NodeKind.NATIONAL_PRIORITY,
        world.country.id,
        Stage.INITIATION,
        None,
    )
    assert (priority.goal, priority.portfolio_goal, priority.ends_on) == (
        "Water for all",
        "Pipes",
        DEADLINE,
    )
    (entry,) = await entries(database, "nationalPriorityCreated")
    assert (entry.node_id, entry.clause, entry.after) == (
        priority_id,
        "R2023 §27",
        {
            "code": "W",
            "goal": "Water for all",
            "ends_on": "2029-12-31",
            "portfolio_goal": "Pipes",
            "portfolio_deadline": "2029-12-31",
            "name_kk": "Су",
        },
    )


async def test_create_priority_needs_its_action(database: Database) -> None:
    await committed_world(database)
    given: dict[str, Any] = {"names": Names(kk="Су"), "portfolio_deadline": DEADLINE, "code": "W"}
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, may={"portfolio.read"}) as work:
            await create_national_priority(work, **given)
    assert caught.value.action == "portfolio.manage"
    async with acting(database, may={"portfolio.manage"}) as work:
        await create_national_priority(work, **given)


async def test_create_priority_whose_portfolio_outlasts_its_period_is_refused(
    database: Database,
) -> None:
    await committed_world(database)
    with refuses("PORTFOLIO_AFTER_PERIOD", PERIOD, "portfolioDeadline"):
        await create(database, ends_on=date(2029, 12, 30))


async def test_create_priority_twice_at_once_refuses_one(database: Database) -> None:
    await committed_world(database)
    results = await asyncio.gather(create(database), create(database), return_exceptions=True)
    assert sorted(
        each.code if isinstance(each, PlatformError) else "created" for each in results
    ) == ["PRIORITY_CODE_TAKEN", "created"]


async def test_edit_priority_changes_only_what_is_given(database: Database) -> None:
    await committed_world(database)
    priority_id = await create(database, goal="Old")
    await edit(database, priority_id, goal="New", ends_on=DEADLINE)
    node, priority = await read(database, priority_id)
    assert (priority.goal, priority.code, priority.ends_on, node.version) == (
        "New",
        "W",
        DEADLINE,
        2,
    )
    (entry,) = await entries(database, "nationalPriorityEdited")
    assert (entry.before, entry.after) == (
        {"goal": "Old", "ends_on": None},
        {"goal": "New", "ends_on": "2029-12-31"},
    )
    with refuses("CONFLICT", None, "expectedVersion"):
        await edit(database, priority_id, goal="Newer")
    await edit(database, priority_id, version=2, ends_on=None)


async def test_edit_priority_to_end_before_its_portfolio_is_refused(database: Database) -> None:
    await committed_world(database)
    priority_id = await create(database)
    with refuses("PORTFOLIO_AFTER_PERIOD", PERIOD, "endsOn"):
        await edit(database, priority_id, ends_on=date(2029, 12, 30))


async def test_edit_priority_to_a_taken_code_is_refused(database: Database) -> None:
    await committed_world(database)
    await create(database)
    other = await create(database, code="X")
    with refuses("PRIORITY_CODE_TAKEN", PRODUCT_DEFAULT, "code"):
        await edit(database, other, code="W")


async def test_edit_priority_needs_its_action_at_it(database: Database) -> None:
    await committed_world(database)
    priority_id = await create(database)
    with pytest.raises(NotAllowed):
        async with acting(database, may=()) as work:
            await edit_national_priority(work, priority_id, expected_version=1, goal="X")
    with refuses("NOT_FOUND"):
        async with acting(database, may={"portfolio.manage"}, hidden={priority_id}) as work:
            await edit_national_priority(work, priority_id, expected_version=1, goal="X")


async def test_edit_priority_that_is_closed_is_refused(database: Database) -> None:
    await committed_world(database)
    priority_id = await create(database)
    async with arranging(database) as session:
        (await session.get_one(Node, priority_id)).stage = Stage.CLOSED
    with refuses("WRONG_STAGE", PRODUCT_DEFAULT):
        await edit(database, priority_id, goal="X")
