"""Opening a SQLite file that another process is just turning to write-ahead."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from core.db.engine import Database
from migrations.run import in_migration


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new.db"


@pytest.fixture
def writer(path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody who writes to the file before it is turned: SQLite refuses to turn it at once."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE kept (id INTEGER)")
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.close()


@pytest.fixture
def ending(writer: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses made; with the third the writer is done."""
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            writer.execute("COMMIT")

    monkeypatch.setattr(asyncio, "sleep", pause)
    return pauses


async def mode_of(connection: AsyncConnection) -> str:
    mode: str = (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar_one()
    return mode


async def test_a_connection_asks_until_the_file_can_be_turned(
    path: Path, ending: list[float]
) -> None:
    database = await Database.open(f"sqlite:///{path}")
    async with database.engine.connect() as connection:
        assert await mode_of(connection) == "wal"
    await database.close()
    assert len(ending) == 3


async def test_a_migration_asks_until_the_file_can_be_turned(
    path: Path, ending: list[float]
) -> None:
    await in_migration(
        f"sqlite:///{path}", lambda there: there.exec_driver_sql("CREATE TABLE made (id INTEGER)")
    )
    assert len(ending) == 3
    with sqlite3.connect(path) as plain:
        assert plain.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall() == [
            ("kept",), ("made",),
        ]  # fmt: skip
    plain.close()


@pytest.mark.usefixtures("writer")
async def test_it_gives_up_in_the_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.db.engine.BUSY_TIMEOUT_MS", -1)
    database = await Database.open(f"sqlite:///{path}")
    with pytest.raises(Exception, match="database is locked"):
        await database.engine.connect()
    await database.close()
