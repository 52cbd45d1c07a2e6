"""Inspections are read with the projects, where the plugin is on, and nowhere else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.dummy_plugin.models import InspectionsVerdict
from tests.plugins.conftest import Staff, code_of, make_inspection
from zhoba.testing.days import today
from zhoba.testing.platform import Member, Platform, Tree

ALL = "{ inspectionsInspections { totalCount nodes { id } } }"
ONE = "query Q($id: ID!) { inspectionsInspection(id: $id) { id state inspector { fullName } } }"
PROJECTS = "{ projects { nodes { id lastVerdict inspections { totalCount } } } }"
FAILED, PASSED = InspectionsVerdict.FAILED, InspectionsVerdict.PASSED


@pytest.fixture
async def reader(platform: Platform, tree: Tree, staff: Staff) -> Member:
    """Heads the groups of both regions; the plugin is on in the first."""
    await platform.appoint(staff.head, "pg_head", tree.there.group)
    return staff.head


async def test_a_plugin_that_is_on_nowhere(platform: Platform, tree: Tree) -> None:
    head = await platform.person("pg_head", tree.here.group)
    await make_inspection(platform, tree.here.project, head, FAILED)
    assert code_of(await platform.ask(ALL, by=head)) == "PLUGIN_NOT_ENABLED"
    data = await platform.read(PROJECTS, by=head)
    found = [(each["lastVerdict"], each["inspections"]) for each in data["projects"]["nodes"]]
    assert found == [(None, None), (None, None)]


async def test_lists_hold_the_regions_that_have_it(
    platform: Platform, tree: Tree, staff: Staff, reader: Member
) -> None:
    here = await make_inspection(platform, tree.here.project, staff.inspector)
    there = await make_inspection(platform, tree.there.project, staff.inspector)
    data = await platform.read(ALL, by=reader)
    assert data == {"inspectionsInspections": {"totalCount": 1, "nodes": [{"id": here}]}}
    await platform.enable(tree.there.region)
    data = await platform.read(ALL, by=reader)
    found = data["inspectionsInspections"]
    assert (found["totalCount"], {each["id"] for each in found["nodes"]}) == (2, {here, there})


async def test_fields_of_projects_are_null_where_it_is_off(
    platform: Platform, tree: Tree, staff: Staff, reader: Member
) -> None:
    for area in (tree.here, tree.there):
        await make_inspection(platform, area.project, staff.inspector, FAILED)
    with platform.statements() as sent:
        data = await platform.read(PROJECTS, by=reader)
    assert len(sent) == 1
    found = data["projects"]["nodes"]
    assert {each["id"]: (each["lastVerdict"], each["inspections"]) for each in found} == {
        f"Project:{tree.here.project.id}": ("FAILED", {"totalCount": 1}),
        f"Project:{tree.here.second_project.id}": (None, {"totalCount": 0}),
        f"Project:{tree.there.project.id}": (None, None),
        f"Project:{tree.there.second_project.id}": (None, None),
    }


async def test_one_inspection_by_its_id(
    platform: Platform, tree: Tree, staff: Staff, reader: Member
) -> None:
    here = await make_inspection(platform, tree.here.project, staff.inspector)
    there = await make_inspection(platform, tree.there.project, staff.inspector)
    data = await platform.read(ONE, {"id": here}, by=reader)
    assert data["inspectionsInspection"] == {
        "id": here, "state": "PLANNED", "inspector": {"fullName": "Inspector Daniyar"},
    }  # fmt: skip
    answer = await platform.ask(ONE, {"id": there}, by=reader)
    assert code_of(answer) == "PLUGIN_NOT_ENABLED"
    (error,) = answer["errors"]
    assert error["extensions"]["params"] == {"plugin": "inspections", "region": "KZ-11"}
    stranger = await platform.person("project_manager", tree.there.second_project)
    assert code_of(await platform.ask(ONE, {"id": here}, by=stranger)) == "NOT_FOUND"


async def ids(platform: Platform, reader: Member, arguments: str) -> list[str]:
    data = await platform.read(f"{{ projects({arguments}) {{ nodes {{ id }} }} }}", by=reader)
    return [each["id"] for each in data["projects"]["nodes"]]


async def test_filters_of_projects_really_filter(
    platform: Platform, tree: Tree, staff: Staff, reader: Member
) -> None:
    old = today() - timedelta(days=10)
    await make_inspection(platform, tree.here.project, staff.inspector, FAILED)
    await make_inspection(
        platform, tree.here.second_project, staff.inspector, PASSED, recorded_on=old
    )
    await make_inspection(platform, tree.there.project, staff.inspector, FAILED)
    first = f"Project:{tree.here.project.id}"
    second = f"Project:{tree.here.second_project.id}"

    async def filtered(where: str) -> set[str]:
        return set(await ids(platform, reader, f"where: {{ {where} }}"))

    assert await filtered(f'inspectedSince: "{today()}"') == {first}
    assert await filtered(f'inspectedSince: "{old}"') == {first, second}
    assert await filtered("lastVerdict: { eq: FAILED }") == {first}
    assert await filtered("lastVerdict: { eq: PASSED_WITH_REMARKS }") == set()
    some = "inspections: { verdict: { eq: PASSED } }"
    assert await filtered(some) == {second}


async def test_projects_are_sorted_and_counted_by_the_last_verdict(
    platform: Platform, tree: Tree, staff: Staff, reader: Member
) -> None:
    await make_inspection(platform, tree.here.project, staff.inspector, PASSED)
    await make_inspection(platform, tree.here.second_project, staff.inspector, FAILED)
    order = "orderBy: [{ field: LAST_VERDICT }], first: 2"
    assert await ids(platform, reader, order) == [
        f"Project:{tree.here.second_project.id}",
        f"Project:{tree.here.project.id}",
    ]
    query = "{ projects { stats { byLastVerdict { lastVerdict count } } } }"
    data = await platform.read(query, by=reader)
    stats = data["projects"]["stats"]["byLastVerdict"]
    assert {each["lastVerdict"]: each["count"] for each in stats} == {
        "PASSED": 1,
        "FAILED": 1,
        None: 2,
    }
