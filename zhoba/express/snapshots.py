"""The database's snapshot: a text that changes whenever anything has been committed.

What was read under a snapshot is still true while the snapshot is the same, whoever writes, in
whichever process, through Zhoba or past it. It may change without a reason (PostgreSQL counts
transactions that changed nothing, or were rolled back); it never stays the same when there was one.
"""

from __future__ import annotations

import asyncio
import contextvars
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Protocol

import asyncpg
from sqlalchemy.engine import make_url

from core.db.engine import open_sqlite_reader
from zhoba.logs import log

CURRENT = "SELECT pg_current_snapshot()::text"

PATIENCE = 5.0
"""Seconds for which an answer of the database is waited for."""


Listener = Callable[[str | None], None]
"""Is told the snapshot, or nothing when the database is away."""


def ended(snapshot: str) -> str:
    """Which transactions have ended in a snapshot of PostgreSQL: all before a number, but for some.

    The text of a snapshot (``xmin:xmax:xip_list``) changes when a transaction begins to write,
    of which nothing is to be seen, and again when it is committed. This changes only then.
    """
    oldest, before, running = snapshot.split(":")
    if not running:
        # A standby names nobody who runs.
        return before if oldest == before else snapshot
    first, others = int(before), [int(number) for number in running.split(",")]
    while others and others[-1] == first - 1:
        first = others.pop()
    return ":".join(str(number) for number in (first, *others))


class Snapshots(Protocol):
    """Where the snapshot of this moment is asked for; ``latest`` is the last that was told, where
    telling takes its time."""

    latest: str | None

    def now(self) -> Awaitable[str]:
        """The snapshot, taken after this was called.

        Raises what the driver raises when the database is away.
        """

    def tell(self, listener: Listener) -> None:
        """The same for who does not wait for it; may be told before this ends."""

    async def close(self) -> None: ...


async def open_snapshots(url: str) -> Snapshots:
    """Snapshots of the database at ``url``, over a connection of their own."""
    if make_url(url).get_backend_name() == "sqlite":
        return SqliteSnapshots(open_sqlite_reader(url))
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return PostgresSnapshots(dsn)


def inform(listener: Listener, found: str | None) -> None:
    """Tell a listener; its fault is not that of others who wait."""
    try:
        listener(found)
    except Exception as error:
        log.error("failed", exc_info=error)


class SqliteSnapshots:
    """SQLite counts commits of other connections; this one never writes and never holds a read
    transaction, in which the count would stand still."""

    latest: str | None = None

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.cursor = connection.cursor()

    def look(self) -> str:
        ((version,),) = self.cursor.execute("PRAGMA data_version").fetchall()
        return str(version)

    async def now(self) -> str:
        return self.look()

    def tell(self, listener: Listener) -> None:
        try:
            found = self.look()
        except sqlite3.Error:
            inform(listener, None)
        else:
            inform(listener, found)

    async def close(self) -> None:
        self.connection.close()


class PostgresSnapshots:
    """One round trip answers everybody who asked before it was sent."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.latest: str | None = None
        self.connection: asyncpg.Connection | None = None
        self.waiting: list[asyncio.Future[str]] = []
        self.listeners: list[Listener] = []
        self.asking: asyncio.Task[None] | None = None

    def now(self) -> Awaitable[str]:
        waiter: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.waiting.append(waiter)
        self.ask()
        return waiter

    def tell(self, listener: Listener) -> None:
        self.listeners.append(listener)
        self.ask()

    def ask(self) -> None:
        """Ask, unless that is under way; in nobody's context, for it is done for all."""
        if self.asking is None:
            loop = asyncio.get_running_loop()
            self.asking = loop.create_task(self._ask(), context=contextvars.Context())

    async def _ask(self) -> None:
        try:
            while self.waiting or self.listeners:
                asked, self.waiting = self.waiting, []
                listeners, self.listeners = self.listeners, []
                found: str | None = None
                try:
                    async with asyncio.timeout(PATIENCE):
                        found = await self._fetch()
                except asyncio.CancelledError:
                    for waiter in asked:
                        waiter.cancel()
                    raise
                except Exception as error:
                    for waiter in asked:
                        if not waiter.done():
                            waiter.set_exception(error)
                else:
                    for waiter in asked:
                        if not waiter.done():
                            waiter.set_result(found)
                finally:
                    for listener in listeners:
                        inform(listener, found)
        finally:
            self.asking = None

    async def _fetch(self) -> str:
        if self.connection is None or self.connection.is_closed():
            self.connection = await asyncpg.connect(
                self.dsn,
                server_settings={"application_name": "zhoba snapshots"},
            )
        self.latest = ended(await self.connection.fetchval(CURRENT))
        return self.latest

    async def close(self) -> None:
        if self.asking is not None:
            self.asking.cancel()
            await asyncio.gather(self.asking, return_exceptions=True)
        if self.connection is not None:
            self.connection.terminate()
