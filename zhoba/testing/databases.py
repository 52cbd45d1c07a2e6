"""Databases for tests: every test that takes ``database`` runs on SQLite and on PostgreSQL.

The tables are those the migrations of ``owners`` make, a fixture of whoever uses this module. Each
process of the run keeps a PostgreSQL server of its own with one migrated database, emptied after
each test, and one SQLite file to copy.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import cast

import asyncpg
import pytest
from sqlalchemy import Table

from core.db.engine import Database
from core.hierarchy.project import Project
from core.tree.copied import differing
from migrations.run import Owner, migrate
from zhoba.testing.postgres import postgres_server

GIVEN = "ZHOBA_TEST_POSTGRES"
"""URL of a PostgreSQL server without a database name; set it to use one that runs already."""

PROJECT = cast("Table", Project.__table__)

started = ExitStack()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--db",
        choices=("sqlite", "postgresql", "both"),
        default="both",
        help="the databases to test on",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.add_cleanup(started.close)


@cache
def server_url() -> str:
    """URL of this process's PostgreSQL server, without a database name.

    It starts when the first test wants it. Processes do not share one: what is committed is told
    once all older transactions of the *server* have ended, so they would wait for each other.
    """
    given = os.environ.get(GIVEN)
    return given or started.enter_context(
        # Autovacuum would move the snapshots that tests look at.
        postgres_server(shared_buffers="64MB", max_connections="100", autovacuum="off")
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "dialect" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--db")
        dialects = ["sqlite", "postgresql"] if chosen == "both" else [chosen]
        metafunc.parametrize("dialect", dialects, scope="function")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, owners: Sequence[Owner]) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "zhoba.db"
    asyncio.run(migrate(f"sqlite:///{path}", owners))
    return path


@pytest.fixture(scope="session")
def postgres_database(owners: Sequence[Owner]) -> Iterator[str]:
    """A migrated PostgreSQL database that the tests of this worker take in turns."""
    name = f"worker_{uuid.uuid4().hex[:12]}"
    asyncio.run(run_sql(f'CREATE DATABASE "{name}"'))
    url = f"{server_url()}/{name}"
    asyncio.run(migrate(url, owners))
    yield url
    asyncio.run(run_sql(f'DROP DATABASE "{name}" WITH (FORCE)'))


async def empty_tables(url: str, tables: Iterable[str]) -> None:
    """Delete all rows and start all sequences again; far quicker than a copy of a template.

    Connections a test left behind are ended first, so that none of their locks is waited for.
    """
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        deletes = "".join(f'DELETE FROM "{name}";' for name in tables)
        await connection.execute(f"SET session_replication_role = replica; {deletes}")
        await connection.execute("SELECT setval(seqrelid, 1, false) FROM pg_sequence")
    finally:
        await connection.close()


async def run_sql(statement: str) -> None:
    """Run one statement in the server's maintenance database."""
    connection = await asyncpg.connect(f"{server_url()}/postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
def empty_database_url(dialect: str, tmp_path: Path) -> Iterator[str]:
    """URL of a database without any table."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    name = f"empty_{uuid.uuid4().hex[:12]}"
    asyncio.run(run_sql(f'CREATE DATABASE "{name}"'))
    yield f"{server_url()}/{name}"
    asyncio.run(run_sql(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
def database_url(
    dialect: str, tmp_path: Path, owners: Sequence[Owner], request: pytest.FixtureRequest
) -> Iterator[str]:
    """URL of a migrated, empty database that belongs to this test alone."""
    if dialect == "sqlite":
        path = tmp_path / "zhoba.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    url = request.getfixturevalue("postgres_database")
    yield url
    asyncio.run(empty_tables(url, {table for owner in owners for table in owner.tables}))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open, migrated, empty database. Whatever a test did, copies of nodes must be right."""
    opened = await Database.open(database_url)
    yield opened
    async with opened.reading_session() as session:
        assert await differing(session, PROJECT) == []
    await opened.close()
