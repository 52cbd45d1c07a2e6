"""Who listens for the snapshot is told it, or that there is none."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.db.engine import open_sqlite_reader
from tests.zhoba.express.place import alone
from zhoba.express.snapshots import (
    PostgresSnapshots,
    Snapshots,
    SqliteSnapshots,
    ended,
    open_snapshots,
)

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


@given(st.lists(st.tuples(st.sampled_from(["begin", "end"]), st.integers(0, 5)), max_size=30))
def test_it_changes_when_a_transaction_ends_and_not_when_one_begins(
    history: list[tuple[str, int]],
) -> None:
    begun, running = 100, []
    before = ended(f"{begun}:{begun}:")
    for what, which in history:
        if what == "begin":
            running.append(begun)
            begun += 1
        elif which >= len(running):
            continue
        else:
            running.pop(which)
        text = f"{min([*running, begun])}:{begun}:{','.join(map(str, running))}"
        assert (ended(text) == before) == (what == "begin")
        before = ended(text)


def test_a_standby_names_nobody_who_runs() -> None:
    assert ended("100:103:") != ended("103:103:")


@alone
async def test_a_transaction_is_nothing_before_it_is_committed(
    database_url: str, dialect: str
) -> None:
    if dialect == "sqlite":
        pytest.skip("SQLite counts nothing but commits")
    snapshots = await open_snapshots(database_url)
    writers = [await asyncpg.connect(database_url) for _ in range(2)]
    seen = [await snapshots.now()]
    for writer in writers:
        await writer.execute("BEGIN")
        await writer.execute("SELECT pg_current_xact_id()")  # as the first write does
        seen.append(await snapshots.now())
    assert seen == [seen[0]] * 3
    for writer in reversed(writers):
        await writer.execute("COMMIT")
        seen.append(await snapshots.now())
        await writer.close()
    assert len(set(seen[2:])) == 3
    await snapshots.close()
