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


async def test_a_draft_is_printed_with_what_the_group_calls_its_object(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await apply(platform, tree, objectTitle="the roof of school 5")
    printed = await text(platform, group, group.contact, "APPLICATION", "RU")
    assert "«the roof of school 5»" in printed
    assert f"PROJECT {tree.here.project.id}" not in printed


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
