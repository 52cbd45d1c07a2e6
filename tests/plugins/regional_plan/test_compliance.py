"""What the rules look at, as the database tells it, and who reads what is found."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import update

from core.hierarchy.basic_direction import BasicDirectionKind
from core.hierarchy.program import Program, ProgramKind
from core.hierarchy.project import Project
from core.hierarchy.project_location import ProjectLocation
from core.tree.closure import move_subtree
from core.tree.node import Node, NodeKind
from plugins.regional_plan.compliance.knowing import compliance
from tests.plugins.conftest import code_of
from tests.plugins.regional_plan.conftest import Staff, adopted, direction, parts, published
from zhoba.testing.platform import Platform, Tree
from zhoba.testing.rows import MADE_AT, make_node, make_service

TODAY = date(2026, 6, 1)
TWO = (direction("ROADS", "ROADS-1", "ROADS-2"), direction("WATER", "WATER-1"))


async def found(platform: Platform, tree: Tree) -> set[tuple[str, int, str | None]]:
    """Code, place and part of what is found about the first plan, staffing left out."""
    async with platform.database.session() as session:
        listed = await compliance(session, tree.here.program.id, TODAY)
    return {
        (each.code.removeprefix("REGIONAL_"), each.place.id, each.params.get("part"))
        for each in listed
        if each.rule.name != "RV5"
    }


async def test_compliance_finds_what_is_wrong_in_the_database(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    template = await published(platform, staff.office, *TWO)
    plan = await adopted(platform, staff.here, tree.here.program, template)
    ids = {
        each["templateCode"]: int(each["id"].partition(":")[2])
        for groups in (await parts(platform, staff.here, plan)).values()
        for each in groups
        if each["templateCode"]
    }
    outside = {("RV2_OUTSIDE", tree.here.direction.id, None)}  # the group in it is with it
    assert await found(platform, tree) == outside

    async with platform.arranging() as session:
        priority = await make_node(
            session, NodeKind.NATIONAL_PRIORITY, tree.country, portfolio_deadline=date(2027, 1, 1)
        )
        await make_service(session, priority, tree.here.program)
        program = await session.get_one(Program, tree.here.program.id)
        program.ends_on = date(2027, 1, 2)
        first, second = tree.here.project.id, tree.here.second_project.id
        (await session.get_one(Project, first)).ends_on = date(2027, 1, 1)
        (await session.get_one(Project, second)).ends_on = date(2027, 1, 2)
        for project_id, region in ((first, tree.there.region), (second, tree.here.region)):
            session.add(ProjectLocation(project_id=project_id, region_id=region.id))
        extra = await make_node(
            session, NodeKind.BASIC_DIRECTION, tree.here.program,
            kind=BasicDirectionKind.REGIONAL_ADDITIONAL,
        )  # fmt: skip
        other = await make_node(
            session, NodeKind.PROGRAM, tree.here.body, kind=ProgramKind.REGIONAL_DEVELOPMENT_PLAN
        )
        roads = await session.get_one(Node, ids["ROADS-1"])
        water = await session.get_one(Node, ids["WATER-1"])
        await move_subtree(session, roads, await session.get_one(Node, water.parent_id))
        await session.execute(
            update(Node).where(Node.id == ids["ROADS-2"]).values(archived_at=MADE_AT)
        )
    wrong = {
        ("RV2_GROUP_MISSING", tree.here.program.id, "ROADS-2"),
        ("RV2_GROUP_MOVED", ids["ROADS-1"], "ROADS-1"),
        ("RV3_NOT_AGREED", extra.id, None),
        ("RV4_SECOND_PLAN", other.id, None),
        ("RV7_TOO_LATE", tree.here.program.id, None),
        ("RV7_TOO_LATE", second, None),
        ("RV8_ELSEWHERE", first, None),
    }
    assert await found(platform, tree) == outside | wrong

    async with platform.arranging() as session:
        gone = [first, second, extra.id, other.id, tree.here.direction.id]
        await session.execute(update(Node).where(Node.id.in_(gone)).values(archived_at=MADE_AT))
        (await session.get_one(Program, tree.here.program.id)).ends_on = None
    assert await found(platform, tree) == {each for each in wrong if each[0].startswith("RV2")}


async def test_a_program_without_the_architecture_is_no_plan(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    assert ("RV1_NO_VERSION", tree.here.program.id, None) in await found(platform, tree)


PUBLIC = """{ programs { nodes { id goal } }
  basicDirections { nodes { name templateCode } } projects { totalCount }
  regionalPlans { nodes { template { number } } } }"""


async def test_citizens_see_what_a_plan_is_made_of_where_the_region_says_so(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    template = await published(platform, staff.office, *TWO)
    await adopted(platform, staff.here, tree.here.program, template)
    await adopted(platform, staff.there, tree.there.program, template)
    closed: dict[str, Any] = {
        "programs": {"nodes": []},
        "basicDirections": {"nodes": []},
        "projects": {"totalCount": 0},
        "regionalPlans": {"nodes": []},
    }
    names = PUBLIC.replace(" goal", "")
    assert await platform.read(names) == closed
    await platform.disable(tree.here.region)
    await platform.enable(tree.here.region, {"open_to_citizens": True})
    seen = await platform.read(names)
    assert seen["programs"]["nodes"] == [{"id": f"Program:{tree.here.program.id}"}]
    codes = [each["templateCode"] for each in seen["basicDirections"]["nodes"]]
    assert sorted(codes, key=str) == [None, "ROADS", "WATER"]
    assert seen["projects"] == {"totalCount": 0}
    assert seen["regionalPlans"]["nodes"] == [{"template": {"number": 1}}]
    findings = "{ regionalPlans { nodes { compliance { code } } } }"
    assert code_of(await platform.ask(findings)) == "FORBIDDEN"
    # What a check says of one object is what lists say of many.
    member = await platform.person("employee", tree.there.body)
    async with platform.work(member) as work:
        for area, allowed in ((tree.here, True), (tree.there, False)):
            for node, reads in ((area.program, allowed), (area.group, allowed)):
                decision = await work.may("program.read_basic", node.id)
                assert decision.allowed is reads
            assert not (await work.may("project.read_basic", area.project.id)).allowed
    await platform.disable(tree.here.region)
    assert (await platform.read("{ programs { nodes { id } } }"))["programs"]["nodes"] == []
