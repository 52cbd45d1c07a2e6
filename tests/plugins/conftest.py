"""The whole platform with the plugin of inspections."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from zhoba.testing.databases import (
    database,
    database_url,
    postgres_database,
    sqlite_template,
)
from zhoba.testing.platform import (
    Member,
    Platform,
    Tree,
    installation,
    owners,
    platform,
    tree,
)

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


@dataclass
class Staff:
    """Who acts in the tests: the head of a group, the manager and the inspector of its project."""

    head: Member
    manager: Member
    inspector: Member


@pytest.fixture
async def staff(platform: Platform, tree: Tree) -> Staff:
    """The people of the first region, where the plugin is on."""
    await platform.enable(tree.here.region)
    return Staff(
        await platform.person("pg_head", tree.here.group, "Head Aigul"),
        await platform.person("project_manager", tree.here.project, "Manager Berik"),
        await platform.person("inspections_inspector", tree.here.project, "Inspector Daniyar"),
    )
