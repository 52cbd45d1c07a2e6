"""The two forms made of an application: for its group and its body, without a number in full."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from docx import Document

from tests.plugins.public_monitoring.conftest import (
    IINS,
    Body,
    Group,
    active,
    apply,
    citizen,
    submitted,
)
from zhoba.testing.platform import Member, Platform, Tree

MAKE = "monitoringMakeDocument"
FILE = "file { id name mediaType }"


async def made(
    platform: Platform, group: Group, by: Member, form: str, format: str, language: str
) -> Any:
    asked = {"form": form, "format": format, "language": language}
    return await platform.done(MAKE, FILE, by=by, applicationId=group.id, **asked)


async def fetched(platform: Platform, file: Any, by: Member) -> bytes:
    answer = await platform.send("prepareDownload", "address", by=by, fileId=file["id"])
    content = await platform.http.get(answer["data"]["prepareDownload"]["address"])
    assert content.headers["content-type"] == file["mediaType"]
    return content.content


async def text(platform: Platform, group: Group, by: Member, form: str, language: str) -> str:
    file = await made(platform, group, by, form, "DOCX", language)
    document = Document(BytesIO(await fetched(platform, file, by)))
    return "\n".join(each.text for each in document.paragraphs)


async def test_group_and_unit_get_both_forms_filled_in(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await active(platform, tree, body)
    applied = await text(platform, group, group.contact, "APPLICATION", "KK")
    assert "Applicant Aliya, ******0126\n" in applied
    assert "someone@example.kz" not in applied
    assert "someone@example.kz" in await text(platform, group, body.head, "APPLICATION", "RU")
    assert "жеке сілтемемен расталды (қолы)" in applied
    assert not any(iin in applied for iin in IINS)
    name = await platform.read(
        f'{{ monitoringApplication(id: "{group.id}") {{ targets {{ name }} }} }}', by=body.head
    )
    assert f"«{name['monitoringApplication']['targets'][0]['name']}»" in applied
    answered = await text(platform, group, body.head, "ANSWER", "RU")
    assert "№ 15-7" in answered
    assert "Head Aigul" in answered
    assert "логин по личному приглашению, пароль по личному приглашению" in answered
    printed = await made(platform, group, body.head, "ANSWER", "PDF", "KK")
    assert printed["mediaType"] == "application/pdf"
    assert (await fetched(platform, printed, body.head)).startswith(b"%PDF-")


async def test_a_draft_is_the_groups_alone_and_printed_as_the_group_calls_its_object(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await apply(platform, tree, objectTitle="the roof of school 5")
    await group.confirm(0)
    printed = await text(platform, group, group.contact, "APPLICATION", "RU")
    assert "«the roof of school 5»" in printed
    assert f"PROJECT {tree.here.project.id}" not in printed
    rows = "{ monitoringApplications { nodes { id targets { id } members { id documents { id } }"
    rows += " } } }"
    (shown,) = (await platform.read(rows, by=group.contact))["monitoringApplications"]["nodes"]
    member, target = shown["members"][0], shown["targets"][0]
    ids = [each["id"] for each in (shown, target, member, member["documents"][0])]
    node = "query Q($id: ID!) { node(id: $id) { id } }"
    form = {"applicationId": group.id, "form": "APPLICATION", "format": "PDF", "language": "RU"}
    for state in ("DRAFT", "WITHDRAWN"):
        if state == "WITHDRAWN":
            assert await group.act("WithdrawApplication", group.contact) == state
        for id in ids:
            assert (await platform.read(node, {"id": id}, by=group.contact))["node"] == {"id": id}
            assert (await platform.ask(node, {"id": id}, by=body.office))["data"]["node"] is None
        listed = await platform.read(rows, by=body.office)
        assert listed["monitoringApplications"]["nodes"] == []
        assert await platform.refused(MAKE, FILE, by=body.office, **form) == "NOT_FOUND"


async def test_nobody_else_makes_or_opens_a_document_and_there_is_no_answer_before_one_is_given(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await submitted(platform, tree)
    asked = {"applicationId": group.id, "form": "ANSWER", "format": "PDF", "language": "RU"}
    assert (
        await platform.refused(MAKE, FILE, by=group.contact, **asked) == "MONITORING_NOT_ANSWERED"
    )
    stranger = await citizen(platform, "Stranger Timur")
    assert await platform.refused(MAKE, FILE, by=stranger, **asked) == "NOT_FOUND"
    own = await made(platform, group, group.contact, "APPLICATION", "PDF", "KK")
    second = group.members[1]
    refused = await platform.refused("prepareDownload", "address", by=second, fileId=own["id"])
    assert refused == "NOT_FOUND"
