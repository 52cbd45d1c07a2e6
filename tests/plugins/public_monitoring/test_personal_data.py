"""What identifies members lies nowhere in the clear: not in the database, in events or in logs."""

from __future__ import annotations

import io
import itertools
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from core.sealing import Seal
from plugins.public_monitoring.membership import IIN
from plugins.public_monitoring.models import MonitoringMember
from tests.plugins.public_monitoring.conftest import IINS, KINDS, Body, Group, active, apply
from zhoba.host.installation import Installation
from zhoba.sign_in.door import own_token
from zhoba.testing.platform import Member, Platform, Tree

SEEN = "query Q($id: ID!) { monitoringApplication(id: $id) { members { iin iinMasked email } } }"
EMAIL = "planted-address@example.kz"
PLANTED_NAME = "Planted certificate {}.pdf"
LINK = "mutation D($id: ID!) { prepareDownload(input: {fileId: $id}) { address } }"


async def dump(platform: Platform, installation: Installation) -> dict[str, str]:
    """Everything in the database, by table."""
    found = {}
    async with platform.arranging() as session:
        for owner in installation.owners:
            for table in owner.metadata.sorted_tables:
                rows = (await session.execute(select(table))).all()
                found[table.name] = "\n".join(repr(tuple(row)) for row in rows)
    return found


def files_of(platform: Platform) -> list[Path]:
    """The files of an SQLite database."""
    place = Path(str(platform.database.engine.url.database))
    return sorted(place.parent.glob(place.name + "*"))


async def sent(platform: Platform, who: Member, name: str) -> str:
    """A PDF of this name, sent like any client does; its id."""
    token = own_token(platform.settings, who.account_id, datetime.now(UTC))
    signed = {"authorization": f"Bearer {token}"}
    ticket = await platform.http.post("/files/tickets", json={"name": name}, headers=signed)
    signed["x-upload-ticket"] = ticket.json()["ticket"]
    stored = await platform.http.post("/files", content=b"%PDF-1.7\n%%EOF\n", headers=signed)
    found: str = stored.json()["id"]
    return found


async def made(platform: Platform, group: Group, reader: Member) -> bytes:
    """Both documents of an application as the reader gets them, unpacked."""
    found = b""
    for form, format in itertools.product(("APPLICATION", "ANSWER"), ("DOCX", "PDF")):
        file = await platform.done(
            "monitoringMakeDocument",
            "file { id }",
            by=reader,
            applicationId=group.id,
            form=form,
            format=format,
            language="KK",
        )
        data = await platform.read(LINK, {"id": file["id"]}, by=reader)
        content = (await platform.http.get(data["prepareDownload"]["address"])).content
        assert content
        found += content
        if format == "DOCX":
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                found += b"".join(packed.read(name) for name in packed.namelist())
    return found


async def test_planted_numbers_are_found_nowhere(
    platform: Platform,
    tree: Tree,
    body: Body,
    installation: Installation,
    capfd: pytest.CaptureFixture[str],
) -> None:
    group = await active(platform, tree, body)
    other: Group = await apply(platform, tree)
    await other.join("Third Gulnar")
    await other.confirm(0, kinds=KINDS, email=EMAIL, idempotencyKey="once")
    wrong = IINS[2][:-1] + "4"
    for iin in (IINS[0], wrong):  # the same person, and no person at all
        await platform.send(
            "monitoringConfirmMembership",
            "monitoringMember { id }",
            by=other.members[1],
            memberId=other.member_ids[1],
            iin=iin,
            consent=True,
        )
    for reader in (body.head, body.office, group.contact):
        await platform.ask(SEEN, {"id": group.id}, by=reader)
    file = await sent(platform, other.members[1], PLANTED_NAME.format(IINS[2]))
    await platform.done(
        "monitoringAttachDocument",
        "monitoringDocument { id }",
        by=other.members[1],
        memberId=other.member_ids[1],
        kind=KINDS[0],
        fileId=file,
    )
    for unsaid in ({"consent": None}, {"more": 1}):  # refused before the act: the answer quotes it
        given = {"memberId": other.member_ids[1], "iin": IINS[2], "consent": True, **unsaid}
        answer = await platform.send(
            "monitoringConfirmMembership", "monitoringMember { id }", by=other.members[1], **given
        )
        assert answer["errors"]
    documents = await made(platform, group, body.head) + await made(platform, group, group.contact)
    await platform.deliver()
    await platform.app.state.operations.services.decisions.flush()
    tables = await dump(platform, installation)
    planted = (*IINS, wrong)
    assert {name for name, text in tables.items() if any(iin in text for iin in planted)} == set()
    assert {name for name, text in tables.items() if EMAIL in text} == {"monitoring_member"}
    named = PLANTED_NAME.format(f"xxxxxxxx{IINS[2][-4:]}")
    assert {name for name, text in tables.items() if named in text} == {"file", "file_ticket"}
    assert [iin for iin in planted if iin.encode() in documents] == []
    if platform.database.dialect == "sqlite":  # with its journal and whatever it freed
        raw = b"".join(each.read_bytes() for each in files_of(platform))
        assert [iin for iin in planted if iin.encode() in raw] == []
        assert b"monitoring_member" in raw
    key = platform.settings.seal().key
    assert [name for name, text in tables.items() if key.hex() in text] == []
    logged = capfd.readouterr()
    assert "/graphql" in logged.out
    secrets = (*planted, EMAIL, PLANTED_NAME.partition("{")[0])
    assert [each for each in secrets if each in logged.out + logged.err] == []


async def test_numbers_of_another_key_are_a_coded_refusal_and_the_rest_is_read(
    platform: Platform, tree: Tree, body: Body, tmp_path: Path
) -> None:
    group = await apply(platform, tree)
    await group.confirm(0)
    async with platform.arranging() as session:
        other = Seal(tmp_path / "other.key").closed(IINS[0], IIN)
        await session.execute(update(MonitoringMember).values(iin_sealed=other))
    query = "{ monitoringApplications { nodes { state members { fullName iinMasked } } } }"
    answer = await platform.ask(query, by=group.contact)
    (error,) = answer["errors"]
    assert (error["path"][-1], error["extensions"]["code"]) == ("iinMasked", "PERSONAL_KEY_WRONG")
    assert answer["data"]["monitoringApplications"]["nodes"] == [
        {"state": "DRAFT", "members": [{"fullName": "Applicant Aliya", "iinMasked": None}]}
    ]
