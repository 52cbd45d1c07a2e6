"""Databases for tests: every test that takes ``database`` runs on SQLite and on PostgreSQL.

The tables are those the migrations make. One PostgreSQL server serves the whole run; each worker
keeps a migrated template, and each test gets a copy of its own.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from core.db.engine import Database
from migrations.run import migrate
from zhoba.testing.postgres import postgres_server

SERVER = "ZHOBA_TEST_POSTGRES"
"""URL of a PostgreSQL server without a database name; set it to use one that runs already."""

NOW = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
"""The moment at which tests happen: a Monday, 11:30 in Almaty."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=("sqlite", "postgresql", "both"), default="both")


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL once, in the process that starts the workers."""
    if hasattr(config, "workerinput") or SERVER in os.environ or config.option.collectonly:
        return
    if config.getoption("--db") != "sqlite":
        stack = ExitStack()
        os.environ[SERVER] = stack.enter_context(postgres_server())
        config.add_cleanup(stack.close)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def now() -> datetime:
    return NOW


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "dialect" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--db")
        dialects = ["sqlite", "postgresql"] if chosen == "both" else [chosen]
        metafunc.parametrize("dialect", dialects, scope="function")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "zhoba.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The name of a migrated PostgreSQL database to copy."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    asyncio.run(run_sql(f'CREATE DATABASE "{name}"'))
    asyncio.run(migrate(f"{os.environ[SERVER]}/{name}"))
    yield name
    asyncio.run(run_sql(f'DROP DATABASE "{name}" WITH (FORCE)'))


async def run_sql(statement: str) -> None:
    """Run one statement in the server's maintenance database."""
    connection = await asyncpg.connect(f"{os.environ[SERVER]}/postgres")
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
    yield f"{os.environ[SERVER]}/{name}"
    asyncio.run(run_sql(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
def database_url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of a migrated, empty database that belongs to this test alone."""
    if dialect == "sqlite":
        path = tmp_path / "zhoba.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template = request.getfixturevalue("postgres_template")
    name = f"test_{uuid.uuid4().hex[:12]}"
    asyncio.run(run_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    yield f"{os.environ[SERVER]}/{name}"
    asyncio.run(run_sql(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open, migrated, empty database."""
    opened = await Database.open(database_url)
    yield opened
    await opened.close()
