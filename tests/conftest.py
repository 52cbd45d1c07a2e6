"""Databases for tests, with the core's tables; see :mod:`zhoba.testing.databases`."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import EntryPoint, entry_points

import pytest

from migrations.run import CORE, Owner
from zhoba.host import finding
from zhoba.testing.databases import (
    anyio_backend,
    database,
    database_url,
    empty_database_url,
    postgres_database,
    pytest_addoption,
    pytest_configure,
    pytest_generate_tests,
    sqlite_template,
)

__all__ = [
    "anyio_backend",
    "database",
    "database_url",
    "empty_database_url",
    "owners",
    "postgres_database",
    "pytest_addoption",
    "pytest_configure",
    "pytest_generate_tests",
    "sqlite_template",
]

gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long starts first, so that no worker is left alone with it in the end."""
    items.sort(key=lambda item: item.get_closest_marker("early") is None)


def pytest_collection_finish() -> None:
    """What is imported by now stays: looking for garbage in it again and again took a quarter of
    the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


NOW = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
"""The moment at which tests happen: a Monday, 11:30 in Almaty."""


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def owners() -> Sequence[Owner]:
    """Whose tables the databases have: the core's."""
    return (CORE,)


@pytest.fixture(scope="session", autouse=True)
def no_shipped_plugins() -> Iterator[None]:
    """The plugins that come with Zhoba count as not installed: tests say which ones they want."""

    def of_others(*, group: str) -> list[EntryPoint]:
        found = entry_points(group=group)
        return [each for each in found if each.dist is None or each.dist.name != "zhoba"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finding, "entry_points", of_others)
        yield
