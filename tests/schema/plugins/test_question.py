"""Which plugins there are, what each adds, and where it is on."""

from __future__ import annotations

from typing import Any

import pytest

from core.plugins.installed_plugin import InstalledPlugin
from tests.conftest import NOW
from zhoba.host.installation import Installation
from zhoba.host.loading import load_installation
from zhoba.testing.platform import Platform, Tree

pytestmark = pytest.mark.anyio

ALL = """{ plugins {
  id version state stage reason title kk: title(lang: KK) requires permissions roles types
  rootFields enabledIn { region code name pluginRegion }
} }"""

NO_FAULTS = "{ plugins { id state stage reason title settingsSchema enabledIn { code } } }"


@pytest.fixture(scope="session")
def installation(plugin_modules: dict[str, str]) -> Installation:
    """Inspections, and one whose module is missing."""
    return load_installation({**plugin_modules, "broken": "tests.no_such_module"})


async def plugins(platform: Platform, document: str, **by: Any) -> dict[str, Any]:
    data = await platform.read(document, **by)
    return {each.pop("id"): each for each in data["plugins"]}


async def test_a_running_plugin_says_what_it_adds_and_where_it_is_on(
    platform: Platform, tree: Tree
) -> None:
    assert (await plugins(platform, ALL))["inspections"]["enabledIn"] == []
    await platform.enable(tree.there.region)
    await platform.enable(None)
    found = (await plugins(platform, ALL))["inspections"]
    assert found == {
        "version": "1.0.0",
        "state": "LOADED",
        "stage": None,
        "reason": None,
        "title": "Inspections",
        "kk": "Тексерулер",
        "requires": [],
        "permissions": ["inspections.plan", "inspections.read", "inspections.record"],
        "roles": ["inspections_inspector"],
        "types": ["InspectionsFollowUp", "InspectionsInspection"],
        "rootFields": [
            "inspectionsInspection",
            "inspectionsInspectionRecorded",
            "inspectionsInspections",
            "inspectionsPlan",
            "inspectionsRecord",
            "inspectionsRound",
        ],
        "enabledIn": [
            {"region": None, "code": None, "name": None, "pluginRegion": "PluginRegion:2"},
            {
                "region": f"Region:{tree.there.region.id}",
                "code": "KZ-11",
                "name": "KZ-11",
                "pluginRegion": "PluginRegion:1",
            },
        ],
    }
    await platform.disable(tree.there.region)
    places = (await plugins(platform, ALL))["inspections"]["enabledIn"]
    assert [place["code"] for place in places] == [None]


async def test_its_settings_are_described_by_their_schema(platform: Platform, tree: Tree) -> None:
    found = (await plugins(platform, NO_FAULTS))["inspections"]["settingsSchema"]
    assert sorted(found["properties"]) == ["days_to_mend", "days_until_overdue"]
    assert found["properties"]["days_to_mend"]["default"] == 30


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        (None, False),
        ("program_manager", False),
        ("regional_administrator", True),
        ("national_administrator", True),
        ("operator", True),
    ],
)
async def test_why_one_failed_is_for_who_may_switch_or_install(
    platform: Platform, tree: Tree, role: str | None, shown: bool
) -> None:
    at_body = role in ("program_manager", "regional_administrator")
    node = tree.here.body if at_body else tree.country
    reader = await platform.person(role, node) if role else None
    found = (await plugins(platform, NO_FAULTS, by=reader))["broken"]
    assert (found["state"], found["title"], found["settingsSchema"]) == ("FAILED", None, None)
    assert (found["stage"], found["reason"] is not None) == ("IMPORT" if shown else None, shown)


async def test_a_plugin_whose_package_is_gone_is_named(platform: Platform, tree: Tree) -> None:
    async with platform.arranging() as session:
        session.add(
            InstalledPlugin(
                plugin="gone", version="0.9", prefix="gone", requires=[], tables=[], roles=[],
                permissions=[], installed_at=NOW, updated_at=NOW,
            )
        )  # fmt: skip
    found = await plugins(platform, ALL)
    assert list(found) == ["inspections", "broken", "gone"]
    assert (found["gone"]["state"], found["gone"]["version"]) == ("VANISHED", "0.9")
