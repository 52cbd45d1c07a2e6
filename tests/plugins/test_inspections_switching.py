"""Switching inspections on and off in a region: its rounds, its veto, its settings, its command."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from core.errors import InvalidInput
from tests.acting import refuses
from tests.dummy_plugin import commands
from tests.dummy_plugin.models import InspectionsVerdict, Round
from tests.plugins.conftest import Staff, code_of, make_inspection
from zhoba.testing.days import today
from zhoba.testing.platform import Platform, Tree

ROUND = "query Q($region: ID!) { inspectionsRound(region: $region) { daysUntilOverdue } }"


async def rounds(platform: Platform) -> list[tuple[int | None, bool]]:
    """Region and whether it is over, of every round."""
    async with platform.arranging() as session:
        found = await session.scalars(select(Round).order_by(Round.id))
        return [(each.region_id, each.closed_at is not None) for each in found]


async def test_enabling_opens_a_round_and_disabling_closes_it(
    platform: Platform, tree: Tree
) -> None:
    await platform.enable(tree.here.region)
    await platform.enable(None)
    here = tree.here.region.id
    assert await rounds(platform) == [(here, False), (None, False)]
    await platform.disable(tree.here.region)
    assert await rounds(platform) == [(here, True), (None, False)]


async def test_open_inspections_keep_it_on(platform: Platform, tree: Tree, staff: Staff) -> None:
    await make_inspection(platform, tree.here.project, staff.inspector)
    with refuses("INSPECTIONS_STILL_OPEN", "product default"):
        await platform.disable(tree.here.region)
    await platform.enable(tree.there.region)
    await platform.disable(tree.there.region)
    assert await rounds(platform) == [(tree.here.region.id, False), (tree.there.region.id, True)]


async def test_disabling_hides_inspections_and_enabling_brings_them_back(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    passed = InspectionsVerdict.PASSED
    inspection = await make_inspection(platform, tree.here.project, staff.inspector, passed)
    query = "query Q($id: ID!) { node(id: $id) { id } }"
    project = f'{{ project(id: "Project:{tree.here.project.id}") {{ lastVerdict }} }}'
    assert await platform.read(project, by=staff.manager) == {"project": {"lastVerdict": "PASSED"}}
    await platform.disable(tree.here.region)
    assert await platform.read(project, by=staff.manager) == {"project": {"lastVerdict": None}}
    hidden = await platform.ask(query, {"id": inspection}, by=staff.manager)
    assert hidden["data"] == {"node": None}
    await platform.enable(tree.here.region)
    assert await platform.read(project, by=staff.manager) == {"project": {"lastVerdict": "PASSED"}}
    assert await platform.read(query, {"id": inspection}, by=staff.manager) == {
        "node": {"id": inspection}
    }


async def test_settings_of_a_region_answer_its_question(platform: Platform, tree: Tree) -> None:
    reader = await platform.person("pg_head", tree.here.group)
    here = {"region": f"Region:{tree.here.region.id}"}
    there = {"region": f"Region:{tree.there.region.id}"}
    assert code_of(await platform.ask(ROUND, here, by=reader)) == "PLUGIN_NOT_ENABLED"
    await platform.enable(tree.here.region, {"days_until_overdue": 3})
    data = await platform.read(ROUND, here, by=reader)
    assert data == {"inspectionsRound": {"daysUntilOverdue": 3}}
    assert code_of(await platform.ask(ROUND, there, by=reader)) == "PLUGIN_NOT_ENABLED"


@pytest.mark.parametrize("settings", [{"days_until_overdue": 0}, {"days": 3}])
async def test_settings_are_checked(
    platform: Platform, tree: Tree, settings: dict[str, int]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await platform.enable(tree.here.region, settings)
    assert refused.value.code == "PLUGIN_SETTINGS_WRONG"
    assert await rounds(platform) == []


async def test_the_command_lists_where_it_is_on(
    platform: Platform, tree: Tree, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    for area in (tree.here, tree.there):
        await make_inspection(platform, area.project, staff.inspector)
    monkeypatch.setenv("ZHOBA_DATABASE_URL", platform.database.url)
    lines = await commands.open_inspections()
    assert [line.split()[1:] for line in lines] == [[str(today()), "PLANNED"]]
    helped = CliRunner().invoke(platform.installation.plugin("inspections").commands, ["--help"])
    assert "open" in helped.output
