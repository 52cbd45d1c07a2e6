"""Figures and the list of what is monitored: for anybody where the region shows them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from core.people.person import Person
from core.plugins.plugin_region import PluginRegion
from core.tree.node import Node
from plugins.public_monitoring.models import MonitoringApplication
from plugins.public_monitoring.observing import MonitoringParameter, MonitoringRecommendation
from plugins.public_monitoring.states import MonitoringRecommendationState as Advice
from tests.plugins.public_monitoring.conftest import Body, active, submitted
from zhoba.testing.platform import Platform, Tree
from zhoba.testing.rows import MADE_AT

FIGURES = """query Q($region: ID) { monitoringFigures(region: $region) {
  body submitted answered answeredInTime overdue active refused revoked visitsHeld
  recommendations taken notAccepted done reopened } }"""
REGIONS = "{ monitoringRegionFigures { region submitted reopened } }"
MONITORED = """query Q($region: ID, $first: Int! = 50, $after: String) {
  monitoringMonitored(region: $region, first: $first, after: $after) {
    cursor number name bodyName groups recommendations } }"""


async def advise(platform: Platform, node: Node, *states: Advice, reopened: bool = False) -> None:
    """Recommendations of the only application, as they stand."""
    async with platform.arranging() as session:
        application = (await session.scalars(select(MonitoringApplication))).one()
        person = (await session.scalars(select(Person.id).order_by(Person.id))).first()
        session.add_all(
            MonitoringRecommendation(
                application_id=application.id,
                node_id=node.id,
                state=state,
                parameter=MonitoringParameter.TERM,
                finding="late",
                advice="hurry",
                written_by_id=person,
                written_at=MADE_AT,
                sent_at=None if state is Advice.DRAFT else MADE_AT,
                reopened_at=MADE_AT if reopened else None,
                version=1,
            )
            for state in states
        )


async def show(platform: Platform, tree: Tree) -> None:
    """Let the region show its figures to anybody."""
    async with platform.arranging() as session:
        where = PluginRegion.region_id == tree.here.region.id
        row = (await session.scalars(select(PluginRegion).where(where))).one()
        row.settings = {"public_list": True}


async def figures(platform: Platform, tree: Tree, **asked: Any) -> Any:
    answer = await platform.ask(FIGURES, {"region": f"Region:{tree.here.region.id}"}, **asked)
    return answer.get("errors", answer["data"]["monitoringFigures"])


async def test_anybody_reads_the_figures_of_a_region_that_shows_them(
    platform: Platform, tree: Tree, body: Body
) -> None:
    await active(platform, tree, body)
    states = (Advice.DRAFT, Advice.SENT, Advice.TAKEN, Advice.NOT_ACCEPTED, Advice.DONE)
    await advise(platform, tree.here.project, *states)
    await advise(platform, tree.here.project, Advice.ACKNOWLEDGED, reopened=True)
    (refused,) = await figures(platform, tree)
    assert refused["extensions"]["code"] == "MONITORING_NOT_PUBLIC"
    expected = {
        "body": f"StateBody:{tree.here.body.id}",
        "submitted": 1, "answered": 1, "answeredInTime": 1, "overdue": 0, "active": 1,
        "refused": 0, "revoked": 0, "visitsHeld": 0,
        "recommendations": 5, "taken": 3, "notAccepted": 1, "done": 1, "reopened": 1,
    }  # fmt: skip
    assert await figures(platform, tree, by=body.office) == [expected]
    (refused,) = await figures(platform, tree, by=body.manager)
    assert refused["extensions"]["code"] == "MONITORING_NOT_PUBLIC"
    assert (await platform.read(REGIONS))["monitoringRegionFigures"] == []
    await show(platform, tree)
    assert await figures(platform, tree) == [expected]
    of_region = {"region": f"Region:{tree.here.region.id}", "submitted": 1, "reopened": 1}
    assert (await platform.read(REGIONS))["monitoringRegionFigures"] == [of_region]
    elsewhere = await platform.ask(FIGURES, {"region": f"Region:{tree.there.region.id}"})
    assert elsewhere["errors"][0]["extensions"]["code"] == "PLUGIN_NOT_ENABLED"


async def test_the_public_list_names_what_is_monitored_now_and_nobody(
    platform: Platform, tree: Tree, body: Body
) -> None:
    await active(platform, tree, body)
    await submitted(platform, tree, projectId=f"Project:{tree.here.second_project.id}")
    await show(platform, tree)
    region = {"region": f"Region:{tree.here.region.id}"}
    (found,) = (await platform.ask(MONITORED, region))["data"]["monitoringMonitored"]
    assert found["cursor"] == str(tree.here.project.id)
    assert (found["groups"], found["recommendations"]) == (1, 0)
    next_page = await platform.ask(MONITORED, {**region, "after": found["cursor"]})
    assert next_page["data"]["monitoringMonitored"] == []
    for wrong, code in (
        ({"first": 0}, "BAD_PAGE_SIZE"),
        ({"first": 101}, "BAD_PAGE_SIZE"),
        ({"after": "x"}, "BAD_CURSOR"),
    ):
        refused = await platform.ask(MONITORED, {**region, **wrong})
        assert refused["errors"][0]["extensions"]["code"] == code
