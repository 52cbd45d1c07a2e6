"""Connections for reading: nobody waits in vain, and what was lost is opened anew."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from schema.planner.pool import STATEMENTS, Line, Pool, open_pool


@dataclass(frozen=True)
class Statement:
    """Stands for a prepared statement."""

    _state: str


class Protocol:
    """Stands for what a connection speaks."""

    async def bind_execute(
        self, state: str, parameters: Sequence[object], *_: object
    ) -> list[tuple[object, ...]]:
        return [(state, *parameters)]


@dataclass(eq=False)
class Connection:
    """Stands for a connection."""

    _protocol = Protocol()
    closed: bool = False
    prepared: list[str] = field(default_factory=list)

    def is_closed(self) -> bool:
        return self.closed

    async def close(self, timeout: float) -> None:
        assert timeout > 0
        self.closed = True

    async def prepare(self, sql: str) -> Statement:
        self.prepared.append(sql)
        return Statement(sql)


async def connect() -> Connection:
    return Connection()


async def refuse() -> Connection:
    raise OSError("no server")


async def test_the_connection_used_last_is_used_next() -> None:
    pool = await open_pool(connect, 2)
    first, second = await pool.take(), await pool.take()
    pool.give(first)
    pool.give(second)
    assert await pool.take() is second


async def test_who_waits_longest_is_served_first() -> None:
    pool = await open_pool(connect, 1)
    only = await pool.take()
    served: list[int] = []

    async def read(number: int) -> None:
        line = await pool.take()
        assert line is only
        served.append(number)
        pool.give(line)

    readers = [asyncio.ensure_future(read(number)) for number in range(3)]
    await asyncio.sleep(0)
    pool.give(only)
    await asyncio.gather(*readers)
    assert served == [0, 1, 2]
    assert pool.free == [only]


async def test_who_gives_up_loses_no_connection() -> None:
    """Neither before a connection is handed over, nor when it was handed over just then."""
    pool = await open_pool(connect, 1)
    only = await pool.take()
    patient, early, late = (asyncio.ensure_future(pool.take()) for _ in range(3))
    await asyncio.sleep(0)
    early.cancel()
    pool.give(only)
    assert await patient is only
    pool.give(only)
    late.cancel()  # in the turn in which it is handed over
    with pytest.raises(asyncio.CancelledError):
        await late
    with pytest.raises(asyncio.CancelledError):
        await early
    assert pool.free == [only]


async def test_a_lost_connection_is_opened_again_when_there_is_a_server() -> None:
    pool = Pool(refuse, [Line(Connection(closed=True), begun=True)])
    for _ in range(2):
        with pytest.raises(OSError, match="no server"):
            await pool.take()
    pool.connect = connect
    line = await pool.take()
    assert (line.connection.closed, line.begun) == (False, False)


async def test_closing_leaves_none_open() -> None:
    pool = await open_pool(connect, 2)
    lines = list(pool.free)
    await pool.close()
    assert [line.connection.closed for line in lines] == [True, True]
    assert pool.free == []


async def test_a_statement_is_prepared_once_on_each_connection() -> None:
    connection = Connection()
    line = Line(connection)
    for number in (1, 2):
        assert await line.row("a", [number]) == ("a", number)
    assert connection.prepared == ["a"]
    for number in range(STATEMENTS - 1):
        await line.row(f"b{number}", [])
        await line.row("a", [])
    assert len(line.statements) == STATEMENTS
    await line.row("one too many", [])
    assert len(line.statements) == STATEMENTS
    assert "b0" not in line.statements
    assert "a" in line.statements


async def test_a_connection_opened_again_has_nothing_prepared() -> None:
    pool = await open_pool(connect, 1)
    line = await pool.take()
    await line.row("a", [])
    line.connection.closed = True
    pool.give(line)
    assert pool.at_hand() is None
    line = await pool.take()
    await line.row("a", [])
    assert line.connection.prepared == ["a"]
