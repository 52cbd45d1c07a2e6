"""A member signs by certificate, where a plugin that verifies such signatures is on."""

from __future__ import annotations

from base64 import b64encode

from sqlalchemy import select

from core.plugins.enabling import enable_plugin
from plugins.public_monitoring.models import MonitoringMember
from tests.plugins.public_monitoring.conftest import IINS, Body, apply
from tests.plugins.public_monitoring.seals.plugin import MARK
from tests.plugins.public_monitoring.test_printing import text
from zhoba.testing.platform import Platform, Tree

STATEMENT = "query Q($id: ID!) { monitoringApplication(id: $id) { members { statement } } }"


async def test_a_member_signs_by_certificate_what_another_plugin_verifies(
    platform: Platform, tree: Tree, body: Body
) -> None:
    group = await apply(platform, tree)
    data = await platform.read(STATEMENT, {"id": group.id}, by=group.contact)
    statement = data["monitoringApplication"]["members"][0]["statement"]
    assert statement == f"monitoring:{group.id.partition(':')[2]}:1:1"
    good = b64encode(MARK + (statement + IINS[0]).encode()).decode()
    asked = {"memberId": group.member_ids[0], "iin": IINS[0], "consent": True}
    mutation = "monitoringConfirmMembership", "monitoringMember { signatureKind }"

    async def refused(signature: str) -> str:
        return await platform.refused(*mutation, by=group.contact, **asked, signature=signature)

    assert await refused("no Base64!") == "SIGNATURE_ENCODING"
    assert await refused(good) == "SIGNATURE_UNVERIFIED"  # the verifier is off here
    async with platform.work() as work:
        await enable_plugin(work, "seals", region_id=tree.here.region.id)
    assert await refused(b64encode(b"another kind").decode()) == "SIGNATURE_UNVERIFIED"
    assert await refused(b64encode(MARK).decode()) == "SEALS_WRONG"
    found = await platform.done(*mutation, by=group.contact, **asked, signature=good)
    assert found == {"signatureKind": "SEAL"}
    printed = await text(platform, group, group.contact, "APPLICATION", "RU")
    assert "подтверждено электронной подписью" in printed
    async with platform.arranging() as session:
        (member,) = await session.scalars(select(MonitoringMember))
        sealed = member.signature_sealed
    assert sealed is not None
    assert good not in sealed
    await group.act("EditApplication", group.contact, wantsTerritory=True)
    data = await platform.read(STATEMENT, {"id": group.id}, by=group.contact)
    assert data["monitoringApplication"]["members"][0]["statement"] != statement
