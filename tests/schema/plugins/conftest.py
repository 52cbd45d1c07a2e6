"""The whole platform with the plugin of inspections."""

from __future__ import annotations

import pytest

from zhoba.testing.databases import (
    database,
    database_url,
    postgres_database,
    sqlite_template,
)
from zhoba.testing.platform import installation, owners, platform, tree

__all__ = [
    "database",
    "database_url",
    "installation",
    "owners",
    "platform",
    "postgres_database",
    "sqlite_template",
    "tree",
]


@pytest.fixture(scope="session")
def plugin_modules() -> dict[str, str]:
    return {"inspections": "tests.dummy_plugin.plugin"}
