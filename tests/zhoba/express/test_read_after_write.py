"""What one process writes, every process reads next."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from bench.read_after_write import check, fill
from core.db.engine import Database
from tests.zhoba.conftest import client_of
from zhoba.settings import Settings


async def test_no_answer_is_older_than_the_last_write(
    open_app: Callable[[Settings], Any], settings: Settings, database: Database, dialect: str
) -> None:
    apps = [await open_app(settings) for _ in range(2)]
    headers, regions = await fill(database.url, settings)
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(client_of(app, settings)) for app in apps]
        checked = await check(servers, headers, regions[:3], 50)
    assert (checked.checks, checked.stale) == (60, 0)
    for app in apps:
        express = app.state.express
        assert express.answered >= 30
        # A PostgreSQL that others write to as well may let no answer be kept.
        assert express.answers.hits > 0 or dialect == "postgresql"
