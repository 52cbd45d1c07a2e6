"""Adopting the architecture, keeping it, and going over to another version."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from core.hierarchy.archive import archive
from core.hierarchy.move import move
from core.hierarchy.program import Program, ProgramKind, edit_program
from core.hierarchy.project_group import edit_project_group
from core.places.region import Region
from core.tree.node import Node, NodeKind
from core.work import Profile
from plugins.regional_plan.template.contents import Direction
from plugins.regional_plan.template.template import RegionalTemplate
from tests.plugins.regional_plan.conftest import (
    Staff,
    adopted,
    direction,
    draft,
    names,
    parts,
    published,
)
from zhoba.api import Names, RuleRefused, Work
from zhoba.testing.platform import Member, Platform, Tree
from zhoba.testing.rows import make_node

FIRST = (direction("EDU", "EDU-1", "EDU-2", "EDU-3"), direction("ROADS", "ROADS-1"))
SECOND = (
    direction("EDU", "EDU-1"),
    Direction("ROADS", names("Ways"), direction("ROADS", "ROADS-1", "EDU-2").groups),
    direction("WATER", "WATER-1"),
)


async def test_adopt_makes_directions_and_groups_that_stay(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    template = await published(platform, staff.office, *FIRST)
    plan = await adopted(platform, staff.here, tree.here.program, template)
    found = await parts(platform, staff.here, plan)
    assert {
        code: [(each["templateCode"], each["outsideTemplate"]) for each in groups]
        for code, groups in found.items()
    } == {
        "EDU": [("EDU-1", False), ("EDU-2", False), ("EDU-3", False)],
        "ROADS": [("ROADS-1", False)],
        None: [(None, True)],
    }
    answer = await platform.read(
        "{ regions { nodes { code plan { id template { number planCount } } } } }", by=staff.here
    )
    assert answer["regions"]["nodes"] == [
        {"code": "KZ-10", "plan": {"id": plan, "template": {"number": 1, "planCount": 1}}},
        {"code": "KZ-11", "plan": None},
    ]


async def test_what_came_from_the_template_stays_as_it_is(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    template = await published(platform, staff.office, *FIRST)
    plan = await adopted(platform, staff.here, tree.here.program, template)
    found = await parts(platform, staff.here, plan)
    group = int(found["EDU"][0]["id"].partition(":")[2])
    elsewhere = tree.here.direction.id
    acts: dict[str, Callable[[Work], Awaitable[object]]] = {
        "REGIONAL_NAME_LOCKED": lambda work: edit_project_group(
            work, group, expected_version=1, names=names("Group EDU-1 and more")
        ),
        "REGIONAL_PLACE_LOCKED": lambda work: move(
            work, group, new_parent_id=elsewhere, expected_version=1, reason="tidy"
        ),
        "REGIONAL_PART_STAYS": lambda work: archive(
            work, group, expected_version=1, reason="unused"
        ),
        "REGIONAL_KIND_LOCKED": lambda work: edit_program(
            work, tree.here.program.id, expected_version=1, kind=ProgramKind.PROGRAM
        ),
        "REGIONAL_PLAN_STAYS": lambda work: move(
            work,
            tree.here.program.id,
            new_parent_id=tree.there.body.id,
            expected_version=1,
            reason="tidy",
        ),
    }
    async with platform.arranging() as session:
        other = await session.get_one(Program, tree.there.program.id)
        other.kind = ProgramKind.PROGRAM
    refused = []
    for act in acts.values():
        with pytest.raises(RuleRefused) as refusal:
            async with platform.work() as work:
                await act(work)
        refused.append(refusal.value.code)
    assert refused == list(acts)
    async with platform.work() as work:
        region = await work.session.get_one(Region, tree.here.region.id)
        given = Names(
            **{
                each: f"Group EDU-1 ({getattr(region, f'name_{each}')})"
                for each in ("kk", "ru", "en")
                if getattr(region, f"name_{each}")
            }
        )
        assert given.en is not None
        await edit_project_group(work, group, expected_version=1, names=given)
    ended = await platform.done(
        "regionalEndPlan",
        "regionalPlan { endedAt }",
        by=staff.here,
        planId=plan,
        expectedVersion=1,
        reason="another one begins",
    )
    assert ended["endedAt"] is not None
    async with platform.work() as work:
        await archive(work, group, expected_version=2, reason="unused")
    shorter = await published(platform, staff.office, direction("EDU", "EDU-1", "EDU-2"))
    assert await adopted(platform, staff.here, tree.here.program, shorter) == plan
    again = await parts(platform, staff.here, plan)
    assert {
        code: [(each["templateCode"], each["outsideTemplate"]) for each in groups]
        for code, groups in again.items()
    } == {
        "EDU": [("EDU-1", False), ("EDU-2", False), ("EDU-3", True), (None, None)],
        "ROADS": [("ROADS-1", True)],
        None: [(None, True)],
    }
    anew, *kept, archived = [each["id"] for each in again["EDU"]]
    assert [archived, *kept] == [each["id"] for each in found["EDU"]]
    assert anew != archived
    twice = {"programId": f"Program:{tree.here.program.id}", "templateId": shorter}
    assert await platform.refused(
        "regionalAdoptTemplate", "regionalPlan { id }", by=staff.here, **twice
    ) == ("REGIONAL_PLAN_ADOPTED_ALREADY")


REPORT = """
query Report($plan: ID!, $template: ID!) {
  regionalUpgradeReport(plan: $plan, template: $template) {
    version missing { code } extra { code } moved { code } steps { kind code direction projects }
  }
}
"""

STEPS = [
    ("ADD_DIRECTION", "WATER", None, 0),
    ("ADD_GROUP", "WATER-1", "WATER", 0),
    ("MOVE_GROUP", "EDU-2", "ROADS", 1),
    ("RENAME_DIRECTION", "ROADS", None, 0),
    ("RELEASE_GROUP", "EDU-3", "EDU", 1),
    ("STAYS_OUTSIDE", None, None, 2),
]


async def test_upgrade_goes_by_its_report_and_keeps_what_holds_projects(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    plan = await adopted(
        platform, staff.here, tree.here.program, await published(platform, staff.office, *FIRST)
    )
    before = await parts(platform, staff.here, plan)
    ids = {each["templateCode"]: int(each["id"].partition(":")[2]) for each in before["EDU"]}
    async with platform.arranging() as session:
        for code in ("EDU-2", "EDU-3"):
            group = await session.get_one(Node, ids[code])
            await make_node(session, NodeKind.PROJECT, group)
    second = await published(platform, staff.office, *SECOND)

    async def report() -> Any:
        asked = {"plan": plan, "template": second}
        found = await platform.read(REPORT, asked, by=staff.here)
        return found["regionalUpgradeReport"]

    async def upgrade(version: int) -> Any:
        answer = await platform.send(
            "regionalUpgradePlan",
            "regionalPlan { template { number } }",
            by=staff.here,
            planId=plan,
            templateId=second,
            expectedVersion=version,
        )
        return answer["data"]["regionalUpgradePlan"]

    dry = await report()
    assert [tuple(each.values()) for each in dry["steps"]] == STEPS
    assert [dry["missing"], dry["extra"], dry["moved"]] == [
        [{"code": "WATER"}, {"code": "WATER-1"}],
        [{"code": "EDU-3"}, {"code": None}],
        [{"code": "EDU-2"}],
    ]
    async with platform.work() as work:
        other = tree.here.group.id
        await edit_project_group(work, other, expected_version=1, names=names("Changed"))
    stale = await upgrade(dry["version"])
    assert [each["code"] for each in stale["userErrors"]] == ["CONFLICT"]
    done = await upgrade((await report())["version"])
    assert done == {"regionalPlan": {"template": {"number": 2}}, "userErrors": []}
    after = await parts(platform, staff.here, plan)
    assert {
        code: [(each["templateCode"], each["outsideTemplate"]) for each in groups]
        for code, groups in after.items()
    } == {
        "EDU": [("EDU-1", False), ("EDU-3", True)],
        "ROADS": [("EDU-2", False), ("ROADS-1", False)],
        "WATER": [("WATER-1", False)],
        None: [(None, True)],
    }
    third = await published(platform, staff.office, *FIRST)
    asked = {"plan": plan, "template": third}
    back = await platform.read(REPORT, asked, by=staff.here)
    assert [tuple(each.values()) for each in back["regionalUpgradeReport"]["steps"]] == [
        ("MOVE_GROUP", "EDU-2", "EDU", 1),
        ("RESTORE_GROUP", "EDU-3", "EDU", 1),
        ("RENAME_DIRECTION", "ROADS", None, 0),
        ("ARCHIVE_GROUP", "WATER-1", "WATER", 0),
        ("ARCHIVE_DIRECTION", "WATER", None, 0),
        ("STAYS_OUTSIDE", None, None, 2),
    ]
    await platform.done(
        "regionalUpgradePlan",
        "regionalPlan { id }",
        by=staff.here,
        planId=plan,
        templateId=third,
        expectedVersion=back["regionalUpgradeReport"]["version"],
    )
    assert await parts(platform, staff.here, plan) == {
        **before,
        None: [{**before[None][0], "name": "Changed"}],
    }
    again = await published(platform, staff.office, *SECOND)
    asked = {"plan": plan, "template": again}
    once_more = await platform.read(REPORT, asked, by=staff.here)
    await platform.done(
        "regionalUpgradePlan",
        "regionalPlan { id }",
        by=staff.here,
        planId=plan,
        templateId=again,
        expectedVersion=once_more["regionalUpgradeReport"]["version"],
    )
    assert list(await parts(platform, staff.here, plan)) == list(after)


async def test_adopt_is_for_the_project_office_of_the_akimat(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    template = await published(platform, staff.office, *FIRST)
    given = {"programId": f"Program:{tree.here.program.id}", "templateId": template}
    act = ("regionalAdoptTemplate", "regionalPlan { id }")
    assert await platform.failure(*act, by=staff.office, **given) == "FORBIDDEN"
    assert await platform.refused(*act, by=staff.there, **given) == "NOT_FOUND"


async def test_adopt_is_refused_for_what_cannot_be_adopted(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    async def refusal(by: Member, program: Node, template: str) -> str:
        return await platform.refused(
            "regionalAdoptTemplate",
            "regionalPlan { id }",
            by=by,
            programId=f"Program:{program.id}",
            templateId=template,
        )

    here, there = tree.here.program, tree.there.program
    begun = await draft(platform, staff.office, *FIRST)
    assert await refusal(staff.here, here, begun["id"]) == "NOT_FOUND"
    await platform.appoint(staff.here, "office_member", tree.country)
    assert await refusal(staff.here, here, begun["id"]) == "REGIONAL_TEMPLATE_NOT_APPROVED"
    first = await published(platform, staff.office, *FIRST)
    second = await published(platform, staff.office, *FIRST)
    assert await refusal(staff.here, here, first) == "REGIONAL_TEMPLATE_NOT_APPROVED"
    async with platform.arranging() as session:
        other = await session.get_one(Program, there.id)
        other.kind = ProgramKind.PROGRAM
        another = await make_node(session, NodeKind.PROGRAM, tree.here.body)
        (await session.get_one(Program, another.id)).kind = ProgramKind.REGIONAL_DEVELOPMENT_PLAN
    assert await refusal(staff.there, there, second) == "REGIONAL_NOT_A_PLAN"
    for column, value, code in (
        ("profile", Profile.R2021, "REGIONAL_TEMPLATE_OTHER_EDITION"),
        ("valid_from", date(2999, 1, 1), "REGIONAL_TEMPLATE_NOT_VALID_YET"),
    ):
        async with platform.arranging() as session:
            version = await session.get_one(RegionalTemplate, int(second.partition(":")[2]))
            kept = getattr(version, column)
            setattr(version, column, value)
        assert await refusal(staff.here, here, second) == code
        async with platform.arranging() as session:
            version = await session.get_one(RegionalTemplate, int(second.partition(":")[2]))
            setattr(version, column, kept)
    await adopted(platform, staff.here, here, second)
    assert await refusal(staff.here, here, second) == "REGIONAL_PLAN_ADOPTED_ALREADY"
    assert await refusal(staff.here, another, second) == "REGIONAL_REGION_HAS_PLAN"
    upgrade = ("regionalUpgradePlan", "regionalPlan { id }")
    given = {"planId": f"RegionalPlan:{here.id}", "expectedVersion": 1, "templateId": second}
    same = await platform.refused(*upgrade, by=staff.here, **given)
    assert same == "REGIONAL_UPGRADED_ALREADY"
    async with platform.work() as work:
        closed = await work.session.get_one(Node, here.id)
        work.record("stageMoveConfirmed", closed, node_id=here.id, after={"stage": "CLOSED"})
    assert await platform.refused(*upgrade, by=staff.here, **given) == "REGIONAL_PLAN_ENDED"
    await adopted(platform, staff.here, another, second)
    assert await refusal(staff.here, here, second) == "REGIONAL_REGION_HAS_PLAN"
    async with platform.arranging() as session:
        (await session.get_one(Node, here.id)).archived_at = datetime.now(UTC)
    assert await refusal(staff.here, here, second) == "NODE_ARCHIVED"
