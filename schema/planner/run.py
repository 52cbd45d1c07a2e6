"""Running finished statements: connections for reading, and one snapshot per request.

Pure reads have connections of their own beside SQLAlchemy's pool (129 µs a statement against 350).
On SQLite short reads run where they are, on one connection; costly ones go to a thread.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, Protocol

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.engine import Dialect, open_sqlite_reader
from schema.planner.plan import Ready
from schema.planner.pool import Line, Pool, open_pool

SHORT_COST = 200
"""Objects a SQLite read may put together inside the event loop, unless it scans a list; about
5 ms. Product default."""

NEAR_CACHE_KIB = 24 * 1024
"""Memory for pages of the database that short reads meet. By default SQLite has two megabytes, and
reads most of what an object consists of from the file again: a sixth of the time of a short read.
Product default."""

THREAD_CONNECTIONS = 4

GRACE_S = 5.0
"""How much longer than its request PostgreSQL lets a statement run, should nobody have ended it."""

INTERRUPT_AGAIN_S = 0.02
"""An interrupt between two statements of SQLite stops neither, so it is repeated."""

Listener = list[str]

_listener: ContextVar[Listener | None] = ContextVar("planner_statements", default=None)


@contextmanager
def statements() -> Iterator[Listener]:
    """Collects the text of every statement the planner runs inside the block.

    Tests count them: one for each root field, however many items its lists have.
    """
    heard: Listener = []
    token = _listener.set(heard)
    try:
        yield heard
    finally:
        _listener.reset(token)


def heard(ready: Sequence[Ready]) -> None:
    listener = _listener.get()
    if listener is not None:
        listener += [one.plan.sql for one in ready]


class Reads(Protocol):
    """Connections for reading."""

    @property
    def dialect(self) -> Dialect: ...

    @property
    def version(self) -> int:
        """The database's: 18 of PostgreSQL 18.4, 3 of SQLite."""

    async def run(self, ready: Sequence[Ready]) -> list[str]:
        """The answers of the statements as JSON text, all from one snapshot."""

    async def run_under(self, ready: Sequence[Ready]) -> tuple[list[bytes], str | None]:
        """The same in UTF-8, and that snapshot; SQLite does not tell."""

    async def close(self) -> None: ...


async def open_reads(url: str, *, pool_size: int = 10, seconds: float = 10.0) -> Reads:
    """Connections for reading the database at ``url``, opened now rather than when needed.

    ``seconds`` is how long a request may take.

    Raises :class:`ValueError` for a SQLite database that is no file.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return SqliteReads(url)
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    pool = await open_pool(partial(connect, dsn, seconds), pool_size)
    return PostgresReads(pool, pool.free[0].connection.get_server_version().major)


async def connect(dsn: str, seconds: float) -> asyncpg.Connection:
    """A connection that only reads, and hands texts on as they come."""
    connection = await asyncpg.connect(
        dsn,
        # asyncpg leaves statements of over 15 KB unprepared by default.
        max_cacheable_statement_size=0,
        server_settings={
            "application_name": "zhoba reads",
            "default_transaction_read_only": "on",
            "statement_timeout": str(round((seconds + GRACE_S) * 1000)),
            # What a cancelled reader left would hold the tables until the connection is used again.
            "idle_in_transaction_session_timeout": str(round(GRACE_S * 1000)),
            "jit": "off",
            "datestyle": "ISO",
            # A statement with authority inside takes longer to plan (90 ms) than to run.
            "plan_cache_mode": "force_generic_plan",
        },
    )
    await connection.set_type_codec(
        "text", schema="pg_catalog", encoder=str.encode, decoder=bytes, format="binary"
    )
    return connection


async def rows_of(ready: Sequence[Ready], line: Line) -> list[Any]:
    """The row each statement returns."""
    return [await line.row(one.plan.sql, one.positional) for one in ready]


class PostgresReads:
    """A pool of connections that only read."""

    dialect: Dialect = "postgresql"

    def __init__(self, pool: Pool, version: int) -> None:
        self.pool = pool
        self.version = version

    async def run(self, ready: Sequence[Ready]) -> list[str]:
        return decoded((await self.run_under(ready))[0])

    async def run_under(self, ready: Sequence[Ready]) -> tuple[list[bytes], str | None]:
        """One statement is a snapshot by itself; several share a transaction."""
        if len(ready) != 1:
            return await self.run_together(ready)
        heard(ready)
        pool = self.pool
        line = pool.at_hand() or await pool.take()
        try:
            if line.begun:
                await line.settle()
            row = await line.row(ready[0].plan.sql, ready[0].positional)
        finally:
            pool.give(line)
        return [row[0]], None if len(row) == 1 else row[1].decode()

    async def run_together(self, ready: Sequence[Ready]) -> tuple[list[bytes], str | None]:
        """:meth:`run_under` for none, or for several."""
        heard(ready)
        if not ready:
            return [], None
        line = self.pool.at_hand() or await self.pool.take()
        try:
            await line.settle()
            rows = await line.together(partial(rows_of, ready, line))
        finally:
            self.pool.give(line)
        return [row[0] for row in rows], None if len(rows[0]) == 1 else rows[0][1].decode()

    async def close(self) -> None:
        await self.pool.close()


class SqliteReads:
    """One connection for the event loop, and a few for threads."""

    dialect: Dialect = "sqlite"
    version = sqlite3.sqlite_version_info[0]

    def __init__(self, url: str) -> None:
        self.url = url
        self.near = open_sqlite(url)
        self.near.execute(f"PRAGMA cache_size = -{NEAR_CACHE_KIB}")
        self.far: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        self.opened = [self.near]
        self.places = asyncio.Semaphore(THREAD_CONNECTIONS)
        self.running: dict[asyncio.Future[list[bytes]], sqlite3.Connection] = {}
        """What threads read at the moment, whether anybody waits for it or not."""

    async def run(self, ready: Sequence[Ready]) -> list[str]:
        return decoded((await self.run_under(ready))[0])

    async def run_under(self, ready: Sequence[Ready]) -> tuple[list[bytes], str | None]:
        """Short reads are done where they are."""
        if is_short(ready):
            return self.read_near(ready), None
        heard(ready)
        return await self.read_far(ready), None

    def read_near(self, ready: Sequence[Ready]) -> list[bytes]:
        """The answers of short statements, read where we are."""
        heard(ready)
        return read_sqlite(self.near, ready)

    async def read_far(self, ready: Sequence[Ready]) -> list[bytes]:
        """The answers, read in a thread."""
        async with self.places:
            connection = self.take()
            loop = asyncio.get_running_loop()
            reading = loop.run_in_executor(None, read_sqlite, connection, ready)
            self.running[reading] = connection
            reading.add_done_callback(self.ended)
            try:
                return await asyncio.shield(reading)
            except asyncio.CancelledError:
                await self.stop(reading)  # nobody waits for the answer any more
                raise

    def ended(self, reading: asyncio.Future[list[bytes]]) -> None:
        """Let others have the connection, which no thread uses any more."""
        reading.exception()  # which is nobody's if nobody waited
        self.far.put(self.running.pop(reading))

    async def stop(self, reading: asyncio.Future[list[bytes]]) -> None:
        """Stop what a thread reads, and wait until it has stopped. Whoever is cancelled meanwhile
        leaves the thread its connection."""
        while not reading.done():
            self.running[reading].interrupt()
            await asyncio.wait([reading], timeout=INTERRUPT_AGAIN_S)

    def take(self) -> sqlite3.Connection:
        try:
            return self.far.get_nowait()
        except queue.Empty:
            self.opened.append(open_sqlite(self.url))
            return self.opened[-1]

    async def close(self) -> None:
        """Close all connections, after whatever is still read: to close one in the middle of a
        statement would take the process along."""
        for reading in [*self.running]:
            await self.stop(reading)
        for connection in self.opened:
            connection.close()


def open_sqlite(url: str) -> sqlite3.Connection:
    """A connection that only reads, and hands texts on as they come."""
    connection = open_sqlite_reader(url)
    connection.text_factory = bytes
    return connection


def decoded(texts: Sequence[bytes]) -> list[str]:
    return [text.decode() for text in texts]


def is_short(ready: Sequence[Ready]) -> bool:
    """Whether statements are done before a thread would have begun with them."""
    cost = 0
    for one in ready:
        plan = one.plan
        if plan.scans:
            return False
        cost += plan.cost
    return cost <= SHORT_COST


def read_sqlite(connection: sqlite3.Connection, ready: Sequence[Ready]) -> list[bytes]:
    """Run statements in one deferred transaction, which is one snapshot."""
    if len(ready) == 1:
        return [fetch(connection, ready[0])]
    connection.execute("BEGIN DEFERRED")
    try:
        return [fetch(connection, one) for one in ready]
    finally:
        connection.execute("ROLLBACK")


def fetch(connection: sqlite3.Connection, ready: Ready) -> bytes:
    text: bytes = connection.execute(ready.plan.sql, ready.parameters).fetchone()[0]
    return text


async def run_inside(session: AsyncSession, ready: Ready) -> str:
    """Run a statement on a session's connection, where it sees what the session has flushed."""
    heard([ready])
    connection = await session.connection()
    parameters: Any = (
        ready.parameters if ready.plan.dialect == "sqlite" else tuple(ready.positional)
    )
    result = await connection.exec_driver_sql(ready.plan.sql, parameters)
    text: str = result.scalar_one()
    return text
