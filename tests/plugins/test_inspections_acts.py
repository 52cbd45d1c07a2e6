"""Planning an inspection and recording its verdict: who may, and what the rules refuse."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.errors import RuleRefused
from tests.acting import entries
from tests.dummy_plugin import rules
from tests.dummy_plugin.models import InspectionsVerdict
from tests.plugins.conftest import Staff, make_inspection
from zhoba.testing.days import today
from zhoba.testing.platform import Platform, Tree

PLANNED = "inspectionsInspection { state plannedOn inspector { fullName } }"
RECORDED = "inspectionsInspection { state verdict note recordedOn version }"


def to_plan(tree: Tree, staff: Staff, **changed: Any) -> dict[str, Any]:
    """The input of a plan nobody refuses."""
    return {
        "projectId": f"Project:{tree.here.project.id}",
        "inspectorId": staff.inspector.id,
        "plannedOn": str(today()),
        **changed,
    }


async def test_plan_inspection(platform: Platform, tree: Tree, staff: Staff) -> None:
    given = to_plan(tree, staff)
    planned = await platform.done("inspectionsPlan", PLANNED, by=staff.head, **given)
    assert planned == {
        "state": "PLANNED",
        "plannedOn": str(today()),
        "inspector": {"fullName": "Inspector Daniyar"},
    }
    (entry,) = await entries(platform.database, "inspectionsInspectionPlanned")
    assert (entry.node_id, entry.person_id, entry.acting_as) == (
        tree.here.project.id,
        staff.head.person_id,
        "pg_head",
    )
    again = await platform.refused("inspectionsPlan", PLANNED, by=staff.head, **given)
    assert again == "INSPECTIONS_ALREADY_PLANNED"


async def test_plan_inspection_refuses_yesterday(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    given = to_plan(tree, staff, plannedOn=str(today() - timedelta(days=1)))
    code = await platform.refused("inspectionsPlan", PLANNED, by=staff.head, **given)
    assert code == "INSPECTIONS_IN_THE_PAST"


async def test_a_refusal_without_a_sentence_keeps_its_code(
    platform: Platform, tree: Tree, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "RuleRefused", lambda code, **more: RuleRefused("UNTOLD", **more))
    given = to_plan(tree, staff, plannedOn=str(today() - timedelta(days=1)))
    answer = await platform.send("inspectionsPlan", PLANNED, by=staff.head, **given)
    (error,) = answer["errors"]
    assert (error["message"], error["extensions"]["code"]) == ("UNTOLD", "UNTOLD")
    assert (error["extensions"]["field"], answer["data"]) == ("plannedOn", None)


async def test_plan_inspection_refuses_who_is_no_inspector(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    given = to_plan(tree, staff, inspectorId=staff.manager.id)
    code = await platform.refused("inspectionsPlan", PLANNED, by=staff.head, **given)
    assert code == "INSPECTIONS_NOT_AN_INSPECTOR"


async def test_plan_inspection_refuses_the_manager_of_the_project(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    await platform.appoint(staff.manager, "inspections_inspector", tree.here.project)
    given = to_plan(tree, staff, inspectorId=staff.manager.id)
    code = await platform.refused("inspectionsPlan", PLANNED, by=staff.head, **given)
    assert code == "INSPECTIONS_OWN_PROJECT"


async def test_plan_inspection_asks_for_the_permission(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    given = to_plan(tree, staff)
    code = await platform.failure("inspectionsPlan", PLANNED, by=staff.manager, **given)
    assert code == "FORBIDDEN"


async def test_plan_inspection_where_the_plugin_is_off(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    head = await platform.person("pg_head", tree.there.group)
    await platform.appoint(staff.inspector, "inspections_inspector", tree.there.project)
    given = to_plan(tree, staff, projectId=f"Project:{tree.there.project.id}")
    code = await platform.refused("inspectionsPlan", PLANNED, by=head, **given)
    assert code == "PLUGIN_NOT_ENABLED"
    await platform.enable(tree.there.region)
    planned = await platform.done("inspectionsPlan", PLANNED, by=head, **given)
    assert planned["state"] == "PLANNED"


async def test_record_inspection(platform: Platform, tree: Tree, staff: Staff) -> None:
    inspection = await make_inspection(platform, tree.here.project, staff.inspector)
    given = {"inspectionId": inspection, "expectedVersion": 1, "verdict": "FAILED"}
    refused = await platform.refused("inspectionsRecord", RECORDED, by=staff.inspector, **given)
    assert refused == "INSPECTIONS_NOTE_NEEDED"
    recorded = await platform.done(
        "inspectionsRecord", RECORDED, by=staff.inspector, **given, note=" No fence "
    )
    assert recorded == {
        "state": "RECORDED",
        "verdict": "FAILED",
        "note": "No fence",
        "recordedOn": str(today()),
        "version": 2,
    }


async def test_record_inspection_refuses_a_stale_copy(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    inspection = await make_inspection(platform, tree.here.project, staff.inspector, version=2)
    given = {"inspectionId": inspection, "expectedVersion": 1, "verdict": "PASSED"}
    code = await platform.refused("inspectionsRecord", RECORDED, by=staff.inspector, **given)
    assert code == "CONFLICT"


async def test_record_inspection_refuses_the_day_before(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    inspection = await make_inspection(
        platform, tree.here.project, staff.inspector, planned_on=today() + timedelta(days=1)
    )
    given = {"inspectionId": inspection, "expectedVersion": 1, "verdict": "PASSED"}
    code = await platform.refused("inspectionsRecord", RECORDED, by=staff.inspector, **given)
    assert code == "INSPECTIONS_TOO_EARLY"


async def test_record_inspection_refuses_another_inspector(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    other = await platform.person("inspections_inspector", tree.here.project)
    inspection = await make_inspection(platform, tree.here.project, staff.inspector)
    given = {"inspectionId": inspection, "expectedVersion": 1, "verdict": "PASSED"}
    code = await platform.refused("inspectionsRecord", RECORDED, by=other, **given)
    assert code == "INSPECTIONS_OF_ANOTHER"


@pytest.mark.parametrize("awaited", [True, False])
async def test_inspectors_may_record_while_the_project_awaits_them(
    platform: Platform, tree: Tree, staff: Staff, awaited: bool
) -> None:
    """The plugin's own condition: SQL for ``myPermissions`` and lists, Python for one act."""
    passed = InspectionsVerdict.PASSED
    done = await make_inspection(platform, tree.here.project, staff.inspector, passed)
    if awaited:
        await make_inspection(platform, tree.here.project, staff.inspector)
    given = {"inspectionId": done, "expectedVersion": 1, "verdict": "PASSED"}
    if awaited:
        code = await platform.refused("inspectionsRecord", RECORDED, by=staff.inspector, **given)
        assert code == "INSPECTIONS_ALREADY_RECORDED"
    else:
        code = await platform.failure("inspectionsRecord", RECORDED, by=staff.inspector, **given)
        assert code == "FORBIDDEN"
    query = "query Q($node: ID!) { myPermissions(node: $node) { code } }"
    node = {"node": f"Project:{tree.here.project.id}"}
    data = await platform.read(query, node, by=staff.inspector)
    codes = {each["code"] for each in data["myPermissions"]}
    assert ("inspections.record" in codes) is awaited
