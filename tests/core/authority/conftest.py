"""Databases with random worlds to ask about, planted once."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.core.authority.agreement import Planted, planted_in
from zhoba.testing.databases import run_sql


@pytest.fixture(scope="session")
def planted_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    path = tmp_path_factory.mktemp("planted") / "zhoba.db"
    shutil.copy(sqlite_template, path)
    return planted_in(f"sqlite:///{path}")


@pytest.fixture(scope="session")
def planted_postgresql(postgres_database: str) -> Planted:
    server, _, template = postgres_database.rpartition("/")
    asyncio.run(run_sql(f'CREATE DATABASE "planted_{template}" TEMPLATE "{template}"'))
    return planted_in(f"{server}/planted_{template}")
