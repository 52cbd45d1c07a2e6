"""Lists and figures of a plan by administrative unit and by sphere."""

from __future__ import annotations

from typing import Any

from core.db.base import name_columns
from core.hierarchy.project import FundingSource, Project, ProjectFunding
from core.hierarchy.project_location import ProjectLocation
from core.places.administrative_unit import AdministrativeUnit, AdministrativeUnitKind
from core.tree.node import Node, NodeKind, Stage
from schema.planner.run import statements
from tests.plugins.regional_plan.conftest import Staff, adopted, direction, parts, published
from zhoba.testing.platform import Platform, Tree
from zhoba.testing.rows import make_node

FIGURES = """query ($id: ID!) { regionalPlan(id: $id) {
  unitFigures { code projects byStage { stage projects } budget { amount }
    funding { source amount } }
  sphereFigures { code projects } } }"""
INSIDE = """query ($unit: String!) {
  projects(where: { inAdministrativeUnit: $unit }) { totalCount nodes { id } } }"""


async def test_projects_are_cut_by_unit_and_by_sphere(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    template = await published(platform, staff.office, direction("ROADS", "ROADS-1"))
    plan = await adopted(platform, staff.here, tree.here.program, template)
    (group,) = (await parts(platform, staff.here, plan))["ROADS"]
    async with platform.arranging() as session:
        units: list[AdministrativeUnit] = []
        for kind in (AdministrativeUnitKind.DISTRICT, AdministrativeUnitKind.RURAL_DISTRICT):
            unit = AdministrativeUnit(
                region_id=tree.here.region.id,
                code=f"U{len(units)}",
                kind=kind,
                parent_id=units[0].id if units else None,
                **name_columns("U", "U", "U"),
            )
            session.add(unit)
            await session.flush()
            units.append(unit)
        district, rural = units
        home = await session.get_one(Node, int(group["id"].partition(":")[2]))
        road = await make_node(
            session, NodeKind.PROJECT, home, stage=Stage.PLANNING, budget_minor=700
        )
        for project, unit in (
            (tree.here.project, district), (tree.here.project, rural), (road, rural),
        ):  # fmt: skip
            session.add(
                ProjectLocation(
                    project_id=project.id, region_id=unit.region_id, administrative_unit_id=unit.id
                )
            )
        session.add(
            ProjectFunding(project_id=road.id, source=FundingSource.LOCAL_BUDGET, amount_minor=500)
        )
        (await session.get_one(Project, tree.here.project.id)).budget_minor = 300

    def told(code: str | None, **changed: Any) -> dict[str, Any]:
        none: dict[str, Any] = {"code": code, "budget": [], "funding": []}
        return none | changed

    with statements() as sent:
        found = (await platform.read(FIGURES, {"id": plan}, by=staff.here))["regionalPlan"]
    assert len(sent) == 1
    both = {
        "projects": 2,
        "byStage": [
            {"stage": "INITIATION", "projects": 1},
            {"stage": "PLANNING", "projects": 1},
        ],
        "budget": [{"amount": "10.00"}],
        "funding": [{"source": "LOCAL_BUDGET", "amount": "5.00"}],
    }
    rest = {"projects": 1, "byStage": [{"stage": "INITIATION", "projects": 1}]}
    assert found["unitFigures"] == [told("U0", **both), told("U1", **both), told(None, **rest)]
    assert found["sphereFigures"] == [
        {"code": "ROADS", "projects": 1},
        {"code": None, "projects": 2},
    ]

    async def inside(unit: AdministrativeUnit) -> int:
        given = {"unit": f"AdministrativeUnit:{unit.id}"}
        answer = await platform.read(INSIDE, given, by=staff.here)
        count: int = answer["projects"]["totalCount"]
        return count

    assert [await inside(district), await inside(rural)] == [2, 2]
    spheres = 'query { projects(where: { regionalSphere: "ROADS" }) { nodes { id } } }'
    answer = await platform.read(spheres, by=staff.office)
    assert answer["projects"]["nodes"] == [{"id": f"Project:{road.id}"}]
