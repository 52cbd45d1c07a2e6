"""A group applies and the body handles it: what is done, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select

from core.authority.appointment import Appointment
from core.decisions.entry import DecisionEntry, DecisionKind
from core.errors import RuleRefused
from core.people.invitation import Invitation
from core.tree.node import Node, NodeKind
from plugins.public_monitoring.models import MonitoringApplication, MonitoringMember
from plugins.public_monitoring.states import MonitoringApplicationState
from tests.acting import entries
from tests.plugins.public_monitoring.conftest import (
    APPLICATION,
    IINS,
    KINDS,
    MEMBER,
    Body,
    apply,
    checked,
    citizen,
    submitted,
    upload,
)
from zhoba.testing.days import today
from zhoba.testing.platform import Platform, Tree
from zhoba.testing.rows import make_node

SEEN = """query Q($id: ID!) { monitoringApplication(id: $id) {
  state unit { id } dueOn members { fullName iinMasked documents { kind } }
  targets { name } response { number granted territory signedByName } } }"""


async def test_an_application_from_draft_to_access(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await apply(platform, tree)
    contact = group.contact
    assert await group.refused("SubmitApplication", contact) == "MONITORING_GROUP_SIZE"
    await group.join("Second Bolat")
    assert await group.refused("SubmitApplication", contact) == "MONITORING_MEMBER_NOT_CONFIRMED"
    await group.confirm(0)
    await group.confirm(1, kinds=KINDS[:2])
    assert await group.refused("SubmitApplication", contact) == "MONITORING_DOCUMENT_MISSING"
    await group.confirm(1, kinds=KINDS[2:])
    assert await group.act("SubmitApplication", contact) == "SUBMITTED"
    assert await group.act("TakeApplication", body.head) == "UNDER_CHECK"
    assert await group.refused("ReturnApplication", body.head, reason=" ") == "TEXT_REQUIRED"
    assert await group.act("ReturnApplication", body.head, reason="blurred") == "RETURNED"
    assert await group.act("SubmitApplication", contact) == "SUBMITTED"
    await group.act("TakeApplication", body.head)
    refused = await group.refused("RequestAccess", body.head)
    assert refused == "MONITORING_MEMBER_NOT_VERIFIED"
    for id in group.member_ids:
        await platform.done("monitoringVerifyMember", MEMBER, by=body.head, memberId=id)
    answer = {"number": "15-7", "territory": "NOT_REQUESTED"}
    refused = await group.refused("Respond", body.head, **answer)
    assert refused == "MONITORING_NOT_GRANTED_YET"
    assert await group.act("RequestAccess", body.head) == "ACCESS_REQUESTED"
    assert await group.act("SendBack", body.office, reason="whose project?") == "UNDER_CHECK"
    why = "query Q($id: ID!) { monitoringApplication(id: $id) { note officeNote } }"
    found = {"note": None, "officeNote": "whose project?"}
    assert (await platform.read(why, {"id": group.id}, by=body.head)).popitem()[1] == found
    kept = await platform.ask(why, {"id": group.id}, by=contact)
    assert kept["data"]["monitoringApplication"] == {"note": None, "officeNote": None}
    assert [each["extensions"]["code"] for each in kept["errors"]] == ["FORBIDDEN"]
    await group.act("RequestAccess", body.head)
    refused = await group.refused("Respond", body.head, **answer)
    assert refused == "MONITORING_NOT_GRANTED_YET"
    assert await group.act("GrantAccess", body.office) == "ACCESS_GRANTED"
    assert await group.act("Respond", body.head, **answer) == "ACTIVE"
    seen = await platform.read(SEEN, {"id": group.id}, by=contact)
    assert seen["monitoringApplication"]["response"] == {
        "number": "15-7", "granted": True, "territory": "NOT_REQUESTED",
        "signedByName": "Head Aigul",
    }  # fmt: skip
    acts = [entry.act for entry in await entries(platform.database)]
    assert acts.count("monitoringApplicationSubmitted") == 2


async def test_who_reads_what_of_an_application(platform: Platform, tree: Tree, body: Body) -> None:
    group = await submitted(platform, tree)
    stranger = await citizen(platform, "Stranger Serik")
    for reader in (stranger, body.manager, body.direction_head):
        answer = await platform.ask(SEEN, {"id": group.id}, by=reader)
        assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    everything = SEEN.replace("iinMasked", "iinMasked iin")
    data = await platform.read(everything, {"id": group.id}, by=body.head)
    found = data["monitoringApplication"]
    assert found["unit"] == {"id": f"OrganizationUnit:{body.unit.id}"}
    assert [each["fullName"] for each in found["members"]] == ["Applicant Aliya", "Second Bolat"]
    assert [each["iin"] for each in found["members"]] == list(IINS[:2])
    assert [each["iinMasked"] for each in found["members"]] == ["******0126", "******0266"]
    kinds = [each["kind"] for each in found["members"][1]["documents"]]
    assert kinds == list(KINDS)
    await platform.app.state.operations.services.decisions.flush()
    async with platform.arranging() as session:
        logged = await session.scalars(
            select(DecisionEntry).where(DecisionEntry.kind == DecisionKind.SENSITIVE_READ)
        )
        lines = {(each.action, each.subject, tuple(each.fields)) for each in logged}
    assert lines == {("monitoring_application.check", "MonitoringMember", ("iin",))}
    for reader in (*group.members, body.office):
        answer = await platform.ask(everything, {"id": group.id}, by=reader)
        members = answer["data"]["monitoringApplication"]["members"]
        assert [each["iin"] for each in members] == [None, None]
        assert [each["iinMasked"] for each in members] == ["******0126", "******0266"]
        assert {each["extensions"]["code"] for each in answer["errors"]} == {"FORBIDDEN"}


async def test_who_gives_a_member_a_new_link(platform: Platform, tree: Tree, body: Body) -> None:
    group = await apply(platform, tree)
    await group.join("Second Bolat")
    second = {"memberId": group.member_ids[1]}
    link = "monitoringMember { id } link"
    invite = "monitoringInviteMember"
    stranger = await citizen(platform, "Stranger Serik")
    assert await platform.refused(invite, link, by=stranger, **second) == "NOT_FOUND"
    await platform.done(invite, link, by=group.contact, **second)
    for index in range(2):
        await group.confirm(index)
    refused = await platform.refused(invite, link, by=group.contact, **second)
    assert refused == "MONITORING_LINK_FROM_UNIT"
    await group.act("SubmitApplication", group.contact)
    speaks = {"memberId": group.member_ids[0]}
    refused = await platform.refused(invite, link, by=body.head, **speaks)
    assert refused == "MONITORING_NO_LINK"  # the contact may be anybody
    answer = await platform.send(invite, link, by=body.head, **second)
    assert answer["data"][invite]["link"].startswith("/sign-in#")
    good = select(func.count()).where(
        Invitation.account_id == group.members[1].account_id, Invitation.revoked_at.is_(None)
    )
    async with platform.arranging() as session:
        assert await session.scalar(good) == 1
    await group.act("TakeApplication", body.head)
    await group.act("ReturnApplication", body.head, reason="blurred")
    again = {**second, "iin": IINS[1], "consent": True}
    sign = "monitoringConfirmMembership", MEMBER
    refused = await platform.refused(*sign, by=group.members[1], **again)
    assert refused == "MONITORING_LINK_CANNOT_SIGN"  # whoever made it may be signed in by it
    third = await group.join("Third Gulnar")
    two, three = ({"memberId": each} for each in group.member_ids[1:])
    for each in (two, three):  # not signed any more, and not signed yet
        refused = await platform.refused(invite, link, by=body.head, **each)
        assert refused == "MONITORING_LINK_CANNOT_SIGN"
    body_id, project = tree.here.body.id, tree.here.second_project.id
    own = {"bodyId": f"StateBody:{body_id}", "projectId": f"Project:{project}"}
    asks = {"wantsSystem": True, "wantsTerritory": False}
    await platform.done("monitoringStartApplication", APPLICATION, by=third, **own, **asks)
    refused = await platform.refused(invite, link, by=group.contact, **three)
    assert refused == "MONITORING_NO_LINK"  # the own application is nobody else's


async def test_what_a_group_may_not_do(platform: Platform, tree: Tree, body: Body) -> None:
    group = await apply(platform, tree)
    contact = group.contact
    wrong = {
        "MONITORING_TARGET_WRONG": {"projectId": None},
        "MONITORING_NOTHING_ASKED": {"wantsSystem": False},
        "NOT_FOUND": {"projectId": f"Project:{tree.there.project.id}"},
    }
    for code, given in wrong.items():
        full = {
            "bodyId": f"StateBody:{tree.here.body.id}",
            "wantsSystem": True,
            "wantsTerritory": False,
            "projectId": f"Project:{tree.here.project.id}",
            **given,
        }
        send = platform.refused("monitoringStartApplication", APPLICATION, by=contact, **full)
        assert await send == code
    full["projectId"] = f"Project:{tree.here.project.id}"
    nobody = {"applicationId": group.id, "familyName": "A", "givenName": "B", "email": "no address"}
    refused = await platform.refused("monitoringAddMember", MEMBER, by=contact, **nobody)
    assert refused == "MONITORING_EMAIL_WRONG"
    told = "{ monitoringApplications { nodes { objectTitle targets { name object { id } } } } }"
    await group.act("EditApplication", contact, objectTitle="the roof of school 5")
    found = {"objectTitle": "the roof of school 5", "targets": [{"name": None, "object": None}]}
    assert (await platform.read(told, by=contact))["monitoringApplications"]["nodes"] == [found]
    for _ in range(2):
        other = await platform.done("monitoringStartApplication", APPLICATION, by=contact, **full)
    assert await platform.refused(
        "monitoringStartApplication", APPLICATION, by=contact, **full
    ) == ("MONITORING_OPEN_APPLICATIONS")
    taken_back = {"applicationId": other["id"], "expectedVersion": other["version"]}
    found = await platform.done(
        "monitoringWithdrawApplication", APPLICATION, by=contact, **taken_back
    )
    assert found["state"] == "WITHDRAWN"
    second = await group.join("Second Bolat")
    mine = {"memberId": group.member_ids[0], "iin": IINS[0], "consent": True}
    confirm = "monitoringConfirmMembership"
    for code, given in {
        "MONITORING_IIN_WRONG": {"iin": "900101300125"},
        "MONITORING_CONSENT_NEEDED": {"consent": False},
        "NOT_FOUND": {"memberId": group.member_ids[1]},
    }.items():
        assert await platform.refused(confirm, MEMBER, by=contact, **{**mine, **given}) == code
    await group.confirm(0)
    same = {"memberId": group.member_ids[1], "iin": IINS[0], "consent": True}
    assert await platform.refused(confirm, MEMBER, by=second, **same) == "MONITORING_SAME_PERSON"
    stranger = await citizen(platform, "Stranger Serik")
    foreign = await platform.refused(
        "monitoringAttachDocument",
        "monitoringDocument { id }",
        by=second,
        memberId=group.member_ids[1],
        kind="OTHER",
        fileId=await upload(platform, stranger),
    )
    assert foreign == "NOT_FOUND"
    assert await group.refused("SubmitApplication", second) == "MONITORING_CONTACT_ONLY"
    assert await group.refused("SubmitApplication", stranger) == "NOT_FOUND"
    for name in ("Third", "Fourth", "Fifth"):
        await group.join(f"{name} Person")
    sixth = await platform.refused(
        "monitoringAddMember",
        MEMBER,
        by=contact,
        applicationId=group.id,
        familyName="Sixth",
        givenName="Person",
        email="a@b.kz",
    )
    assert sixth == "MONITORING_GROUP_SIZE"
    gone = {"memberId": group.member_ids[-1]}
    await platform.done("monitoringLeaveGroup", MEMBER, by=contact, **gone)
    async with platform.arranging() as session:
        row = await session.get_one(MonitoringMember, int(group.member_ids[-1].partition(":")[2]))
        row.position = 20
    another = {**nobody, "email": "a@b.kz"}
    refused = await platform.refused("monitoringAddMember", MEMBER, by=contact, **another)
    assert refused == "MONITORING_NAMED_TOO_MANY"


async def test_a_refusal_has_grounds_and_the_term_counts_working_days(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await checked(platform, tree, body)
    refuse = {"number": "15-8", "reason": "  "}
    assert await group.refused("RefuseApplication", body.head, **refuse) == "TEXT_REQUIRED"
    async with platform.arranging() as session:
        key = int(group.id.partition(":")[2])
        row = await session.get_one(MonitoringApplication, key)
        assert row.submitted_at is not None
        assert row.due_on is not None
        # Fifteen working days: two weekends lie among them, of which one day may have been made a
        # working one; from a Sunday on it is no more.
        assert row.due_on - row.submitted_at.date() >= timedelta(days=18)
        row.due_on = row.submitted_at.date() - timedelta(days=1)
    with pytest.raises(RuleRefused, match="MONITORING_ANSWERS_OWED"):
        await platform.disable(tree.here.region)
    late = "{ monitoringApplications(where: {overdue: {eq: true}}) { nodes { id overdue } } }"
    data = await platform.read(late, by=body.head)
    assert data["monitoringApplications"]["nodes"] == [{"id": group.id, "overdue": True}]
    await platform.run_job("remind", tree.here.region)
    await platform.run_job("remind", tree.here.region)
    assert len(await entries(platform.database, "monitoringAnswerDue")) == 1
    refuse["reason"] = "a member is registered"
    for code, days in (("MONITORING_DATED_LATER", 1), ("MONITORING_DATED_EARLIER", -1)):
        day = str(today() + timedelta(days=days))
        assert await group.refused("RefuseApplication", body.head, **refuse, datedOn=day) == code
    assert await group.act("RefuseApplication", body.head, **refuse) == "REFUSED"
    async with platform.arranging() as session:
        row = await session.get_one(MonitoringApplication, key)
        assert (row.state, row.answered_in_time) == (MonitoringApplicationState.REFUSED, False)
    await platform.disable(tree.here.region)
    answer = await platform.ask(late, by=body.head)
    assert answer["errors"][0]["extensions"]["code"] == "PLUGIN_NOT_ENABLED"


async def test_who_changes_an_application_signs_it_anew(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await submitted(platform, tree)
    assert await group.refused("EditApplication", group.contact) == "MONITORING_WRONG_STATE"
    await group.act("TakeApplication", body.head)
    await group.act("ReturnApplication", body.head, reason="which groups?")
    assert await group.refused("EditApplication", group.members[1]) == "MONITORING_CONTACT_ONLY"
    groups = [f"ProjectGroup:{tree.here.group.id}"]
    await group.act("EditApplication", group.contact, groupIds=groups, wantsTerritory=True)
    refused = await group.refused("SubmitApplication", group.contact)
    assert refused == "MONITORING_MEMBER_NOT_CONFIRMED"
    for index in range(2):
        await group.confirm(index, kinds=())
    assert await group.act("SubmitApplication", group.contact) == "SUBMITTED"
    seen = await platform.read(SEEN, {"id": group.id}, by=body.head)
    name = f"PROJECT_GROUP {tree.here.group.id}"
    assert seen["monitoringApplication"]["targets"] == [{"name": name}]


async def test_who_signed_signs_again_when_the_group_changes(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await apply(platform, tree)
    await group.join("Second Bolat")
    for index in range(2):
        await group.confirm(index)
    third = await group.join("Third Gulnar")
    for index in (0, 1):
        refused = await group.refused("SubmitApplication", group.contact)
        assert refused == "MONITORING_MEMBER_NOT_CONFIRMED"
        await group.confirm(index, kinds=())
    answer = await platform.send(
        "monitoringLeaveGroup",
        "monitoringMember { application { version members { confirmedAt leftAt } } } "
        "warnings { code }",
        by=group.contact,
        memberId=group.member_ids[2],
    )
    found = answer["data"]["monitoringLeaveGroup"]
    assert [each["code"] for each in found["warnings"]] == ["MONITORING_SIGN_AGAIN"]
    after = found["monitoringMember"]["application"]
    assert [each["confirmedAt"] for each in after["members"]] == [None, None, None]
    group.version = after["version"]
    links = select(func.count()).where(
        Invitation.account_id == third.account_id, Invitation.revoked_at.is_(None)
    )
    async with platform.arranging() as session:
        assert await session.scalar(links) == 0
    for index in range(2):
        await group.confirm(index, kinds=())
    assert await group.act("SubmitApplication", group.contact) == "SUBMITTED"


async def test_nobody_is_in_two_groups_for_one_object(
    platform: Platform, tree: Tree, body: Body
) -> None:
    first = await submitted(platform, tree)
    other = await apply(platform, tree)
    await other.join("Second Person")
    for index in range(2):
        await other.confirm(index)
    assert await other.refused("SubmitApplication", other.contact) == "MONITORING_SAME_OBJECT"
    await first.act("TakeApplication", body.head)
    await first.act("RefuseApplication", body.head, number="1", reason="no")
    assert await other.act("SubmitApplication", other.contact) == "SUBMITTED"


async def test_the_office_names_another_unit(platform: Platform, tree: Tree, body: Body) -> None:
    group = await submitted(platform, tree)
    async with platform.arranging() as session:
        units = [
            await make_node(session, NodeKind.ORGANIZATION_UNIT, await session.get_one(Node, id))
            for id in (tree.here.body.id, tree.there.body.id)
        ]
    head = await platform.person("unit_head", units[0])
    foreign = {"unitId": f"OrganizationUnit:{units[1].id}"}
    assert await group.refused("AssignUnit", body.office, **foreign) == "NOT_FOUND"
    unit = {"unitId": f"OrganizationUnit:{units[0].id}"}
    assert await group.refused("AssignUnit", group.contact, **unit) == "NOT_FOUND"
    await platform.appoint(group.members[1], "unit_head", units[0])
    assert await group.refused("AssignUnit", body.office, **unit) == "MONITORING_OWN_APPLICATION"
    async with platform.arranging() as session:
        mine = Appointment.person_id == group.members[1].person_id
        await session.execute(delete(Appointment).where(mine))
    await group.act("AssignUnit", body.office, **unit)
    assert await group.refused("TakeApplication", body.head) == "NOT_FOUND"
    assert await group.act("TakeApplication", head) == "UNDER_CHECK"
    await group.act("ReturnApplication", head, reason="blurred")
    await group.act("SubmitApplication", group.contact)
    assert await group.act("TakeApplication", head) == "UNDER_CHECK"  # the same unit again
    await group.act("ReturnApplication", head, reason="of which project?")
    other = {"projectId": f"Project:{tree.here.second_project.id}"}
    await group.act("EditApplication", group.contact, **other)
    for index in range(2):
        await group.confirm(index)
    await group.act("SubmitApplication", group.contact)
    assert await group.act("TakeApplication", body.head) == "UNDER_CHECK"  # as for any other
    async with platform.arranging() as session:
        (await session.get_one(Node, units[0].id)).archived_at = datetime.now(UTC)
    assert await group.refused("AssignUnit", body.office, **unit) == "NOT_FOUND"


async def test_nobody_handles_the_application_of_their_own_group(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await apply(platform, tree)
    await group.join("Second Bolat")
    for index in range(2):
        await group.confirm(index)
    await platform.appoint(group.contact, "unit_head", body.unit)
    await group.act("SubmitApplication", group.contact)
    seen = await platform.read(SEEN, {"id": group.id}, by=group.contact)
    assert seen["monitoringApplication"]["unit"] is None  # the one he heads is passed over
    assert await group.refused("TakeApplication", body.head) == "NOT_FOUND"
    unit = {"unitId": f"OrganizationUnit:{body.unit.id}"}
    assert await group.refused("AssignUnit", body.office, **unit) == "MONITORING_OWN_APPLICATION"
    async with platform.arranging() as session:
        application = (await session.scalars(select(MonitoringApplication))).one()
        application.node_id = body.unit.id  # as where he became its head later
    assert await group.refused("TakeApplication", group.contact) == "MONITORING_OWN_APPLICATION"
    invite = "monitoringInviteMember", "monitoringMember { id } link"
    second = {"memberId": group.member_ids[1]}
    refused = await platform.refused(*invite, by=group.contact, **second)
    assert refused == "MONITORING_LINK_FROM_UNIT"
    secret = "query Q($id: ID!) { monitoringApplication(id: $id) { members { iin email } } }"
    answer = await platform.ask(secret, {"id": group.id}, by=group.contact)
    nothing = {"iin": None, "email": None}
    assert answer["data"]["monitoringApplication"]["members"] == [nothing, nothing]
    assert await group.act("TakeApplication", body.head) == "UNDER_CHECK"


async def test_what_a_group_never_submits_is_taken_back_in_the_end(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await apply(platform, tree)
    begun = datetime.now(UTC)
    for days, state in ((179, "DRAFT"), (181, "WITHDRAWN")):
        await platform.run_job("withdraw", tree.here.region, now=begun + timedelta(days=days))
        found = await platform.read(SEEN, {"id": group.id}, by=group.contact)
        assert found["monitoringApplication"]["state"] == state


async def test_a_group_has_its_time_from_the_day_an_application_comes_back(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await submitted(platform, tree)
    await group.act("TakeApplication", body.head)
    await group.act("ReturnApplication", body.head, reason="blurred")
    back = datetime.now(UTC)
    async with platform.arranging() as session:
        (application,) = await session.scalars(select(MonitoringApplication))
        application.created_at = application.submitted_at = back - timedelta(days=300)
    for days, state in ((180, "RETURNED"), (181, "WITHDRAWN")):
        await platform.run_job("withdraw", tree.here.region, now=back + timedelta(days=days))
        found = await platform.read(SEEN, {"id": group.id}, by=group.contact)
        assert found["monitoringApplication"]["state"] == state
