"""Databases in which plugins may have tables."""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from zhoba.testing.databases import SERVER, run_sql


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
    yield f"{os.environ[SERVER]}/{name}"
    asyncio.run(run_sql(f'DROP DATABASE "{name}" WITH (FORCE)'))
