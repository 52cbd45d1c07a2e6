"""The database: an engine, and transactions that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from functools import partial
from typing import Any, Literal, cast

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.util import await_

from core.db.lookup import Lookups

Dialect = Literal["sqlite", "postgresql"]

BUSY_TIMEOUT_MS = 5000
"""How long a SQLite writer waits for another before giving up."""

WAL_PAUSE = 0.01
"""Seconds until SQLite is asked again to write ahead, after it refused because of another."""


class Database:
    """An open database. Make one with :meth:`open`, and :meth:`close` it."""

    def __init__(self, url: str, engine: AsyncEngine) -> None:
        self.url = url
        self.engine = engine
        self.dialect = cast("Dialect", engine.dialect.name)
        self.session = async_sessionmaker(engine, expire_on_commit=False, class_=AsyncSession)
        reading = engine.execution_options(zhoba_reads_only=True)
        self.reading_session = async_sessionmaker(
            reading, expire_on_commit=False, class_=AsyncSession
        )
        self.lookups = Lookups(engine, partial(open_sqlite_reader, url))

    @classmethod
    async def open(cls, url: str, *, pool_size: int = 10) -> Database:
        """Open ``sqlite:///path`` or ``postgresql://user:password@host/name``.

        Raises :class:`ValueError` for any other kind of database.
        """
        return cls(url, create_engine_for(url, pool_size=pool_size))

    async def close(self) -> None:
        self.lookups.close()
        await self.engine.dispose()


def async_url(url: str) -> str:
    """``url`` with the asynchronous driver of its database."""
    parsed = make_url(url)
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}.get(
        parsed.get_backend_name()
    )
    if driver is None:
        raise ValueError(f"Zhoba runs on sqlite and postgresql, not on {parsed.drivername}")
    return parsed.set(drivername=driver).render_as_string(hide_password=False)


def create_engine_for(url: str, *, pool_size: int = 10) -> AsyncEngine:
    """An engine whose SQLite connections behave (WAL, foreign keys, explicit BEGIN IMMEDIATE)."""
    target = async_url(url)
    if target.startswith("postgresql"):
        return create_async_engine(
            target,
            pool_size=pool_size,
            max_overflow=pool_size,
            # The planner writes dates into answers as PostgreSQL does.
            connect_args={"server_settings": {"application_name": "zhoba", "datestyle": "ISO"}},
        )
    # Threads never use a connection at once, but `core.db.direct` asks without changing threads.
    arguments = {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
    engine = create_async_engine(target, connect_args=arguments)
    event.listen(engine.sync_engine, "connect", prepare_sqlite_connection)
    event.listen(engine.sync_engine, "begin", begin_immediate)
    return engine


def prepare_sqlite_connection(connection: Any, _record: object = None) -> None:
    """Pragmas of every SQLite connection.

    ``isolation_level = None`` stops the driver from opening transactions by itself: it opens them
    deferred, and two deferred writers lose updates (1 407 of 1 600 in a trial).
    """
    connection.isolation_level = None
    cursor = connection.cursor()
    write_ahead(cursor)
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.close()


def write_ahead(cursor: Any) -> None:
    """Let readers and a writer of this database file go on beside each other.

    The first to ask turns the file to that, for good. SQLite refuses whoever asks meanwhile at
    once, whatever its busy timeout; it is asked again until that is over.

    Raises :class:`sqlite3.OperationalError` when the file stays locked for :data:`BUSY_TIMEOUT_MS`.
    """
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > until:
                raise
        await_(asyncio.sleep(WAL_PAUSE))


def is_busy(error: sqlite3.OperationalError) -> bool:
    """Whether somebody else holds a lock; the code's higher bits say which one."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def begin_immediate(connection: Any) -> None:
    """Take SQLite's write lock at the start; readers in WAL mode are not blocked by it.

    ``Database.reading_session`` takes none, so a sign-in never waits for a writer.
    """
    reads_only = connection.get_execution_options().get("zhoba_reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def open_sqlite_reader(url: str) -> sqlite3.Connection:
    """A plain read-only connection for short reads, without an event-loop hop."""
    path = make_url(url).database
    if not path or path == ":memory:":
        raise ValueError("reads need a database file: ZHOBA_DATABASE_URL=sqlite:///path")
    connection = sqlite3.connect(
        f"file:{path}?mode=ro", uri=True, check_same_thread=False, isolation_level=None
    )
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    return connection
