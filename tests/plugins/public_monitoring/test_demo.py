"""The demonstration shows applications in different states."""

from __future__ import annotations

from sqlalchemy import update

from core.tree.node import Node, Origin, Stage
from plugins.public_monitoring.demo import SAMPLES
from tests.plugins.public_monitoring.conftest import Body
from zhoba.demo.plugins import fill_plugins
from zhoba.testing.platform import Platform, Tree
from zhoba.testing.rows import MADE_AT

SHOWN = """{ monitoringApplications { nodes {
  id state overdue members { fullName iinMasked } targets { name }
  visits { nodes { state managerName } } recommendations { nodes { state addresseeName } } } } }"""


async def test_fill_demo_makes_up_applications_once(
    platform: Platform, tree: Tree, body: Body
) -> None:
    made_up = {
        tree.here.body.id: "akimat: KZ-10",
        body.unit.id: "unit: KZ-10 economy",
        tree.here.group.id: "group: KZ-10 roads",
        tree.here.project.id: "project: KZ-10 roads 01",
    }
    async with platform.arranging() as session:
        for node_id, origin_id in made_up.items():
            stage = {"stage": Stage.IMPLEMENTATION} if "project" in origin_id else {}
            await session.execute(
                update(Node)
                .where(Node.id == node_id)
                .values(
                    origin=Origin.SAMPLE, origin_system="zhoba-sample", origin_id=origin_id, **stage
                )
            )
    for _ in range(2):  # the second time it finds everything there
        await fill_plugins(platform.database, platform.installation, platform.settings, now=MADE_AT)
    nodes = (await platform.read(SHOWN, by=body.head))["monitoringApplications"]["nodes"]
    samples = SAMPLES["KZ-10"]
    assert sorted((each["state"], len(each["members"])) for each in nodes) == sorted(
        (each.state.name, len(each.names)) for each in samples
    )
    (first,) = [each for each in nodes if each["state"] == "ACTIVE"]
    assert {each["iinMasked"] for each in first["members"]} == {None}
    visits = {each["state"] for each in first["visits"]["nodes"]}
    assert visits == {"HELD", "SCHEDULED", "REQUESTED"}
    form = {"form": "ANSWER", "format": "DOCX", "language": "KK"}
    answered = [each for each in nodes if each["state"] in ("ACTIVE", "RESPONDED", "REFUSED")]
    assert len(answered) == 3
    for each in answered:
        await platform.done(
            "monitoringMakeDocument", "file { id }", by=body.head, applicationId=each["id"], **form
        )
    addressees = {each["addresseeName"] for each in first["recommendations"]["nodes"]}
    assert addressees == {"Director Erlan"}
