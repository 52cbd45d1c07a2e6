"""The acts on plugins, as an administrator of a region sends them."""

from __future__ import annotations

from typing import Any

import pytest

from zhoba.testing.platform import Member, Platform, Tree

pytestmark = pytest.mark.anyio

SHOWN = "pluginRegion { plugin enabled settings version region { code } }"
REGIONS = """{ pluginRegions { nodes { plugin enabled region { code } settings version } } }"""
HISTORY = """
  query ($id: ID!) {
    pluginRegion(id: $id) {
      history { nodes { act reason settings person { fullName } pluginRegion { plugin } } }
    }
  }
"""
SETTINGS = """
  mutation ($input: EnablePluginInput!) {
    enablePlugin(input: $input) {
      pluginRegion { id } userErrors { code field params message }
    }
  }
"""


def region_id(area: Any) -> str:
    return f"Region:{area.region.id}"


@pytest.fixture
async def admin(platform: Platform, tree: Tree) -> Member:
    return await platform.person("regional_administrator", tree.here.body, "Admin Saule")


async def test_an_administrator_switches_on_sets_and_switches_off(
    platform: Platform, tree: Tree, admin: Member
) -> None:
    here = {"plugin": "inspections", "regionId": region_id(tree.here)}
    on = await platform.done(
        "enablePlugin", SHOWN, by=admin, **here, settings={"days_until_overdue": 7}
    )
    assert on == {
        "plugin": "inspections",
        "enabled": True,
        "settings": {"days_until_overdue": 7},
        "version": 1,
        "region": {"code": "KZ-10"},
    }
    changed = await platform.done(
        "changePluginSettings",
        "pluginRegion { id settings version }",
        by=admin,
        **here,
        settings={"days_to_mend": 3},
        expectedVersion=1,
    )
    assert (changed["settings"], changed["version"]) == ({"days_to_mend": 3}, 2)
    off = await platform.done("disablePlugin", SHOWN, by=admin, **here, reason="Not this year")
    assert (off["enabled"], off["settings"]) == (False, {"days_to_mend": 3})
    data = await platform.read(HISTORY, {"id": changed["id"]}, by=admin)
    by_admin = {"person": {"fullName": "Admin Saule"}, "pluginRegion": {"plugin": "inspections"}}
    assert data["pluginRegion"]["history"]["nodes"] == [
        {"act": "DISABLED", "reason": "Not this year", "settings": {"days_to_mend": 3}, **by_admin},
        {"act": "SETTINGS_CHANGED", "reason": None, "settings": {"days_to_mend": 3}, **by_admin},
        {"act": "ENABLED", "reason": None, "settings": {"days_until_overdue": 7}, **by_admin},
    ]


async def test_an_administrator_reaches_no_other_region(
    platform: Platform, tree: Tree, admin: Member
) -> None:
    for given in ({"regionId": region_id(tree.there)}, {}):
        code = await platform.failure(
            "enablePlugin", SHOWN, by=admin, plugin="inspections", **given
        )
        assert code == "FORBIDDEN"
    await platform.enable(tree.there.region, {"days_to_mend": 5})
    await platform.enable(None)
    there = {"plugin": "inspections", "regionId": region_id(tree.there)}
    assert await platform.failure("disablePlugin", SHOWN, by=admin, **there, reason="no") == (
        "FORBIDDEN"
    )
    answer = await platform.ask(REGIONS, by=admin)
    assert answer["data"]["pluginRegions"]["nodes"] == [
        {
            "plugin": "inspections",
            "enabled": True,
            "region": {"code": "KZ-11"},
            "settings": None,
            "version": 1,
        },
        {"plugin": "inspections", "enabled": True, "region": None, "settings": None, "version": 1},
    ]
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"] * 2


async def test_everybody_sees_where_a_plugin_is_on_and_nobody_else_its_history(
    platform: Platform, tree: Tree, admin: Member
) -> None:
    await platform.enable(tree.here.region)
    where = "{ pluginRegions { nodes { id enabled history { totalCount } } } }"
    count = {}
    for name, reader in {"admin": admin, "anonymous": None}.items():
        (row,) = (await platform.read(where, by=reader))["pluginRegions"]["nodes"]
        assert row["enabled"] is True
        count[name] = row["history"]["totalCount"]
    assert count == {"admin": 1, "anonymous": 0}


async def test_every_wrong_setting_is_named(platform: Platform, tree: Tree, admin: Member) -> None:
    given = {
        "plugin": "inspections",
        "regionId": region_id(tree.here),
        "settings": {"days_until_overdue": 0, "days": 1},
    }
    data = await platform.read(SETTINGS, {"input": given}, by=admin)
    faults = [
        "days_until_overdue: Input should be greater than or equal to 1",
        "days: Extra inputs are not permitted",
    ]
    assert data["enablePlugin"] == {
        "pluginRegion": None,
        "userErrors": [
            {
                "code": "PLUGIN_SETTINGS_WRONG",
                "field": ["settings"],
                "params": {"plugin": "inspections", "faults": faults},
                "message": "These settings of the plugin inspections will not do: "
                f"{', '.join(faults)}.",
            }
        ],
    }
    assert (await platform.read(REGIONS))["pluginRegions"]["nodes"] == []


@pytest.mark.parametrize("settings", [[], "days", 5])
async def test_settings_are_an_object(
    platform: Platform, tree: Tree, admin: Member, settings: Any
) -> None:
    code = await platform.refused(
        "enablePlugin",
        SHOWN,
        by=admin,
        plugin="inspections",
        regionId=region_id(tree.here),
        settings=settings,
    )
    assert code == "OBJECT_EXPECTED"
