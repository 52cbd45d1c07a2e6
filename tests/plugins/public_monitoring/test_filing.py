"""Files open for whoever sees the row they belong to: every file tried by every persona."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from core.authority.appointing import appoint
from core.authority.appointment import Appointment
from core.files.file import File
from core.plugins.plugin_region import PluginRegion
from core.tree.node import Node, NodeKind
from plugins.public_monitoring.observing import Attachment, MonitoringVisit
from tests.plugins.public_monitoring.conftest import (
    KINDS,
    MEMBER,
    Body,
    Group,
    active,
    apply,
    checked,
    citizen,
    upload,
)
from tests.plugins.public_monitoring.test_observing import ADVICE, SITE, VISIT, requested
from zhoba.testing.platform import Member, Platform, Tree
from zhoba.testing.rows import make_node

PNG = "image/png"
IINS_OF_OTHERS = ("910505301201", "920606403403")
ATTACHED = "monitoringRecommendation { id version attachments { id file { id } } }"


async def opened_by(platform: Platform, who: Member | None, files: list[str]) -> set[str]:
    """Those of some files that somebody gets a link to, whoever they belong to."""
    asked = " ".join(
        f'f{number}: prepareDownload(input: {{fileId: "{each}"}}) {{ userErrors {{ code }} }}'
        for number, each in enumerate(files)
    )
    answer = await platform.ask(f"mutation {{ {asked} }}", by=who)
    found = set()
    for number, each in enumerate(files):
        payload = (answer["data"] or {}).get(f"f{number}")
        if payload is None:
            assert who is None, answer
            continue
        codes = [error["code"] for error in payload["userErrors"]]
        assert codes in ([], ["NOT_FOUND"]), answer
        if not codes:
            found.add(each)
    return found


async def held_visit(platform: Platform, tree: Tree, body: Body, group: Group) -> str:
    """A visit of the group that was held."""
    visit = await requested(platform, tree, group)
    at = {"visitId": visit["id"], "expectedVersion": visit["version"]}
    visit = await platform.done("monitoringScheduleVisit", VISIT, by=body.head, **at, **SITE)
    async with platform.arranging() as session:
        row = await session.get_one(MonitoringVisit, int(visit["id"].partition(":")[2]))
        row.starts_at = datetime.now(UTC) - timedelta(hours=1)
    at["expectedVersion"] = visit["version"]
    await platform.done(
        "monitoringHoldVisit",
        VISIT,
        by=body.head,
        **at,
        monitoringMemberIds=[group.member_ids[0]],
        managerPresent=True,
        record="seen",
    )
    found: str = visit["id"]
    return found


async def photo(platform: Platform, visit: str, by: Member) -> str:
    """A photograph of a visit; its id."""
    file = await upload(platform, by, PNG)
    given = {"visitId": visit, "fileId": file}
    await platform.done("monitoringAttachPhoto", VISIT, by=by, **given)
    return file


async def advice(platform: Platform, tree: Tree, group: Group, by: Member) -> tuple[Any, str]:
    """A recommendation in draft, and the file attached to it."""
    found = await platform.done(
        "monitoringWriteRecommendation",
        ADVICE,
        by=by,
        applicationId=group.id,
        objectId=f"Project:{tree.here.project.id}",
        parameter="QUALITY",
        finding="The roof is thin",
        advice="Lay the second layer",
    )
    file = await upload(platform, by)
    at = {"recommendationId": found["id"], "expectedVersion": found["version"]}
    found = await platform.done(
        "monitoringAttachToRecommendation", ATTACHED, by=by, **at, fileId=file
    )
    return found, file


async def certificates(platform: Platform, group: Group, body: Body) -> set[str]:
    """The files of the documents of a group's members."""
    query = "query Q($id: ID!) { monitoringApplication(id: $id) { members { documents {"
    query += " file { id } } } } }"
    found = (await platform.read(query, {"id": group.id}, by=body.head))["monitoringApplication"]
    return {each["file"]["id"] for one in found["members"] for each in one["documents"]}


async def test_every_file_opens_for_its_own_readers_and_for_no_other_persona(
    platform: Platform, tree: Tree, body: Body
) -> None:
    ours = await active(platform, tree, body)
    others = await checked(platform, tree, body, iins=IINS_OF_OTHERS)
    await others.act("RequestAccess", body.head)
    await others.act("GrantAccess", body.office)
    answer = {"number": "15-8", "territory": "NOT_REQUESTED"}
    await others.act("Respond", body.head, **answer)
    one, two = ours.members
    visit = await held_visit(platform, tree, body, ours)
    photos = {await photo(platform, visit, by) for by in (two, body.head)}
    _, draft = await advice(platform, tree, ours, two)
    written, sent = await advice(platform, tree, ours, one)
    before = await opened_by(platform, body.direction_head, [sent])
    at = {"recommendationId": written["id"], "expectedVersion": written["version"]}
    await platform.done("monitoringSendRecommendation", ADVICE, by=one, **at)
    _, theirs = await advice(platform, tree, others, others.contact)
    waiting = await upload(platform, one)
    papers = await certificates(platform, ours, body)
    their_papers = await certificates(platform, others, body)
    late = await ours.join("Late Gulnar")
    left = await ours.join("Left Murat")
    shown = {*photos, draft, sent}
    assert await opened_by(platform, left, sorted(shown)) == shown
    await platform.done("monitoringLeaveGroup", MEMBER, by=left, memberId=ours.member_ids[-1])
    considers = {sent}
    expected: dict[str, tuple[Member | None, set[str]]] = {
        "contact of the group": (one, {*shown, waiting}),
        "member of the group": (two, shown),
        "member who joined later": (late, shown),
        "member who left": (left, set()),
        "contact of another group of the same object": (others.contact, {theirs}),
        "member of another group of the same object": (others.members[1], {theirs}),
        "head of the unit": (body.head, {*photos, sent, *papers, *their_papers}),
        "project office": (body.office, {*photos, sent}),
        "manager of the project": (body.manager, {*photos, sent}),
        "head of the direction": (body.direction_head, considers),
        "curator": (await platform.person("pg_curator", tree.here.group), considers),
        "manager of another project": (
            await platform.person("project_manager", tree.here.second_project), set(),
        ),
        "head of another direction": (
            await platform.person("bd_head", tree.there.direction), set(),
        ),
        "office of another body": (await platform.person("po_head", tree.there.body), set()),
        "administrator": (await platform.person("national_administrator", tree.country), set()),
        "anybody registered": (await citizen(platform, "Stranger Nobody"), set()),
        "nobody": (None, set()),
    }  # fmt: skip
    async with platform.arranging() as session:
        every = [f"File:{each}" for each in await session.scalars(select(File.id))]
    assert {draft, sent, theirs, waiting, *photos, *papers, *their_papers} == set(every)
    found = {name: await opened_by(platform, who, every) for name, (who, _) in expected.items()}
    assert found == {name: files for name, (_, files) in expected.items()}
    assert before == set()


async def test_photographs_are_pictures_documents_too_and_there_are_not_many(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await apply(platform, tree)
    await group.confirm(0)
    given = {"memberId": group.member_ids[0], "kind": KINDS[0]}
    attach = "monitoringAttachDocument", "monitoringDocument { kind }"
    for kind, code in (("text/plain", "MONITORING_FILE_KIND"), (PNG, None)):
        file = await upload(platform, group.contact, kind)
        if code is None:
            await platform.done(*attach, by=group.contact, **given, fileId=file)
        else:
            refused = await platform.refused(*attach, by=group.contact, **given, fileId=file)
            assert refused == code
    async with platform.arranging() as session:
        (switch,) = await session.scalars(select(PluginRegion))
        switch.settings = {"documents_most": 4}
    file = await upload(platform, group.contact)
    refused = await platform.refused(*attach, by=group.contact, **given, fileId=file)
    assert refused == "MONITORING_FILES_FULL"
    assert await opened_by(platform, group.contact, [file]) == {file}
    mine = "query Q($id: ID!) { monitoringApplication(id: $id) { members { documents { id } } } }"
    data = await platform.read(mine, {"id": group.id}, by=group.contact)
    document = data["monitoringApplication"]["members"][0]["documents"][0]
    removed = await platform.done(
        "monitoringRemoveDocument",
        "monitoringDocument { id deletedAt }",
        by=group.contact,
        documentId=document["id"],
    )
    assert removed["deletedAt"] is not None
    await platform.done(*attach, by=group.contact, **given, fileId=file)


async def test_a_photograph_is_told_by_its_content(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await active(platform, tree, body)
    visit = await held_visit(platform, tree, body, group)
    given = {"visitId": visit, "fileId": await upload(platform, group.contact)}
    refused = await platform.refused("monitoringAttachPhoto", VISIT, by=group.contact, **given)
    assert refused == "MONITORING_FILE_KIND"
    stranger = await citizen(platform, "Stranger Nobody")
    given["fileId"] = await upload(platform, stranger, PNG)
    for who in (stranger, group.contact):  # not of the group; not one's own file
        refused = await platform.refused("monitoringAttachPhoto", VISIT, by=who, **given)
        assert refused == "NOT_FOUND"


async def test_a_file_attached_twice_is_there_once_and_keeps_nobody_in_the_group(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await active(platform, tree, body)
    two = group.members[1]
    visit = await held_visit(platform, tree, body, group)
    picture = await photo(platform, visit, two)
    for who in (two, body.head):
        again = {"visitId": visit, "fileId": picture}
        photos = "monitoringVisit { photos { file { id } } }"
        found = await platform.done("monitoringAttachPhoto", photos, by=who, **again)
        assert found["photos"] == [{"file": {"id": picture}}]
    written, file = await advice(platform, tree, group, two)
    at = {"recommendationId": written["id"], "expectedVersion": written["version"]}
    attach = "monitoringAttachToRecommendation", ATTACHED
    assert await platform.done(*attach, by=two, **at, fileId=file) == written
    async with platform.arranging() as session:  # as rows were before
        (row,) = await session.scalars(select(Attachment).where(Attachment.visit_id.is_not(None)))
        twin = {"visit_id": row.visit_id, "file_id": row.file_id, "attached_at": row.attached_at}
        session.add(Attachment(**twin))
    third = await group.join("Third Gulnar")
    document = "monitoringDocument { id }"
    papers = [
        await platform.done(
            "monitoringAttachDocument",
            document,
            by=third,
            memberId=group.member_ids[2],
            kind=kind,
            fileId=file,
        )
        for kind in KINDS[:2]
    ]
    for paper, opens in zip(papers, ({file}, set()), strict=True):
        given = {"documentId": paper["id"]}
        await platform.done("monitoringRemoveDocument", document, by=third, **given)
        assert await opened_by(platform, body.head, [file]) == opens
    await platform.done("monitoringLeaveGroup", MEMBER, by=two, memberId=group.member_ids[1])
    assert await opened_by(platform, two, [picture, file]) == set()


async def test_who_comes_to_head_the_unit_opens_no_documents_of_the_own_group(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await active(platform, tree, body)
    others = await checked(platform, tree, body, iins=IINS_OF_OTHERS)
    papers = await certificates(platform, group, body)
    their_papers = await certificates(platform, others, body)
    files = sorted(papers | their_papers)
    two = group.members[1]
    async with platform.arranging() as session:
        await session.execute(delete(Appointment).where(Appointment.role == "unit_head"))
        units = [
            await make_node(session, NodeKind.ORGANIZATION_UNIT, await session.get_one(Node, id))
            for id in (tree.here.body.id, body.unit.id)
        ]
    async with platform.work() as work:
        await appoint(work, person_id=two.person_id, role="unit_head", node_id=body.unit.id)
    assert await opened_by(platform, two, files) == their_papers
    group.version += 1
    own, below = ({"unitId": f"OrganizationUnit:{each}"} for each in (body.unit.id, units[1].id))
    for unit in (own, below):
        refused = await group.refused("AssignUnit", body.office, **unit)
        assert refused == "MONITORING_OWN_APPLICATION"
    await group.act("AssignUnit", body.office, unitId=f"OrganizationUnit:{units[0].id}")
    head = await platform.person("unit_head", units[0])
    assert await opened_by(platform, head, files) == papers
