"""Visits with the manager, and recommendations up to the one opened again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from core.authority.appointment import Appointment
from core.errors import RuleRefused
from core.hierarchy.task import Task
from core.tree.node import Node, NodeKind
from plugins.public_monitoring.contribution import CONTRIBUTION
from plugins.public_monitoring.observing import MonitoringRecommendation, MonitoringVisit
from tests.acting import entries
from tests.plugins.public_monitoring.conftest import (
    IINS,
    MEMBER,
    Body,
    Group,
    active,
    checked,
    objects,
    upload,
)
from zhoba.testing.days import today
from zhoba.testing.platform import Member, Platform, Tree
from zhoba.testing.rows import make_node

VISIT = "monitoringVisit { id state version managerName } "
ADVICE = "monitoringRecommendation { id state version addresseeRole addresseeName } "
TOMORROW = str(today() + timedelta(days=2))
SITE = {"visitOn": TOMORROW, "visitAt": "14:30", "visitAddress": "Abay 1"}


async def requested(platform: Platform, tree: Tree, group: Group) -> Any:
    return await platform.done(
        "monitoringRequestVisit",
        VISIT,
        by=group.contact,
        applicationId=group.id,
        projectId=f"Project:{tree.here.project.id}",
        purpose="the roof",
    )


async def test_a_visit_needs_the_manager_and_a_refusal_grounds(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await active(platform, tree, body)
    visit = await requested(platform, tree, group)
    at = {"visitId": visit["id"], "expectedVersion": 1}
    for code, grounds in {
        "MONITORING_GROUNDS_NEEDED": {},
        "MONITORING_GROUND_UNKNOWN": {"WEATHER": "rain"},
        "TEXT_REQUIRED": {"SAFETY": " "},
    }.items():
        refused = await platform.refused(
            "monitoringRefuseVisit", VISIT, by=body.head, **at, grounds=grounds
        )
        assert refused == code
    refused = await platform.done(
        "monitoringRefuseVisit",
        "monitoringVisit { state grounds { code text } }",
        by=body.head,
        **at,
        grounds={"SAFETY": "blasting"},
    )
    assert refused == {"state": "REFUSED", "grounds": [{"code": "SAFETY", "text": "blasting"}]}
    visit = await requested(platform, tree, group)
    at["visitId"] = visit["id"]
    past = {**SITE, "visitOn": "2020-01-01"}
    for code, given in {
        "MONITORING_VISIT_IN_THE_PAST": past,
        "MONITORING_TIME_WRONG": {**SITE, "visitAt": "T1430"},
    }.items():
        send = platform.refused("monitoringScheduleVisit", VISIT, by=body.head, **at, **given)
        assert await send == code
    visit = await platform.done("monitoringScheduleVisit", VISIT, by=body.head, **at, **SITE)
    assert (visit["state"], visit["managerName"]) == ("SCHEDULED", "Manager Daniyar")
    at["expectedVersion"] = visit["version"]
    attend = await platform.done("monitoringConfirmAttendance", VISIT, by=body.manager, **at)
    at["expectedVersion"] = attend["version"]
    came = {"monitoringMemberIds": [group.member_ids[0]], "record": "seen"}
    early = {**came, "managerPresent": True}
    refused = await platform.refused("monitoringHoldVisit", VISIT, by=body.head, **at, **early)
    assert refused == "MONITORING_VISIT_TOO_EARLY"
    await begun(platform, visit)
    for code, given in {
        "MONITORING_MANAGER_ABSENT": {**came, "managerPresent": False},
        "MONITORING_NOBODY_CAME": {**early, "monitoringMemberIds": []},
    }.items():
        send = platform.refused("monitoringHoldVisit", VISIT, by=body.head, **at, **given)
        assert await send == code
    held = await platform.done(
        "monitoringHoldVisit",
        "monitoringVisit { state present { member { fullName } } }",
        by=body.head,
        **at,
        **early,
    )
    assert held == {"state": "HELD", "present": [{"member": {"fullName": "Applicant Aliya"}}]}
    for who in (group.contact, body.head):
        await platform.done(
            "monitoringAttachPhoto",
            "monitoringVisit { photos { file { name } } }",
            by=who,
            visitId=visit["id"],
            fileId=await upload(platform, who, "image/png"),
        )
    photos = "query Q($id: ID!) { monitoringVisit(id: $id) { photos { file { name } } } }"
    data = await platform.read(photos, {"id": visit["id"]}, by=group.members[1])
    assert len([each["file"]["name"] for each in data["monitoringVisit"]["photos"]]) == 2
    told = {each.to: set(each.acts) for each in CONTRIBUTION.told}["MonitoringVisit"]
    acts = {
        each.act for each in await entries(platform.database) if each.subject == "MonitoringVisit"
    }
    assert told - acts == {
        "monitoringVisitMissed",
        "monitoringVisitCalledOff",
        "monitoringVisitDue",
    }
    assert acts <= told


async def test_a_permission_in_the_answer_is_the_first_visit(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await checked(platform, tree, body, wantsSystem=False, wantsTerritory=True)
    number = {"number": "15-9"}
    refused = await group.refused("RequestAccess", body.head)
    assert refused == "MONITORING_NO_SYSTEM_ACCESS_ASKED"
    for code, given in {
        "MONITORING_TERRITORY_ANSWER": {"territory": "NOT_REQUESTED"},
        "TEXT_REQUIRED": {"territory": "REFUSED"},
    }.items():
        assert await group.refused("Respond", body.head, **number, **given) == code
    allowed = {**number, "territory": "ALLOWED", **SITE}
    assert await group.act("Respond", body.head, **allowed) == "RESPONDED"
    query = "{ monitoringVisits { nodes { state address managerName projectName } } }"
    for reader in (group.contact, body.manager, body.head):
        data = await platform.read(query, by=reader)
        assert data["monitoringVisits"]["nodes"] == [
            {
                "state": "SCHEDULED",
                "address": "Abay 1",
                "managerName": "Manager Daniyar",
                "projectName": f"PROJECT {tree.here.project.id}",
            }
        ]


async def sent(platform: Platform, tree: Tree, group: Group, *, attached: bool = True) -> Any:
    """A recommendation of the group, sent, with a file or without."""
    written = await platform.done(
        "monitoringWriteRecommendation",
        ADVICE,
        by=group.members[1],
        applicationId=group.id,
        objectId=f"Project:{tree.here.project.id}",
        parameter="QUALITY",
        planned="two layers",
        observed="one layer",
        finding="The roof is thin",
        advice="Lay the second layer",
    )
    text = {"finding": "The roof leaks", "advice": "Lay the second layer", "planned": "two layers"}
    written = await platform.done(
        "monitoringEditRecommendation",
        ADVICE,
        by=group.members[1],
        recommendationId=written["id"],
        expectedVersion=written["version"],
        **text,
    )
    if attached:
        written = await platform.done(
            "monitoringAttachToRecommendation",
            ADVICE,
            by=group.members[1],
            recommendationId=written["id"],
            expectedVersion=written["version"],
            fileId=await upload(platform, group.members[1]),
        )
    return await platform.done(
        "monitoringSendRecommendation",
        ADVICE,
        by=group.members[1],
        recommendationId=written["id"],
        expectedVersion=written["version"],
    )


async def move(platform: Platform, found: Any, name: str, by: Member, **given: Any) -> Any:
    return await platform.done(
        f"monitoring{name}Recommendation",
        ADVICE,
        by=by,
        recommendationId=found["id"],
        expectedVersion=found["version"],
        **given,
    )


async def close(platform: Platform, task: Node) -> None:
    async with platform.arranging() as session:
        (await session.get_one(Task, task.id)).closed_on = today()


async def test_a_recommendation_is_taken_done_and_opened_again_once(
    platform: Platform, tree: Tree, body: Body
) -> None:
    async with platform.arranging() as session:
        project = await session.get_one(Node, tree.here.project.id)
        gone, task, second_task = [
            await make_node(session, NodeKind.TASK, project, stage=None) for _ in range(3)
        ]
        other = await session.get_one(Node, tree.there.project.id)
        foreign = await make_node(session, NodeKind.TASK, other, stage=None)
    await platform.appoint(body.direction_head, "bd_head", tree.there.direction)
    group = await active(platform, tree, body)
    found = await sent(platform, tree, group)
    assert (found["addresseeRole"], found["addresseeName"]) == ("bd_head", "Director Erlan")
    found = await move(platform, found, "Acknowledge", body.direction_head)
    at = {"recommendationId": found["id"], "expectedVersion": found["version"]}
    elsewhere = {**at, "taskId": f"Task:{foreign.id}"}
    head = body.direction_head
    refused = await platform.refused("monitoringTakeRecommendation", ADVICE, by=head, **elsewhere)
    assert refused == "MONITORING_TASK_ELSEWHERE"
    found = await move(platform, found, "Take", head, taskId=f"Task:{gone.id}")
    at["expectedVersion"] = found["version"]
    refused = await platform.refused("monitoringFinishRecommendation", ADVICE, by=head, **at)
    assert refused == "MONITORING_TASK_OPEN"
    for name, given in {
        "Take": {"taskId": f"Task:{task.id}"}, "Decline": {"reason": "no money"},
    }.items():  # fmt: skip
        act = f"monitoring{name}Recommendation"
        refused = await platform.refused(act, ADVICE, by=head, **at, **given)
        assert refused == "MONITORING_WRONG_STATE"
    async with platform.arranging() as session:
        (await session.get_one(Node, gone.id)).archived_at = datetime.now(UTC)
    found = await move(platform, found, "Take", head, taskId=f"Task:{task.id}")
    at["expectedVersion"] = found["version"]
    await close(platform, task)
    for round_ in range(2):
        found = await move(platform, found, "Finish", head)
        at["expectedVersion"] = found["version"]
        reason = {"reason": "one layer still"}
        if round_:
            refused = await platform.refused(
                "monitoringReopenRecommendation", ADVICE, by=group.contact, **at, **reason
            )
            assert refused == "MONITORING_REOPENED_ALREADY"
        else:
            found = await move(platform, found, "Reopen", group.contact, **reason)
            assert found["state"] == "REOPENED"
            found = await move(platform, found, "Acknowledge", head)
            at["expectedVersion"] = found["version"]
            done = {**at, "taskId": f"Task:{task.id}"}
            refused = await platform.refused(
                "monitoringTakeRecommendation", ADVICE, by=head, **done
            )
            assert refused == "MONITORING_TASK_CLOSED"
            found = await move(platform, found, "Take", head, taskId=f"Task:{second_task.id}")
            await close(platform, second_task)
    steps = """query Q($id: ID!) { monitoringRecommendation(id: $id) {
      steps { state byName } attachments { file { name } } } }"""
    for reader in (group.contact, head, body.head):
        data = await platform.read(steps, {"id": found["id"]}, by=reader)
        (file,) = data["monitoringRecommendation"]["attachments"]
        assert file["file"]["name"].endswith(".pdf")
        states = [each["state"] for each in data["monitoringRecommendation"]["steps"]]
        assert states == [
            "SENT", "ACKNOWLEDGED", "TAKEN", "TAKEN", "DONE", "REOPENED", "ACKNOWLEDGED", "TAKEN",
            "DONE",
        ]  # fmt: skip
    stranger = await platform.person("bd_head", tree.there.direction)
    answer = await platform.ask(steps, {"id": found["id"]}, by=stranger)
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("other_heads", [True, False])
async def test_the_curator_considers_where_another_heads_the_direction(
    platform: Platform, tree: Tree, body: Body, other_heads: bool
) -> None:
    if other_heads:
        curator = await platform.person("pg_curator", tree.here.group, "Curator Zarina")
    else:
        curator = body.direction_head
        await platform.appoint(curator, "pg_curator", tree.here.group)
    group = await active(platform, tree, body)
    found = await sent(platform, tree, group)
    role = "pg_curator" if other_heads else "bd_head"
    assert found["addresseeRole"] == role
    if other_heads:
        at = {"recommendationId": found["id"], "expectedVersion": found["version"]}
        refused = await platform.refused(
            "monitoringAcknowledgeRecommendation", ADVICE, by=body.direction_head, **at
        )
        assert refused == "MONITORING_CURATOR_CONSIDERS"
    found = await move(platform, found, "Acknowledge", curator)
    declined = await move(platform, found, "Decline", curator, reason="no money")
    assert declined["state"] == "NOT_ACCEPTED"
    copy = (
        "query Q($id: ID!) { monitoringRecommendation(id: $id) { copyTo { fullName } objectName } }"
    )
    data = await platform.read(copy, {"id": found["id"]}, by=body.direction_head)
    expected = {"fullName": "Director Erlan"} if other_heads else None
    assert data["monitoringRecommendation"] == {
        "copyTo": expected,
        "objectName": f"PROJECT {tree.here.project.id}",
    }


async def test_who_owes_an_answer_is_reminded_once_and_keeps_the_plugin_on(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await active(platform, tree, body)
    visit = await requested(platform, tree, group)
    await sent(platform, tree, group, attached=False)
    with pytest.raises(RuleRefused) as refusal:
        await platform.disable(tree.here.region)
    assert refusal.value.params == {"applications": 0, "visits": 1, "recommendations": 1}
    soon = datetime.now(UTC) + timedelta(days=30)
    for _ in range(2):
        await platform.run_job("remind", tree.here.region, now=soon)
    for act in ("monitoringVisitDue", "monitoringRecommendationDue"):
        assert len(await entries(platform.database, act)) == 1
    late = """{ monitoringVisits(where: {overdue: {eq: true}}) { nodes { id } }
      monitoringRecommendations(where: {overdue: {eq: true}}) { nodes { id } } }"""
    assert await platform.read(late, by=body.head) == {
        "monitoringVisits": {"nodes": []}, "monitoringRecommendations": {"nodes": []},
    }  # fmt: skip
    async with platform.arranging() as session:
        for row in (
            *await session.scalars(select(MonitoringVisit)),
            *await session.scalars(select(MonitoringRecommendation)),
        ):
            row.due_on = today() - timedelta(days=3)
    data = await platform.read(late, by=body.head)
    assert data["monitoringVisits"]["nodes"] == [{"id": visit["id"]}]
    assert len(data["monitoringRecommendations"]["nodes"]) == 1


async def test_visits_of_a_group_that_lost_its_access_are_called_off(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await active(platform, tree, body)
    visit = await requested(platform, tree, group)
    held = await requested(platform, tree, group)
    at = {"visitId": held["id"], "expectedVersion": held["version"], **SITE}
    await platform.done("monitoringScheduleVisit", VISIT, by=body.head, **at)
    came = {"monitoringMemberIds": group.member_ids, "record": "seen", "managerPresent": True}
    at = await begun(platform, held)
    await platform.done("monitoringHoldVisit", VISIT, by=body.head, **at, **came)
    assert await group.act("RevokeAccess", body.office, reason="rude") == "REVOKED"
    seen = {"visitId": held["id"], "fileId": await upload(platform, group.contact, "image/png")}
    refused = await platform.refused("monitoringAttachPhoto", VISIT, by=group.contact, **seen)
    assert refused == "MONITORING_WRONG_STATE"
    read = "query Q($id: ID!) { monitoringVisit(id: $id) { state version } }"
    found = (await platform.read(read, {"id": visit["id"]}, by=body.head))["monitoringVisit"]
    assert found["state"] == "CALLED_OFF"
    at = {"visitId": visit["id"], "expectedVersion": found["version"], **SITE}
    refused = await platform.refused("monitoringScheduleVisit", VISIT, by=body.head, **at)
    assert refused == "MONITORING_WRONG_STATE"


async def begun(platform: Platform, visit: Any) -> Any:
    """What names a visit whose hour has come."""
    async with platform.arranging() as session:
        row = await session.get_one(MonitoringVisit, int(visit["id"].partition(":")[2]))
        row.starts_at = datetime.now(UTC) - timedelta(hours=1)
        return {"visitId": visit["id"], "expectedVersion": row.version}


async def test_a_group_with_the_territory_only_visits_recommends_and_ends(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await checked(platform, tree, body, wantsSystem=False, wantsTerritory=True)
    allowed = {"number": "15-9", "territory": "ALLOWED", **SITE}
    assert await group.act("Respond", body.head, **allowed) == "RESPONDED"
    written = {
        "applicationId": group.id,
        "objectId": f"Project:{tree.here.project.id}",
        "parameter": "QUALITY",
        "finding": "The roof is thin",
        "advice": "Lay the second layer",
    }
    write = "monitoringWriteRecommendation"
    assert await platform.refused(write, ADVICE, by=group.contact, **written) == (
        "MONITORING_VISIT_FIRST"
    )
    data = await platform.read("{ monitoringVisits { nodes { id } } }", by=group.contact)
    (visit,) = data["monitoringVisits"]["nodes"]
    came = {"monitoringMemberIds": group.member_ids, "record": "seen", "managerPresent": True}
    at = await begun(platform, visit)
    await platform.done("monitoringHoldVisit", VISIT, by=body.head, **at, **came)
    elsewhere = {**written, "objectId": f"Project:{tree.here.second_project.id}"}
    assert await platform.refused(write, ADVICE, by=group.contact, **elsewhere) == "NOT_FOUND"
    found = await sent(platform, tree, group)
    assert found["state"] == "SENT"
    seen = {"visitId": visit["id"], "fileId": await upload(platform, group.contact, "image/png")}
    await platform.done("monitoringAttachPhoto", VISIT, by=group.contact, **seen)
    visit = await requested(platform, tree, group)
    at = {"visitId": visit["id"], "expectedVersion": visit["version"]}
    await platform.done("monitoringScheduleVisit", VISIT, by=body.head, **at, **SITE)
    at = await begun(platform, visit)
    missed = {"reason": "a storm", **at}
    found = await platform.done("monitoringMissVisit", VISIT, by=body.head, **missed)
    assert found["state"] == "MISSED"
    visit = await requested(platform, tree, group)
    assert await objects(platform, group.contact) == []
    going = await requested(platform, tree, group)
    at = {"visitId": going["id"], "expectedVersion": going["version"]}
    await platform.done("monitoringScheduleVisit", VISIT, by=body.head, **at, **SITE)
    went = await begun(platform, going)
    leave = {"memberId": group.member_ids[1]}
    await platform.done("monitoringLeaveGroup", MEMBER, by=group.contact, **leave)
    rests = "{ monitoringVisits(where: {state: {eq: CALLED_OFF}}) { nodes { id } } }"
    off = (await platform.read(rests, by=body.head))["monitoringVisits"]["nodes"]
    assert off == [{"id": visit["id"]}]  # not the one they are at
    came["monitoringMemberIds"] = group.member_ids[:1]
    await platform.done("monitoringHoldVisit", VISIT, by=body.head, **went, **came)
    await group.join("Third Gulnar")
    await group.confirm(2)
    admit = {"memberId": group.member_ids[2]}
    await platform.done("monitoringVerifyMember", MEMBER, by=body.head, **admit)
    await platform.done("monitoringAdmitMember", MEMBER, by=body.office, **admit)
    assert await objects(platform, group.contact) == []
    state = "query Q($id: ID!) { monitoringApplication(id: $id) { state visits { nodes { state } }"
    state += " access { id } } }"
    for day, expected in ((365, "RESPONDED"), (366, "CLOSED")):
        later = datetime.now(UTC) + timedelta(days=day)
        await platform.run_job("close", tree.here.region, now=later)
        data = await platform.read(state, {"id": group.id}, by=body.head)
        assert data["monitoringApplication"]["state"] == expected
    assert data["monitoringApplication"]["access"] == []
    visits = data["monitoringApplication"]["visits"]["nodes"]
    assert sorted(each["state"] for each in visits) == ["CALLED_OFF", "HELD", "HELD", "MISSED"]


async def test_an_answer_that_refuses_all_that_was_asked_for_refuses_the_application(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await checked(platform, tree, body, wantsSystem=False, wantsTerritory=True)
    async with platform.arranging() as session:
        await session.execute(delete(Appointment).where(Appointment.role == "project_manager"))
    allowed = {"number": "15-9", "territory": "ALLOWED", **SITE}
    refused = await group.refused("Respond", body.head, **allowed)
    assert refused == "MONITORING_PROJECT_MANAGER_MISSING"
    answer = {"number": "15-9", "territory": "REFUSED", "reasons": "nothing stands there yet"}
    assert await group.act("Respond", body.head, **answer) == "REFUSED"
    other = await checked(platform, tree, body, iins=IINS[1:])
    refuse = {"number": "15-9", "reason": "no"}
    assert await other.refused("RefuseApplication", body.head, **refuse) == (
        "MONITORING_NUMBER_TAKEN"
    )


async def test_nobody_decides_about_visits_and_recommendations_of_their_own_group(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await active(platform, tree, body)
    visit = await requested(platform, tree, group)
    advice = await sent(platform, tree, group, attached=False)
    for role, node in (
        ("unit_head", body.unit), ("project_manager", tree.here.project),
        ("bd_head", tree.here.direction),
    ):  # fmt: skip
        await platform.appoint(group.contact, role, node)
    at = {"visitId": visit["id"], "expectedVersion": visit["version"]}
    mine = "MONITORING_OWN_APPLICATION"
    by = group.contact
    assert await platform.refused("monitoringScheduleVisit", VISIT, by=by, **at, **SITE) == mine
    assert await platform.refused("monitoringConfirmAttendance", VISIT, by=by, **at) == mine
    at = {"recommendationId": advice["id"], "expectedVersion": advice["version"]}
    assert (
        await platform.refused("monitoringAcknowledgeRecommendation", ADVICE, by=by, **at) == mine
    )
