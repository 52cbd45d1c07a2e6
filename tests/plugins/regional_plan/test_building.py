"""Copies of imported projects in regional plans."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from core.hierarchy.project import Project
from core.hierarchy.project_location import ProjectLocation
from core.tree.node import Node, NodeKind, Origin
from plugins.regional_plan.building import build, shares, system_of
from plugins.regional_plan.commands import app
from tests.plugins.regional_plan.conftest import Staff, adopted, direction, published
from zhoba.testing.platform import Platform, Tree
from zhoba.testing.rows import make_node, make_region

SYSTEM = "elsewhere"


async def test_build_copies_projects_by_their_region_once(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    template = await published(platform, staff.office, direction("ROADS", "ROADS-1", "ROADS-2"))
    plans = [
        await adopted(platform, head, area.program, template)
        for head, area in ((staff.here, tree.here), (staff.there, tree.there))
    ]
    async with platform.arranging() as session:
        body = await make_node(session, NodeKind.STATE_BODY, tree.country, stage=None)
        program = await make_node(session, NodeKind.PROGRAM, body)
        group = await make_node(
            session,
            NodeKind.PROJECT_GROUP,
            await make_node(session, NodeKind.BASIC_DIRECTION, program),
        )
        for code, count in (("IT-21", 2), ("IT-23", 1), ("IT-25", 1)):
            region = await make_region(session, code)
            for _ in range(count):
                project = await make_node(
                    session, NodeKind.PROJECT, group, budget_minor=100, currency="EUR"
                )
                session.add(ProjectLocation(project_id=project.id, region_id=region.id))
                origin = {"origin": Origin.IMPORTED, "origin_system": SYSTEM}
                await session.execute(
                    update(Node)
                    .where(Node.id == project.id)
                    .values(**origin, origin_id=str(project.id))
                )
    async with platform.database.session() as session:
        before = await shares(session, SYSTEM)
    told = [(each.source, each.target.code, each.fresh) for each in before]
    assert told == [("IT-21", "KZ-10", 2), ("IT-23", "KZ-11", 1), ("IT-25", "KZ-10", 1)]
    for expected in (4, 0):
        async with platform.work() as work:
            assert sum(each.fresh for each in await build(work, SYSTEM)) == expected
    async with platform.database.session() as session:
        copies = await session.execute(
            select(Node.region_id, Node.origin, Project.name_en, Project.budget_minor)
            .join(Project, Project.id == Node.id)
            .where(Node.origin_system == system_of(SYSTEM))
            .order_by(Node.id)
        )
        found = copies.all()
        assert len(found) == 4
        assert {row.origin for row in found} == {Origin.SAMPLE}
        assert all(row.name_en.endswith(" (fictitious)") for row in found)
        stay = select(Node.id).where(Node.origin_system == SYSTEM, Node.parent_id == group.id)
        assert len((await session.scalars(stay)).all()) == 4
    read = await platform.read(
        """query ($id: ID!) { regionalPlan(id: $id) { program { projectStats { count } }
          compliance { rule } sphereFigures { code projects budget { amount currency } } } }""",
        {"id": plans[0]},
        by=staff.here,
    )
    plan = read["regionalPlan"]
    assert plan["program"]["projectStats"]["count"] == 5
    assert "RV8" not in {each["rule"] for each in plan["compliance"]}
    assert plan["sphereFigures"] == [
        {"code": "ROADS", "projects": 3, "budget": [{"amount": "3.00", "currency": "EUR"}]},
        {"code": None, "projects": 2, "budget": []},
    ]


def test_build_from_says_that_there_is_nothing_to_copy(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHOBA_DATABASE_URL", database_url)
    result = CliRunner().invoke(app, ["build-from", SYSTEM])
    assert (result.exit_code, result.output) == (
        0,
        "Nothing to copy: no running plan, or no located projects of this system.\n",
    )
