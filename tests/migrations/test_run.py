"""Migrations: there and back, in step with the models, safe when two processes start."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from core.db.engine import Database
from migrations.run import CORE, downgrade, drift, migrate, pending


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


async def test_migrate_from_four_processes_at_once(empty_database_url: str) -> None:
    await asyncio.gather(*(migrate(empty_database_url) for _ in range(4)))
    assert await pending(empty_database_url) == {}


def test_open_refuses_other_databases() -> None:
    with pytest.raises(ValueError, match="sqlite and postgresql"):
        asyncio.run(Database.open("mysql://root@localhost/x"))
