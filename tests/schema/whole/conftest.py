"""The platform with every plugin there is: the shipped ones, and that of inspections."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest

from zhoba.host.finding import GROUP
from zhoba.testing.databases import database_url, postgres_database, sqlite_template
from zhoba.testing.platform import installation, owners

__all__ = ["database_url", "installation", "owners", "postgres_database", "sqlite_template"]


@pytest.fixture(scope="session")
def plugin_modules() -> dict[str, str]:
    offers = {each.name: each.value for each in entry_points(group=GROUP)}
    return {**offers, "inspections": "tests.dummy_plugin.plugin"}
