"""Who listens for the snapshot is told it, or that there is none."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from core.db.engine import open_sqlite_reader
from zhoba.express.snapshots import PostgresSnapshots, Snapshots, SqliteSnapshots, open_snapshots

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def broken(_snapshot: str | None) -> None:
    raise ValueError("a listener's own fault")


async def heard(snapshots: Snapshots, *before: Callable[[str | None], None]) -> str | None:
    """What a listener is told that comes behind others."""
    told: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
    for listener in before:
        snapshots.tell(listener)
    snapshots.tell(told.set_result)
    return await asyncio.wait_for(told, 10)


async def test_listeners_hear_what_others_wait_for(database_url: str) -> None:
    snapshots = await open_snapshots(database_url)
    assert await heard(snapshots) is not None
    await snapshots.close()


async def test_the_fault_of_one_listener_is_not_that_of_the_next(database_url: str) -> None:
    snapshots = await open_snapshots(database_url)
    assert await heard(snapshots, broken) is not None
    assert await snapshots.now() is not None
    await snapshots.close()


async def test_listeners_are_told_when_the_database_is_away(sqlite_template: Path) -> None:
    far = PostgresSnapshots(NOWHERE)
    assert await heard(far) is None
    with pytest.raises(OSError, match="1"):
        await far.now()
    await far.close()
    near = SqliteSnapshots(open_sqlite_reader(f"sqlite:///{sqlite_template}"))
    await near.close()
    assert await heard(near) is None
    with pytest.raises(sqlite3.ProgrammingError):
        await near.now()
