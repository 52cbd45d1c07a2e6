"""The application, in process, over the test database."""

from __future__ import annotations

import asyncio
import io
import logging
import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import strawberry
import structlog
from starlette.applications import Starlette

from tests.zhoba.small_schema import small_schema
from zhoba.app import build_app
from zhoba.logs import configure_logs
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token
from zhoba.testing.databases import run_sql, server_url


class Client(httpx.AsyncClient):
    """A client of the application; ``query`` posts a document and gives back the JSON answer."""

    settings: Settings

    async def query(
        self,
        document: str,
        variables: dict[str, Any] | None = None,
        *,
        account: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        return (await self.send_query(document, variables, account=account, headers=headers)).json()

    async def send_query(
        self,
        document: str,
        variables: dict[str, Any] | None = None,
        *,
        account: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        given = dict(headers or {})
        if account is not None:
            token = own_token(self.settings, account, datetime.now(UTC))
            given["Authorization"] = f"Bearer {token}"
        body = {"query": document, "variables": variables}
        return await self.post("/graphql", json=body, headers=given)


@pytest.fixture(autouse=True)
def log_lines(tmp_path: Path) -> Iterator[io.StringIO]:
    """Everything logged during the test, as the server would write it."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    lines = io.StringIO()
    configure_logs(Settings(data_dir=tmp_path, log_level="debug"), lines)
    yield lines
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=database_url, data_dir=tmp_path / "data", language="en")


@pytest.fixture
def schema() -> strawberry.Schema:
    """The schema the application serves; a module of tests may bring its own."""
    return small_schema()


@pytest.fixture
def database_first(request: pytest.FixtureRequest) -> None:
    """The database of the test, so that it is emptied after the applications over it have ended."""
    if "database_url" in request.fixturenames:
        request.getfixturevalue("database_url")


@pytest.fixture
async def open_app(
    database_first: None,
    schema: strawberry.Schema,
) -> AsyncIterator[Callable[[Settings], Any]]:
    """Open an application with settings of one's own; closed when the test ends."""
    async with AsyncExitStack() as stack:

        async def open_one(settings: Settings) -> Starlette:
            app = build_app(settings, schema)
            await stack.enter_async_context(app.router.lifespan_context(app))
            return app

        yield open_one


@pytest.fixture
async def app(open_app: Callable[[Settings], Any], settings: Settings) -> Starlette:
    opened: Starlette = await open_app(settings)
    return opened


@pytest.fixture
async def client(app: Starlette, settings: Settings) -> AsyncIterator[Client]:
    async with client_of(app, settings) as opened:
        yield opened


def client_of(app: Starlette, settings: Settings) -> Client:
    """A client of an application."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    client = Client(transport=transport, base_url="http://zhoba.test")
    client.settings = settings
    return client


@pytest.fixture
def plugin_database_url(
    dialect: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """URL of a migrated, empty database that goes away with all its tables."""
    if dialect == "sqlite":
        path = tmp_path / "plugins.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template = request.getfixturevalue("postgres_database").rpartition("/")[2]
    name = f"plugins_{uuid.uuid4().hex[:12]}"
    asyncio.run(run_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    yield f"{server_url()}/{name}"
    asyncio.run(run_sql(f'DROP DATABASE "{name}" WITH (FORCE)'))
