"""Acts of a plugin happen only where the plugin is on, and tell nothing that is hidden."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugins.conftest import make_inspection
from zhoba.testing.areas import Area, Tree
from zhoba.testing.days import today
from zhoba.testing.platform import Member, Platform

pytestmark = pytest.mark.anyio

PLAN = "inspectionsInspection { state } userErrors { params }"


async def inspector(platform: Platform, area: Area) -> Member:
    return await platform.person("inspections_inspector", area.project)


async def planned(platform: Platform, area: Area, head: Member) -> Any:
    """What planning an inspection answers."""
    answer = await platform.send(
        "inspectionsPlan",
        PLAN,
        by=head,
        projectId=f"Project:{area.project.id}",
        inspectorId=(await inspector(platform, area)).id,
        plannedOn=str(today()),
    )
    assert "errors" not in answer, answer
    (refusal,) = answer["data"]["inspectionsPlan"]["userErrors"]
    return refusal


async def test_an_act_of_a_plugin_that_is_on_nowhere_is_refused(
    platform: Platform, tree: Tree
) -> None:
    head = await platform.person("pg_head", tree.here.group)
    assert await planned(platform, tree.here, head) == {
        "code": "PLUGIN_NOT_ENABLED",
        "clause": "product default",
        "field": [],
        "message": "The plugin inspections is switched on nowhere."
        " An administrator switches it on with enablePlugin.",
        "params": {"plugin": "inspections", "region": None},
    }


async def test_an_act_in_a_region_where_the_plugin_is_off_is_refused(
    platform: Platform, tree: Tree
) -> None:
    await platform.enable(tree.there.region)
    head = await platform.person("pg_head", tree.here.group)
    refusal = await planned(platform, tree.here, head)
    assert (refusal["code"], refusal["field"], refusal["params"]) == (
        "PLUGIN_NOT_ENABLED",
        ["projectId"],
        {"plugin": "inspections", "region": "KZ-10"},
    )
    await platform.enable(tree.here.region)
    done = await platform.done(
        "inspectionsPlan",
        "inspectionsInspection { state }",
        by=head,
        projectId=f"Project:{tree.here.project.id}",
        inspectorId=(await inspector(platform, tree.here)).id,
        plannedOn=str(today()),
    )
    assert done == {"state": "PLANNED"}


async def test_a_hidden_object_in_such_a_region_is_not_there(
    platform: Platform, tree: Tree
) -> None:
    await platform.enable(tree.there.region)
    outsider = await platform.person("pg_head", tree.there.group)
    refusal = await planned(platform, tree.here, outsider)
    assert (refusal["code"], refusal["params"]) == ("NOT_FOUND", {})


async def test_an_object_of_a_plugin_tells_its_readers_alone_that_it_is_off(
    platform: Platform, tree: Tree
) -> None:
    await platform.enable(tree.there.region)
    own = await inspector(platform, tree.here)
    there = await inspector(platform, tree.there)
    kept = await make_inspection(platform, tree.here.project, own)
    given = {"inspectionId": kept, "expectedVersion": 1, "verdict": "PASSED"}
    shown = "inspectionsInspection { state }"
    assert await platform.refused("inspectionsRecord", shown, by=there, **given) == "NOT_FOUND"
    assert (
        await platform.refused("inspectionsRecord", shown, by=own, **given) == "PLUGIN_NOT_ENABLED"
    )
    await platform.enable(tree.here.region)
    done = await platform.done("inspectionsRecord", shown, by=own, **given)
    assert done == {"state": "RECORDED"}


async def test_switching_off_asks_the_plugin(platform: Platform, tree: Tree) -> None:
    await platform.enable(tree.here.region)
    admin = await platform.person("regional_administrator", tree.here.body)
    await make_inspection(platform, tree.here.project, await inspector(platform, tree.here))
    code = await platform.refused(
        "disablePlugin",
        "pluginRegion { id }",
        by=admin,
        plugin="inspections",
        regionId=f"Region:{tree.here.region.id}",
        reason="no more",
    )
    assert code == "INSPECTIONS_STILL_OPEN"


MINE = "query ($node: ID!) { myPermissions(node: $node) { code } }"
WHY = """
  query ($person: ID!, $node: ID!, $action: String!) {
    explainAccess(person: $person, node: $node, action: $action) { allowed pluginEnabled }
  }
"""


async def test_permissions_of_a_plugin_count_where_it_is_on(platform: Platform, tree: Tree) -> None:
    head = await platform.person("pg_head", tree.here.group)
    node = f"Project:{tree.here.project.id}"

    async def mine() -> set[str]:
        data = await platform.read(MINE, {"node": node}, by=head)
        codes = {each["code"] for each in data["myPermissions"]}
        return {code for code in codes if code.startswith(("inspections.", "project.read"))}

    async def why(action: str) -> Any:
        given = {"person": head.id, "node": node, "action": action}
        return (await platform.read(WHY, given, by=head))["explainAccess"]

    core = {"project.read", "project.read_basic"}
    await platform.enable(tree.there.region)
    assert await mine() & core == await mine()
    assert await why("inspections.plan") == {"allowed": False, "pluginEnabled": False}
    await platform.enable(tree.here.region)
    assert await mine() - core == {"inspections.read", "inspections.plan"}
    assert await why("inspections.plan") == {"allowed": True, "pluginEnabled": True}
    assert await why("inspections.record") == {"allowed": False, "pluginEnabled": True}
    assert await why("project.read") == {"allowed": True, "pluginEnabled": None}
