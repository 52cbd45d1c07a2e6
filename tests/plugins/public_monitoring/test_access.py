"""Access of observers: exactly what was granted, as long as it was, and gone at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from core.decisions.entry import DecisionEntry
from core.hierarchy.stage_move import StageMove, StageMoveState
from core.tree.node import Node, NodeKind, Stage
from core.work import Profile
from plugins.public_monitoring.access import SCOPE
from plugins.public_monitoring.models import MonitoringApplication
from tests.plugins.public_monitoring.conftest import (
    IINS,
    MEMBER,
    Body,
    active,
    checked,
    objects,
)
from zhoba.host.installation import Installation
from zhoba.testing.days import today
from zhoba.testing.platform import Platform, Tree
from zhoba.testing.rows import make_node

OBJECTS = """{ monitoringObjects { nodes { id name stage budget { amount }
  schedule { nodes { name dueOn overdue } } places { address } } }
  projects { totalCount } tasks { totalCount } }"""
WHY = """query Q($person: ID!, $node: ID!) {
  explainAccess(person: $person, node: $node, action: "monitoring_scope.read") {
    allowed decidingRule roles { role { code } heldAt appointment } } }"""


PASSPORT, SCHEDULE = "passport/charter summary", "schedule"
TERMS, QUALITY, COST = "plan-fact of terms", "plan-fact of quality", "plan-fact of cost"
DOCUMENTS, LOCATION = "public documents", "map location"
ITSELF = "the object itself"

ALLOWED = {
    "MonitoringObject": {
        "id number name names stage": ITSELF,
        "goal result description funding": PASSPORT,
        "startsOn endsOn begunAt resultsAcceptedAt overdue": TERMS,
        "schedule taskCount tasksDone tasksDoneInTime": SCHEDULE,
        "budget": COST,
        "facts": f"{TERMS}, {QUALITY}, {COST}",
        "documents": DOCUMENTS,
        "places": LOCATION,
    },
    "MonitoringObjectGroup": {
        "id name names stage projects": ITSELF,
        "documents": DOCUMENTS,
    },
    "MonitoringObjectTask": {
        "id name names taskKind": SCHEDULE,
        "startsOn dueOn closedOn overdue": TERMS,
        "confirmed result": QUALITY,
    },
    "MonitoringObjectPlace": {
        "id nationwide region administrativeUnit address latitude longitude": LOCATION
    },
    "MonitoringObjectFunding": {"source amount": COST},
    "MonitoringObjectFact": {
        "id parameter asOf planned actual statedAt": f"{TERMS}, {QUALITY}, {COST}",
        "spent": COST,
    },
    "MonitoringObjectDocument": {
        "id title number signedOn file openedAt closedAt": DOCUMENTS,
    },
}
"""What §6 lists as the proper level of access, and every field by which observers read it."""

TREE = (
    "kind ancestors parent children descendants stateBody region gaps nextStages stageMoves "
    "origin originId originSystem createdAt archivedAt retention version monitored"
)
STAFF, INTERNAL = "personal data of staff", "internal comments and workings"
SIGNED = "documents nobody opened to them"
NO_PART = "no part of the summary"

DENIED = {
    "MonitoringObject": {
        f"{TREE} program group locations tasks": "the tree, by other types",
        "managerName resultsAcceptedBy appointments": STAFF,
        "lessons history": INTERNAL,
        "implementingBody contractual budgetProgramCode productHasPriority": NO_PART,
        "durationClass costClass scaleClass productClass timeClass financingClass": NO_PART,
    },
    "MonitoringObjectGroup": {
        f"{TREE} program groups projectStats": "the tree, by other types",
        "headName appointments responsibleUnit": STAFF,
        "history standardCode": INTERNAL,
    },
    "MonitoringObjectTask": {
        f"{TREE} stage predecessor": "the tree, by other types",
        "executor appointments": STAFF,
        "description history": INTERNAL,
        "confirmingDocument confirmingFile": SIGNED,
    },
    "MonitoringObjectPlace": {"project": "the tree, by other types"},
}
"""Every other field of the same objects, and why observers do not get it."""

SAME = {
    "MonitoringObject": "Project",
    "MonitoringObjectGroup": "ProjectGroup",
    "MonitoringObjectTask": "Task",
    "MonitoringObjectPlace": "ProjectLocation",
}


def split(table: dict[str, dict[str, str]], name: str) -> set[str]:
    return {field for fields in table[name] for field in fields.split()}


def test_what_observers_read_field_by_field(installation: Installation) -> None:
    types = installation.schema.graphql.type_map
    for name in ALLOWED:
        assert set(types[name].fields) == split(ALLOWED, name), name
    for ours, name in SAME.items():
        shown, denied = set(types[ours].fields), split(DENIED, ours)
        assert (set(types[name].fields) - shown, denied & shown) == (denied, set()), name
    named = {rule.action for rule in rules_of(installation, "public_observer")}
    assert named == {
        "monitoring_scope.read", "monitoring_visit.request", "monitoring_recommendation.submit",
    }  # fmt: skip
    observed = {
        name
        for name, noun in installation.schema.catalogue.nouns.items()
        if SCOPE in noun.binding.levels.values()
    }
    assert observed == set(ALLOWED)


def rules_of(installation: Installation, role: str) -> list[Any]:
    return [each for each in installation.policy(Profile.R2023).rules if each.role == role]


STATE = "query Q($id: ID!) { monitoringApplication(id: $id) { state version } }"
WHO = """query Q($node: ID!) {
  whoCan(node: $node, action: "monitoring_scope.read") { nodes { fullName rule since until } } }"""


async def test_observers_read_what_was_granted_and_nothing_else(
    platform: Platform, tree: Tree, body: Body
) -> None:
    async with platform.arranging() as session:
        project = await session.merge(tree.here.project, load=False)
        await make_node(session, NodeKind.TASK, project, name="Dig", stage=None)
    group = await active(platform, tree, body)
    for reader in group.members:
        data = await platform.read(OBJECTS, by=reader)
        (found,) = data["monitoringObjects"]["nodes"]
        assert found["id"] == f"MonitoringObject:{tree.here.project.id}"
        assert [each["name"] for each in found["schedule"]["nodes"]] == ["Dig"]
        assert (data["projects"]["totalCount"], data["tasks"]["totalCount"]) == (0, 0)
    why = {"person": group.contact.id, "node": f"Project:{tree.here.project.id}"}
    answer = await platform.ask(WHY, why, by=group.contact)
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"  # the tree is not theirs
    asker = await platform.person("national_administrator", tree.country)
    explained = (await platform.read(WHY, why, by=asker))["explainAccess"]
    assert explained["allowed"] is True
    assert explained["decidingRule"] == "public_monitoring:public_observer:monitoring_scope.read"
    assert [each["role"]["code"] for each in explained["roles"]] == ["public_observer"]
    holders = (await platform.read(WHO, {"node": why["node"]}, by=asker))["whoCan"]["nodes"]
    assert {each["fullName"] for each in holders} == {"Applicant Aliya", "Second Bolat"}
    await platform.app.state.operations.services.decisions.flush()
    async with platform.arranging() as session:
        logged = await session.scalars(
            select(DecisionEntry).where(DecisionEntry.action == "monitoring_scope.read")
        )
        lines = {(each.subject, each.person_id) for each in logged}
    readers = [each.person_id for each in group.members]
    assert lines == {
        (kind, who) for kind in ("MonitoringObject", "MonitoringObjectTask") for who in readers
    }


async def test_access_ends_by_revocation_by_its_day_and_with_the_group(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await active(platform, tree, body)
    assert await group.refused("RevokeAccess", body.office, reason="") == "TEXT_REQUIRED"
    assert await group.act("RevokeAccess", body.office, reason="rude") == "REVOKED"
    assert [await objects(platform, each) for each in group.members] == [[], []]


async def test_who_was_found_in_order_does_not_become_somebody_else(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await active(platform, tree, body)
    refused = await platform.refused(
        "monitoringConfirmMembership",
        MEMBER,
        by=group.members[1],
        memberId=group.member_ids[1],
        iin=IINS[2],
        consent=True,
    )
    assert refused == "MONITORING_WRONG_STATE"


async def test_a_group_that_shrinks_rests_and_goes_on(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await active(platform, tree, body)
    leave = {"memberId": group.member_ids[1]}
    second = group.members[1]
    await platform.done("monitoringLeaveGroup", MEMBER, by=second, **leave)
    assert [await objects(platform, each) for each in group.members] == [[], []]
    stays = {"memberId": group.member_ids[0]}
    refused = await platform.refused("monitoringLeaveGroup", MEMBER, by=group.contact, **stays)
    assert refused == "MONITORING_CONTACT_STAYS"
    third = await group.join("Third Gulnar")
    await group.confirm(2)
    admit = {"memberId": group.member_ids[2]}
    refused = await platform.refused("monitoringAdmitMember", MEMBER, by=body.office, **admit)
    assert refused == "MONITORING_MEMBER_NOT_VERIFIED"
    await platform.done("monitoringVerifyMember", MEMBER, by=body.head, **admit)
    await platform.done("monitoringAdmitMember", MEMBER, by=body.office, **admit)
    mine = [f"MonitoringObject:{tree.here.project.id}"]
    assert await objects(platform, group.contact) == mine
    assert (await objects(platform, third), await objects(platform, second)) == (mine, [])


async def test_a_group_that_falls_apart_before_the_answer_goes_back_to_the_unit(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await checked(platform, tree, body)
    await group.act("RequestAccess", body.head)
    late = str(today() + timedelta(days=400))
    refused = await group.refused("GrantAccess", body.office, validTo=late)
    assert refused == "MONITORING_ACCESS_DAYS"
    await group.act("GrantAccess", body.office)
    assert len(await objects(platform, group.contact)) == 1
    leave = {"memberId": group.member_ids[1]}
    await platform.done("monitoringLeaveGroup", MEMBER, by=group.contact, **leave)
    assert [await objects(platform, each) for each in group.members] == [[], []]
    data = await platform.read(STATE, {"id": group.id}, by=group.contact)
    assert data["monitoringApplication"]["state"] == "UNDER_CHECK"
    group.version = data["monitoringApplication"]["version"]
    assert await group.refused("RequestAccess", body.head) == "MONITORING_GROUP_SIZE"


async def test_access_ends_on_its_last_day_and_data_are_erased_later(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await active(platform, tree, body)
    later = datetime.now(UTC) + timedelta(days=366)
    await platform.run_job("close", tree.here.region, now=later)
    state = "query Q($id: ID!) { monitoringApplication(id: $id) { state members { iinMasked"
    state += " documents { kind file { name } } } } }"
    data = await platform.read(state, {"id": group.id}, by=body.head)
    found = data["monitoringApplication"]
    assert found["state"] == "CLOSED"
    assert all(each["file"] for each in found["members"][0]["documents"])
    await platform.run_job("erase", tree.here.region, now=later + timedelta(days=31))
    found = (await platform.read(state, {"id": group.id}, by=body.head))["monitoringApplication"]
    assert [each["file"] for each in found["members"][0]["documents"]] == [None, None, None]
    assert found["members"][0]["iinMasked"] == f"******{IINS[0][-4:]}"
    await platform.disable(tree.here.region)
    await platform.run_job("erase", tree.here.region, now=later + timedelta(days=1100))
    await platform.enable(tree.here.region)
    found = (await platform.read(state, {"id": group.id}, by=body.head))["monitoringApplication"]
    assert [each["iinMasked"] for each in found["members"]] == [None, None]


async def test_an_answer_never_says_granted_when_it_is_over(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await checked(platform, tree, body)
    await group.act("RequestAccess", body.head)
    day = today()
    await group.act("GrantAccess", body.office, validTo=str(day))
    answer = {"number": "15-7", "territory": "NOT_REQUESTED"}
    async with platform.arranging() as session:
        (row,) = await session.scalars(select(MonitoringApplication))
        row.valid_to = day - timedelta(days=1)
    assert await group.refused("Respond", body.head, **answer) == "MONITORING_ACCESS_OVER"
    await platform.run_job("close", tree.here.region)
    data = await platform.read(STATE, {"id": group.id}, by=group.contact)
    assert data["monitoringApplication"]["state"] == "UNDER_CHECK"
    group.version = data["monitoringApplication"]["version"]
    await group.act("RequestAccess", body.head)
    await group.act("GrantAccess", body.office)
    assert await group.act("Respond", body.head, **answer) == "ACTIVE"
    assert len(await objects(platform, group.contact)) == 1


async def test_access_ends_some_time_after_the_project_is_closed(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await active(platform, tree, body)
    closed = datetime.now(UTC)
    async with platform.arranging() as session:
        (await session.get_one(Node, tree.here.project.id)).stage = Stage.CLOSED
        session.add(
            StageMove(
                node_id=tree.here.project.id,
                from_stage=Stage.CLOSURE,
                to_stage=Stage.CLOSED,
                state=StageMoveState.CONFIRMED,
                proposed_at=closed,
                decided_at=closed,
            )
        )
    for days, state in ((29, "ACTIVE"), (31, "CLOSED")):
        await platform.run_job("close", tree.here.region, now=closed + timedelta(days=days))
        data = await platform.read(STATE, {"id": group.id}, by=group.contact)
        assert data["monitoringApplication"]["state"] == state
