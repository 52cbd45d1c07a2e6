"""The demonstration's plans follow the sample."""

from __future__ import annotations

from sqlalchemy import func, select, update

from core.audit.entry import AuditEntry
from core.hierarchy.program import Program, ProgramKind
from core.tree.node import Node, Origin
from zhoba.demo.plugins import fill_plugins
from zhoba.testing.platform import Platform, Tree
from zhoba.testing.rows import MADE_AT

PLANS = """{ regionalTemplates { nodes { number status sample } }
  regions { nodes { code plan { directions { nodes { templateCode directionKind
    groups { nodes { templateCode outsideTemplate } } } } } } } }"""


async def test_fill_demo_lets_made_up_plans_follow_the_sample(
    platform: Platform, tree: Tree
) -> None:
    made_up = {
        tree.here.program.id: "plan: KZ-10",
        tree.here.direction.id: "direction: KZ-10 infrastructure",
        tree.here.group.id: "group: KZ-10 roads",
    }
    async with platform.arranging() as session:
        for node_id, origin_id in made_up.items():
            await session.execute(
                update(Node)
                .where(Node.id == node_id)
                .values(origin=Origin.SAMPLE, origin_system="zhoba-sample", origin_id=origin_id)
            )
        for area in (tree.here, tree.there):
            program = await session.get_one(Program, area.program.id)
            program.kind = ProgramKind.REGIONAL_DEVELOPMENT_PLAN
    for _ in range(2):  # the second time it finds everything there
        await fill_plugins(platform.database, platform.installation, platform.settings, now=MADE_AT)
    office = await platform.person("office_member", tree.country)
    found = await platform.read(PLANS, by=office)
    assert found["regionalTemplates"]["nodes"] == [
        {"number": 1, "status": "APPROVED", "sample": True}
    ]
    groups = {"nodes": [{"templateCode": "ROADS", "outsideTemplate": False}]}
    direction = {"templateCode": "INFRASTRUCTURE", "directionKind": "REGIONAL_STANDARD"}
    assert found["regions"]["nodes"] == [
        {"code": "KZ-10", "plan": {"directions": {"nodes": [direction | {"groups": groups}]}}},
        {"code": "KZ-11", "plan": None},
    ]
    async with platform.database.session() as session:
        enabled = select(func.count()).where(AuditEntry.act == "pluginEnabled")
        assert await session.scalar(enabled) == 3
