"""Databases to measure on: a SQLite file, and a PostgreSQL server of our own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from migrations.run import migrate
from zhoba.testing.postgres import postgres_server

DIALECTS = ("sqlite", "postgresql")


@contextmanager
def empty_databases(folder: Path, dialects: Sequence[str]) -> Iterator[dict[str, str]]:
    """Migrated databases without rows, by dialect."""
    urls: dict[str, str] = {}
    if "sqlite" in dialects:
        urls["sqlite"] = f"sqlite:///{folder / 'bench.db'}"
        asyncio.run(migrate(urls["sqlite"]))
    if "postgresql" not in dialects:
        yield urls
        return
    with postgres_server() as server:

        async def create() -> None:
            connection = await asyncpg.connect(f"{server}/postgres")
            await connection.execute("CREATE DATABASE bench")
            await connection.close()

        asyncio.run(create())
        urls["postgresql"] = f"{server}/bench"
        asyncio.run(migrate(urls["postgresql"]))
        yield urls
