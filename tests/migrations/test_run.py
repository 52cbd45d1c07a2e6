"""Migrations: there and back, in step with the models, safe when two processes start."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from sqlalchemy import Table, insert, inspect, select
from sqlalchemy.engine import Connection

from core.db.engine import Database
from core.models import Node, Project
from core.tree.copied import differing
from core.tree.node import NodeKind, Stage
from migrations.run import CORE, downgrade, drift, migrate, pending
from tests.conftest import NOW

PROJECT = cast("Table", Project.__table__)


async def tables(url: str) -> set[str]:
    database = await Database.open(url)

    def names(connection: Connection) -> set[str]:
        return set(inspect(connection).get_table_names())

    try:
        async with database.engine.connect() as connection:
            return await connection.run_sync(names)
    finally:
        await database.close()


async def test_migrated_tables_equal_the_models(database: Database) -> None:
    assert await drift(database.url) == []


async def test_migrate_goes_up_down_and_up_again(empty_database_url: str) -> None:
    assert await pending(empty_database_url) == {"core": (None, CORE.head())}
    await migrate(empty_database_url)
    assert await tables(empty_database_url) == CORE.tables | {"version_core"}
    await downgrade(empty_database_url, CORE, "base")
    assert await tables(empty_database_url) == {"version_core"}
    await migrate(empty_database_url)
    assert await pending(empty_database_url) == {}
    assert await drift(empty_database_url) == []


async def test_projects_there_before_get_the_copies_of_their_nodes(empty_database_url: str) -> None:
    await migrate(empty_database_url, revision="0010")
    database = await Database.open(empty_database_url)
    names = dict.fromkeys(("name_kk", *(f"name_{end}" for end in (
        "kk_sort", "ru_sort", "en_sort", "search"))), "а")  # fmt: skip
    flags = {"product_has_priority": False, "contractual": False}
    project = {"id": 2, "number": "1", "currency": "KZT", **flags, **names}
    async with database.session() as session, session.begin():
        for key, kind, parent in ((1, NodeKind.PROJECT_GROUP, None), (2, NodeKind.PROJECT, 1)):
            session.add(
                Node(id=key, kind=kind, parent_id=parent, stage=Stage.CLOSED, created_at=NOW)
            )
            await session.flush()
        await session.execute(insert(PROJECT).values(project))
    await migrate(empty_database_url)
    async with database.session() as session:
        found = await session.execute(select(PROJECT.c.parent_id, PROJECT.c.stage))
        assert found.one() == (1, Stage.CLOSED)
        assert await differing(session, PROJECT) == []
    await downgrade(empty_database_url, CORE, "0010")
    async with database.session() as session:
        assert await session.scalar(select(PROJECT.c.number)) == "1"
    await database.close()


async def test_migrate_from_four_processes_at_once(empty_database_url: str) -> None:
    await asyncio.gather(*(migrate(empty_database_url) for _ in range(4)))
    assert await pending(empty_database_url) == {}


def test_open_refuses_other_databases() -> None:
    with pytest.raises(ValueError, match="sqlite and postgresql"):
        asyncio.run(Database.open("mysql://root@localhost/x"))
