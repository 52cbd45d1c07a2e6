"""The story of three regions: one architecture, an extra direction, a peculiarity, a new version,
an approval that is refused until the findings are mended, and a plugin switched off and on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from core.authority.appointment import Appointment, Employment
from core.authority.catalogue import core_catalogue
from core.hierarchy.program import Program, ProgramKind
from core.places.region import Region, RegionKind
from core.tree.node import Node
from core.work import Profile
from tests.plugins.conftest import code_of
from tests.plugins.regional_plan.conftest import adopted, direction, published
from zhoba.testing.areas import Area, make_area
from zhoba.testing.platform import Member, Platform, Tree
from zhoba.testing.rows import make_appointment, make_person

FIRST = (direction("ROADS", "ROADS-1", "ROADS-2"), direction("WATER", "WATER-1"))
SECOND = (direction("ROADS", "ROADS-1"), direction("WATER", "WATER-1", "WATER-2"))

FINDINGS = """query ($plan: ID!) { regionalPlan(id: $plan) { compliance {
  rule severity stopsApproval code clause place about message } } }"""
REPORT = """query ($plan: ID!, $template: ID!) {
  regionalUpgradeReport(plan: $plan, template: $template) {
    version missing { code } extra { code } moved { code } } }"""


@dataclass
class Place:
    """A region with the head of its akimat's project office, and its plan."""

    area: Area
    head: Member
    plan: str


async def test_three_regions(platform: Platform, tree: Tree) -> None:
    async with platform.arranging() as session:
        third = await make_area(session, tree.country, "KZ-75")
        almaty = await session.get_one(Region, third.region.id)
        almaty.kind, almaty.special_regime = RegionKind.CITY_OF_REPUBLICAN_SIGNIFICANCE, True
        areas = (tree.here, tree.there, third)
        for area in areas:
            program = await session.get_one(Program, area.program.id)
            program.kind = ProgramKind.REGIONAL_DEVELOPMENT_PLAN
    for region in (None, *(area.region for area in areas)):
        await platform.enable(region)
    office = await platform.person("office_member", tree.country)
    first = await published(platform, office, *FIRST)
    heads = [await platform.person("po_head", area.body) for area in areas]
    here, there, city = [
        Place(area, head, await adopted(platform, head, area.program, first))
        for area, head in zip(areas, heads, strict=True)
    ]
    await ask_for_a_direction(platform, office, here, there)
    await record_a_peculiarity(platform, office, city, there)

    second = await published(platform, office, *SECOND)
    await approve(platform, there, second)
    for place in (here, city):
        await upgrade(platform, place, second)
    found = await findings(platform, city)
    assert [each for each in found if each["rule"] in ("RV1", "RV3")] == []
    assert {each["severity"] for each in found if each["rule"] in ("RV5", "RV6")} == {"WARNING"}
    assert "sac_head" not in {each["about"] for each in found}
    await switch_off_and_on(platform, office, here, there)


async def ask_for_a_direction(
    platform: Platform, office: Member, here: Place, there: Place
) -> None:
    """The Office returns a request, the akimat mends it, the agreement makes the direction."""
    name = "regionalDirectionRequest"
    request = await platform.done(
        "regionalDraftDirectionRequest",
        f"{name} {{ id version state }}",
        by=here.head,
        planId=here.plan,
        names={"kk": "Теңіз", "ru": "Море", "en": "The sea"},
        justification="The only coast",
    )
    given: dict[str, Any] = {"requestId": request["id"], "expectedVersion": 1}
    code = await platform.refused(
        "regionalSendDirectionRequest", f"{name} {{ id }}", by=here.head, **given
    )
    assert code == "REGIONAL_REQUEST_NEEDS_GROUPS"
    groups = [{"kk": "Порттар", "en": "Ports"}, {"kk": "Балық", "en": "Fish"}]
    for act, by, more, state in (
        ("regionalEditDirectionRequest", here.head, {"groups": groups}, "DRAFT"),
        ("regionalSendDirectionRequest", here.head, {}, "SENT_TO_OFFICE"),
        ("regionalReturnDirectionRequest", office, {"reasons": "Say how much"}, "RETURNED"),
        ("regionalEditDirectionRequest", here.head, {"justification": "300 km"}, "RETURNED"),
        ("regionalSendDirectionRequest", here.head, {}, "SENT_TO_OFFICE"),
    ):
        done = await platform.done(act, f"{name} {{ version state }}", by=by, **given, **more)
        assert done["state"] == state
        given["expectedVersion"] = done["version"]
    agree, shown = "regionalAgreeDirectionRequest", f"{name} {{ id }}"
    assert await platform.failure(agree, shown, by=here.head, **given) == "FORBIDDEN"
    hidden = await platform.refused(agree, shown, by=there.head, **given)
    assert hidden == "NOT_FOUND"
    before = await kinds(platform, here)
    agreed = await platform.done(
        agree,
        f"{name} {{ state decidedBy {{ id }} direction {{ directionKind outsideTemplate"
        " groups { nodes { name } } } }",
        by=office,
        **given,
    )
    assert agreed == {
        "state": "AGREED",
        "decidedBy": {"id": office.id},
        "direction": {
            "directionKind": "REGIONAL_ADDITIONAL",
            "outsideTemplate": False,
            "groups": {"nodes": [{"name": "Fish"}, {"name": "Ports"}]},
        },
    }
    assert await kinds(platform, here) == sorted([*before, "REGIONAL_ADDITIONAL"])
    given["expectedVersion"] += 1
    assert await platform.refused(agree, shown, by=office, **given) == "REGIONAL_REQUEST_NOT_OPEN"


async def kinds(platform: Platform, place: Place) -> list[str]:
    """The kinds of directions of a plan."""
    found = await platform.read(
        "query ($id: ID!) { regionalPlan(id: $id) { directions { nodes { directionKind } } } }",
        {"id": place.plan},
        by=place.head,
    )
    return sorted(each["directionKind"] for each in found["regionalPlan"]["directions"]["nodes"])


async def record_a_peculiarity(
    platform: Platform, office: Member, city: Place, there: Place
) -> None:
    """The Office records that Almaty has no situational centre; another region may not be without,
    and the city does not say so of itself."""

    async def given(place: Place, **changed: Any) -> dict[str, Any]:
        act = await platform.done(
            "registerAct",
            "act { id }",
            by=place.head,
            kind="RESOLUTION",
            number=f"{place.area.body.id}/1",
            datedOn="2026-02-01",
            bodyId=f"StateBody:{place.area.body.id}",
        )
        told = {
            "bodyId": f"StateBody:{place.area.body.id}",
            "subject": "SAC",
            "override": {"created": False, "note": "The city's centre serves all"},
            "actId": act["id"],
            "validFrom": "2026-02-01",
        }
        return told | changed

    record, shown = "regionalRecordPeculiarity", "regionalPeculiarity { id override }"
    code = await platform.refused(record, shown, by=office, **await given(there))
    assert code == "REGIONAL_NO_SPECIAL_REGIME"
    told = await given(city)
    assert await platform.failure(record, shown, by=city.head, **told) == "FORBIDDEN"
    wrong = told | {"override": {"created": "no", "units": {"cc_head": {"min": 2, "max": 1}}}}
    assert await platform.refused(record, shown, by=office, **wrong) == "REGIONAL_OVERRIDE_WRONG"
    done = await platform.done(record, shown, by=office, **told)
    assert done["override"] == told["override"]
    again = await platform.refused(record, shown, by=office, **told)
    assert again == "REGIONAL_PECULIARITY_OVERLAPS"


async def approve(platform: Platform, place: Place, template: str) -> None:
    """A plan with findings is refused, mended, and goes to implementation."""
    program = f"Program:{place.area.program.id}"
    akim = await platform.person("program_manager", place.area.body)
    await to_stage(platform, place, akim, program, "PLANNING")
    propose = ("proposeStageMove", "stageMove { id }")
    implementation = {"nodeId": program, "toStage": "IMPLEMENTATION"}
    answer = await platform.send(*propose, by=place.head, **implementation)
    (refusal,) = answer["data"]["proposeStageMove"]["userErrors"]
    assert refusal["code"] == "REGIONAL_PLAN_NOT_COMPLIANT"
    assert "REGIONAL_RV1_NOT_APPROVED" in refusal["message"]

    await upgrade(platform, place, template)
    found = await findings(platform, place)
    assert {each["rule"] for each in found if each["stopsApproval"]} == {"RV5"}
    head = await head_of(platform, place, "WATER")
    await fill_places(platform, place, but="WATER-2")
    (vacancy,) = [each for each in await findings(platform, place) if each["stopsApproval"]]
    assert vacancy["message"] == "“Group WATER-2”: head of project group: 0 of at least 1."
    assert await platform.refused(*propose, by=place.head, **implementation) == (
        "REGIONAL_PLAN_NOT_COMPLIANT"
    )
    await appoint_head(platform, place, head, vacancy["place"])
    assert {each["severity"] for each in await findings(platform, place)} == {"WARNING"}
    await to_stage(platform, place, akim, program, "IMPLEMENTATION")


async def to_stage(
    platform: Platform, place: Place, akim: Member, program: str, stage: str
) -> None:
    """The project office proposes, the akim decides."""
    move = await platform.done(
        "proposeStageMove", "stageMove { id }", by=place.head, nodeId=program, toStage=stage
    )
    done = await platform.done(
        "confirmStageMove",
        "stageMove { object { ... on Program { stage } } }",
        by=akim,
        moveId=move["id"],
    )
    assert done["object"]["stage"] == stage


async def findings(platform: Platform, place: Place) -> list[dict[str, Any]]:
    found = await platform.read(FINDINGS, {"plan": place.plan}, by=place.head)
    listed: list[dict[str, Any]] = found["regionalPlan"]["compliance"]
    return listed


async def fill_places(platform: Platform, place: Place, *, but: str) -> None:
    """Somebody in every place that is vacant, except at one group: how people are appointed is
    another story."""
    roles = core_catalogue().roles
    vacant = [
        (each["about"], int(each["place"].partition(":")[2]))
        for each in await findings(platform, place)
        if each["code"] == "REGIONAL_RV5_TOO_FEW" and but not in each["message"]
    ]
    async with platform.arranging() as session:
        for role, node_id in vacant:
            node = await session.get_one(Node, node_id)
            number = 1 if role.startswith("bdig_") else None
            person = await make_person(session)
            await make_appointment(session, person, role, node, group_number=number)
        for role in set(await session.scalars(select(Appointment.role))):
            allowed = roles[role].rules[Profile.R2023].employment
            if allowed and Employment.COMBINED not in allowed:
                await session.execute(
                    update(Appointment)
                    .where(Appointment.role == role)
                    .values(employment=Employment.FULL)
                )


async def head_of(platform: Platform, place: Place, code: str) -> Member:
    """Somebody who heads the direction of the architecture with this code."""
    document = """query ($id: ID!, $code: String!) { regionalPlan(id: $id) {
      directions(where: { templateCode: { eq: $code } }) { nodes { id } } } }"""
    found = await platform.read(document, {"id": place.plan, "code": code}, by=place.head)
    (direction_id,) = [each["id"] for each in found["regionalPlan"]["directions"]["nodes"]]
    async with platform.arranging() as session:
        node = await session.get_one(Node, int(direction_id.partition(":")[2]))
    return await platform.person("bd_head", node)


async def appoint_head(platform: Platform, place: Place, head: Member, group: str) -> None:
    """The head of the direction appoints the head of the group that has none."""
    act = await platform.done(
        "registerAct",
        "act { id }",
        by=head,
        kind="ASSIGNMENT",
        number="G-1",
        datedOn="2026-02-01",
        bodyId=f"StateBody:{place.area.body.id}",
    )
    someone = await platform.person("employee", place.area.body)
    await platform.done(
        "appoint",
        "appointment { roleCode }",
        by=head,
        personId=someone.id,
        role="pg_head",
        nodeId=group,
        actId=act["id"],
    )


async def upgrade(platform: Platform, place: Place, template: str) -> None:
    """A region follows the architecture to its new version."""
    found = await platform.read(REPORT, {"plan": place.plan, "template": template}, by=place.head)
    report = found["regionalUpgradeReport"]
    assert report["missing"] == [{"code": "WATER-2"}]
    done = await platform.done(
        "regionalUpgradePlan",
        "regionalPlan { template { number } }",
        by=place.head,
        planId=place.plan,
        templateId=template,
        expectedVersion=report["version"],
    )
    assert done == {"template": {"number": 2}}


async def switch_off_and_on(platform: Platform, office: Member, here: Place, there: Place) -> None:
    """Off, the plugin is not there in the region; on again, everything is."""
    document = """{
      regions { nodes { code plan { template { number } directionRequests { totalCount } } } }
      basicDirections(first: 100) { nodes { templateCode outsideTemplate
        regionalRequest { state } region { code } } }
      projects(where: { regionalSphere: "ROADS" }) { totalCount } }"""
    before = await platform.read(document, by=office)
    shown = {each["code"]: each["plan"] for each in before["regions"]["nodes"]}
    assert shown["KZ-10"] == {
        "template": {"number": 2},
        "directionRequests": {"totalCount": 1},
    }
    await platform.disable(here.area.region, "not needed")
    off = await platform.read(document, by=office)
    assert {each["code"]: each["plan"] for each in off["regions"]["nodes"]} == shown | {
        "KZ-10": None
    }
    hidden = [each for each in off["basicDirections"]["nodes"] if each["region"]["code"] == "KZ-10"]
    assert len(hidden) == 4
    assert {tuple(list(each.values())[:3]) for each in hidden} == {(None, None, None)}
    one = "query ($id: ID!) { regionalPlan(id: $id) { id } }"
    assert code_of(await platform.ask(one, {"id": here.plan}, by=here.head)) == "PLUGIN_NOT_ENABLED"
    assert await platform.refused(
        "regionalDraftDirectionRequest",
        "regionalDirectionRequest { id }",
        by=here.head,
        planId=here.plan,
        names={"en": "x"},
        justification="x",
    ) == ("PLUGIN_NOT_ENABLED")
    await platform.enable(here.area.region)
    assert await platform.read(document, by=office) == before
