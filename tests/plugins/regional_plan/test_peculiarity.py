"""Peculiarities hold on their days; requests for directions have two sides."""

from __future__ import annotations

from typing import Any

from core.acts.act import ActKind
from core.places.region import Region, RegionKind
from plugins.regional_plan.direction_request.asking import MOST_GROUPS
from tests.plugins.regional_plan.conftest import Staff, adopted, direction, published
from zhoba.testing.platform import Platform, Tree
from zhoba.testing.rows import make_act

SHOWN = "regionalPeculiarity { id version validUntil }"


async def test_a_peculiarity_ends_and_another_follows(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    async with platform.arranging() as session:
        region = await session.get_one(Region, tree.here.region.id)
        region.kind, region.special_regime = RegionKind.CITY_OF_REPUBLICAN_SIGNIFICANCE, True
        act = await make_act(session, ActKind.RESOLUTION, tree.here.body)

    def given(**changed: Any) -> dict[str, Any]:
        told: dict[str, Any] = {
            "bodyId": f"StateBody:{tree.here.body.id}",
            "subject": "ORG_STRUCTURE",
            "override": {"units": {"po_administrator": {"min": 2}}},
            "actId": f"Act:{act.id}",
            "validFrom": "2026-03-01",
        }
        return told | changed

    record = ("regionalRecordPeculiarity", SHOWN)
    backwards = given(validUntil="2026-02-28")
    assert await platform.refused(*record, by=staff.office, **backwards) == (
        "REGIONAL_PECULIARITY_ENDS_FIRST"
    )
    made = await platform.done(*record, by=staff.office, **given(validUntil="2026-12-31"))
    overlapping = "REGIONAL_PECULIARITY_OVERLAPS"
    for first, last, code in (
        ("2026-12-31", None, overlapping),
        ("2026-01-01", "2026-03-01", overlapping),
    ):
        told = given(validFrom=first, **({"validUntil": last} if last else {}))
        assert await platform.refused(*record, by=staff.office, **told) == code
    await platform.done(*record, by=staff.office, **given(validFrom="2027-01-01"))
    end: dict[str, Any] = {"peculiarityId": made["id"], "expectedVersion": made["version"]}
    ending = ("regionalEndPeculiarity", SHOWN)
    assert await platform.refused(*ending, by=staff.office, **end, validUntil="2027-01-01") == (
        overlapping
    )
    ended = await platform.done(*ending, by=staff.office, **end, validUntil="2026-06-30")
    assert ended == {"id": made["id"], "version": 2, "validUntil": "2026-06-30"}
    assert await platform.refused(*ending, by=staff.office, **end, validUntil="2026-05-31") == (
        "CONFLICT"
    )
    told = given(subject="ARCHITECTURE", override={"omitted": ["ROADS"]})
    akim = await platform.person("program_manager", tree.here.body)
    for member in (akim, staff.here):
        assert await platform.failure(*record, by=member, **told) == "FORBIDDEN"
    await platform.done(*record, by=staff.office, **told)


REQUEST = "regionalDirectionRequest { id version state }"


async def test_nobody_decides_on_a_request_of_his_own(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    template = await published(platform, staff.office, direction("ROADS", "ROADS-1"))
    plan = await adopted(platform, staff.here, tree.here.program, template)
    await platform.appoint(staff.here, "office_member", tree.country)
    many = [{"en": f"Group {number}"} for number in range(MOST_GROUPS + 1)]
    given: dict[str, Any] = {
        "planId": plan,
        "names": {"en": "The sea"},
        "justification": "The only coast",
    }
    draft = ("regionalDraftDirectionRequest", REQUEST)
    assert await platform.refused(*draft, by=staff.here, **given, groups=many) == (
        "REGIONAL_TOO_MANY_GROUPS"
    )
    made = await platform.done(*draft, by=staff.here, **given, groups=many[1:])
    sent = await platform.done(
        "regionalSendDirectionRequest",
        REQUEST,
        by=staff.here,
        requestId=made["id"],
        expectedVersion=1,
    )
    told = {"requestId": made["id"], "expectedVersion": sent["version"]}
    for act, more in (
        ("regionalAgreeDirectionRequest", {}),
        ("regionalReturnDirectionRequest", {"reasons": "why"}),
    ):
        code = await platform.refused(act, REQUEST, by=staff.here, **told, **more)
        assert code == "REGIONAL_OWN_REQUEST"
    assert await platform.refused(
        "regionalReturnDirectionRequest", REQUEST, by=staff.office, **told, reasons=" "
    ) == ("TEXT_REQUIRED")
    agreed = await platform.done(
        "regionalAgreeDirectionRequest", REQUEST, by=staff.office, **told, remark="well argued"
    )
    assert agreed["state"] == "AGREED"
