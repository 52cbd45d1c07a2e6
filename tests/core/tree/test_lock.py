"""Nobody adds to the tree while it is being reshaped."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from core.db.engine import Database
from core.tree.lock import hold_tree, reshape_tree

WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


async def test_reshape_waits_for_all_who_hold_the_tree(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    order: list[str] = []

    async def reshape() -> None:
        async with database.session() as session, session.begin():
            await reshape_tree(session)
            order.append("reshaped")

    async with database.session() as one, one.begin():
        await hold_tree(one)
        async with database.session() as two, two.begin():
            await hold_tree(two)
            async with asyncio.timeout(60), asyncio.TaskGroup() as group:
                reshaping = group.create_task(reshape())
                while not await two.scalar(WAITING):
                    assert not reshaping.done()
                order.append("held by two")
                await two.rollback()
                await one.rollback()
    assert order == ["held by two", "reshaped"]


async def test_one_unit_of_work_may_hold_and_reshape(database: Database) -> None:
    async with database.session() as session, session.begin():
        await hold_tree(session)
        await reshape_tree(session)
        await hold_tree(session)
