"""What the Rules allow of one appointment, on both sides of every limit."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.acts.act import ActKind
from core.authority.appointing import appoint
from core.authority.appointment import Attachment, Employment
from core.authority.appointment_rows import Terms
from core.db.engine import Database
from core.errors import PlatformError
from core.tree.node import Node, NodeKind, Stage
from core.work import Profile, Work
from tests import factories as make
from tests.acting import arranging, committed_world, refuses
from tests.core.authority.cases import TODAY, as_operator
from tests.factories import World

DAY = timedelta(days=1)
FULL = Terms(employment=Employment.FULL)


async def try_to(
    work: Work,
    role: str,
    node: Node,
    *,
    person_id: int | None = None,
    act: ActKind | None = ActKind.PROTOCOL,
    valid_from: date | None = None,
    terms: Terms | None = None,
) -> str:
    """Appoint a new person (or this one), and say "" or the code of the refusal."""
    if person_id is None:
        person_id = (await make.make_person(work.session)).id
    act_id = (await make.make_act(work.session, act)).id if act else None
    try:
        await appoint(
            work, person_id=person_id, role=role, node_id=node.id, act_id=act_id,
            valid_from=valid_from, terms=terms,
        )  # fmt: skip
    except PlatformError as refusal:
        return refusal.code
    return ""


async def test_dates_upside_down_are_refused(database: Database) -> None:
    world = await committed_world(database)
    async with as_operator(database) as work:
        for last, code in ((TODAY - DAY, "APPOINTMENT_DATES_REVERSED"), (TODAY, "")):
            terms = Terms(valid_to=last)
            assert await try_to(work, "pg_head", world.group, terms=terms) == code


@pytest.mark.parametrize(
    ("percent", "code"),
    [(0, "PARTICIPATION_OUT_OF_RANGE"), (1, ""), (100, ""), (101, "PARTICIPATION_OUT_OF_RANGE")],
)
async def test_participation_is_a_percentage(database: Database, percent: int, code: str) -> None:
    world = await committed_world(database)
    async with as_operator(database) as work:
        terms = Terms(participation_percent=percent)
        assert await try_to(work, "pg_head", world.group, terms=terms) == code


async def test_a_role_is_held_at_nodes_of_its_kind(database: Database) -> None:
    world = await committed_world(database)
    async with as_operator(database) as work:
        standard = await make.make_node(work.session, NodeKind.BASIC_DIRECTION, world.body)
        national = await make.make_node(work.session, NodeKind.STATE_BODY, world.country)
        asked = [
            ("pg_head", world.group),
            ("pg_head", world.direction),
            ("bd_head", world.direction),
            ("bd_head", standard),
            ("standard_bd_head", standard),
            ("standard_bd_head", world.direction),
            ("regional_administrator", world.body),
            ("regional_administrator", national),
            ("gc_member", world.body),
            ("gc_member", world.program),
            ("assignment_executor", world.project),
        ]
        codes = [await try_to(work, role, node) for role, node in asked]
    here, not_here = "", "ROLE_NOT_HELD_HERE"
    assert codes == [
        here, not_here, here, not_here, here, not_here, here, not_here, here, not_here, not_here
    ]  # fmt: skip
    async with as_operator(database, Profile.R2021) as work:
        assert await try_to(work, "gc_member", world.body) == not_here
        assert await try_to(work, "gc_member", world.program) == here


@pytest.mark.parametrize(
    ("role", "act", "profile", "code"),
    [
        ("po_head", ActKind.ORDER, Profile.R2023, ""),
        ("po_head", ActKind.DIRECTIVE, Profile.R2023, ""),
        ("po_head", ActKind.RESOLUTION, Profile.R2023, ""),
        ("po_head", ActKind.PROTOCOL, Profile.R2023, "ACT_KIND_NOT_ALLOWED"),
        ("po_head", ActKind.PROTOCOL, Profile.R2021, ""),
        ("po_head", ActKind.RESOLUTION, Profile.R2021, "ACT_KIND_NOT_ALLOWED"),
        ("po_head", None, Profile.R2023, "ACT_REQUIRED"),
        ("po_administrator", ActKind.ORDER, Profile.R2023, ""),
        ("po_administrator", ActKind.ORDER, Profile.R2021, "ACT_KIND_NOT_ALLOWED"),
        ("po_administrator", ActKind.PROTOCOL, Profile.R2021, ""),
    ],
)
async def test_the_act_is_of_a_kind_the_row_names(
    database: Database, role: str, act: ActKind | None, profile: Profile, code: str
) -> None:
    world = await committed_world(database)
    async with as_operator(database, profile) as work:
        assert await try_to(work, role, world.body, act=act, terms=FULL) == code


async def test_a_row_without_acts_asks_for_none(database: Database) -> None:
    world = await committed_world(database)
    async with as_operator(database) as work:
        assert await try_to(work, "project_team_member", world.project, act=None) == ""
        assert await try_to(work, "project_team_member", world.project) == ""


@pytest.mark.parametrize(
    ("role", "employment", "code"),
    [
        ("po_head", Employment.FULL, ""),
        ("po_head", Employment.COMBINED, "EMPLOYMENT_NOT_ALLOWED"),
        ("cc_head", Employment.COMBINED, ""),
        ("cc_head", Employment.FULL, "EMPLOYMENT_NOT_ALLOWED"),
        ("program_manager", Employment.FULL, ""),
        ("program_manager", Employment.COMBINED, ""),
    ],
)
async def test_employment_is_that_of_the_row(
    database: Database, role: str, employment: Employment, code: str
) -> None:
    world = await committed_world(database)
    async with as_operator(database) as work:
        terms = Terms(employment=employment)
        assert await try_to(work, role, world.body, act=ActKind.ORDER, terms=terms) == code


@pytest.mark.parametrize(
    ("role", "place", "profile", "allowed"),
    [
        ("po_head", "body", Profile.R2023, 1),
        ("po_administrator", "body", Profile.R2023, 3),
        ("po_administrator", "body", Profile.R2021, 1),
        ("bd_head", "direction", Profile.R2023, 1),
        ("pg_head", "group", Profile.R2023, 1),
        ("project_manager", "project", Profile.R2023, 1),
        ("project_coordinator", "project", Profile.R2023, 3),
        ("program_manager", "body", Profile.R2023, 1),
        ("pg_curator", "group", Profile.R2023, 1),
    ],
)
async def test_no_more_units_than_the_row_allows(
    database: Database, role: str, place: str, profile: Profile, allowed: int
) -> None:
    world = await committed_world(database)
    full = role.startswith("po_")
    act = ActKind.ORDER if full and profile is Profile.R2023 else ActKind.PROTOCOL
    async with as_operator(database, profile) as work:
        node: Node = getattr(world, place)
        codes = [
            await try_to(work, role, node, act=act, terms=FULL if full else None) for _ in range(3)
        ]
    assert codes == [""] * allowed + ["UNITS_EXCEEDED"] * (3 - allowed)


async def test_units_are_counted_on_common_days_only(database: Database) -> None:
    world = await committed_world(database)
    async with as_operator(database) as work:

        async def one(starts: date, ends: date | None) -> str:
            terms = Terms(valid_to=ends)
            return await try_to(work, "pg_head", world.group, valid_from=starts, terms=terms)

        assert await one(TODAY, TODAY + 9 * DAY) == ""
        assert await one(TODAY + 9 * DAY, None) == "UNITS_EXCEEDED"
        assert await one(TODAY + 10 * DAY, None) == ""
        assert await one(TODAY - 9 * DAY, TODAY) == "UNITS_EXCEEDED"
        assert await one(TODAY - 9 * DAY, TODAY - DAY) == ""


@pytest.mark.parametrize(
    ("profile", "second_group"), [(Profile.R2023, ""), (Profile.R2021, "UNITS_EXCEEDED")]
)
async def test_implementation_groups_are_counted_apart(
    database: Database, profile: Profile, second_group: str
) -> None:
    world = await committed_world(database)

    async def one(work: Work, role: str, number: int | None) -> str:
        terms = Terms(employment=Employment.FULL, group_number=number)
        return await try_to(work, role, world.direction, terms=terms)

    async with as_operator(database, profile) as work:
        assert await one(work, "bdig_head", 1) == ""
        assert await one(work, "bdig_head", 1) == "UNITS_EXCEEDED"
        assert await one(work, "bdig_head", 2) == second_group
        assert await one(work, "bdig_head", None) == "GROUP_NUMBER_MISPLACED"
        assert await one(work, "bdig_head", 0) == "GROUP_NUMBER_MISPLACED"
        assert await one(work, "bd_head", 1) == "GROUP_NUMBER_MISPLACED"


async def test_cities_with_a_special_regime_are_only_warned(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        city = await make.make_region(session, "KZ-71", special_regime=True)
        body = await make.make_node(session, NodeKind.STATE_BODY, world.country, region=city)
    async with as_operator(database) as work:
        for _ in range(2):
            assert await try_to(work, "po_head", body, act=ActKind.ORDER) == ""
        found = [(one.code, one.clause) for one in work.warnings if "CERT" not in one.code]
    assert found == [
        ("EMPLOYMENT_NOT_ALLOWED", "R2023 §12"),
        ("EMPLOYMENT_NOT_ALLOWED", "R2023 §12"),
        ("UNITS_EXCEEDED", "R2023 §12"),
    ]


async def test_nobody_holds_a_role_twice_or_is_fully_employed_twice(database: Database) -> None:
    world = await committed_world(database)
    async with as_operator(database) as work:
        other = await make.make_node(work.session, NodeKind.STATE_BODY, world.country)
        person_id = (await make.make_person(work.session)).id

        async def one(role: str, node: Node, terms: Terms, starts: date = TODAY) -> str:
            return await try_to(
                work, role, node, person_id=person_id, act=ActKind.ORDER, terms=terms,
                valid_from=starts,
            )  # fmt: skip

        until = Terms(employment=Employment.FULL, valid_to=TODAY + 9 * DAY)
        assert await one("po_administrator", world.body, until) == ""
        assert await one("po_administrator", world.body, FULL) == "ROLE_HELD_ALREADY"
        assert await one("po_administrator", other, FULL) == "FULL_EMPLOYMENT_TWICE"
        assert await one("cc_head", other, Terms()) == ""
        assert await one("po_administrator", other, FULL, TODAY + 9 * DAY) == (
            "FULL_EMPLOYMENT_TWICE"
        )
        assert await one("po_administrator", other, FULL, TODAY + 10 * DAY) == ""


async def projects(database: Database, world: World) -> dict[str, Node]:
    async with arranging(database) as session:
        elsewhere = await make.make_node(session, NodeKind.BASIC_DIRECTION, world.program)
        nested = await make.make_node(session, NodeKind.PROJECT_GROUP, world.group)
        archived = await make.make_node(session, NodeKind.PROJECT, elsewhere)
        archived.archived_at = make.MADE_AT
        return {
            "same direction": await make.make_node(session, NodeKind.PROJECT, nested),
            "other direction": await make.make_node(session, NodeKind.PROJECT, elsewhere),
            "closed": await make.make_node(
                session, NodeKind.PROJECT, elsewhere, stage=Stage.CLOSED
            ),
            "archived": archived,
        }


@pytest.mark.parametrize(
    ("profile", "second", "code", "clause"),
    [
        (Profile.R2023, "same direction", "", None),
        (Profile.R2023, "other direction", "PROJECT_MANAGER_ONE_DIRECTION", "R2023 §87"),
        (Profile.R2023, "closed", "", None),
        (Profile.R2023, "archived", "", None),
        (Profile.R2021, "same direction", "PROJECT_MANAGER_ONE_PROJECT", "R2021 §79"),
        (Profile.R2021, "closed", "", None),
        (Profile.R2021, "archived", "", None),
    ],
)
async def test_a_manager_runs_projects_within_the_limits(
    database: Database, profile: Profile, second: str, code: str, clause: str | None
) -> None:
    world = await committed_world(database)
    others = await projects(database, world)
    async with arranging(database) as session:
        person = await make.make_person(session)
        await make.make_appointment(session, person, "project_manager", others[second])
        act = await make.make_act(session, ActKind.PROTOCOL)
    asked: dict[str, Any] = {
        "person_id": person.id, "role": "project_manager",
        "node_id": world.project.id, "act_id": act.id,
    }  # fmt: skip
    async with as_operator(database, profile) as work:
        if code:
            with refuses(code, clause, "personId"):
                await appoint(work, **asked)
        else:
            assert (await appoint(work, **asked)).node_id == world.project.id


async def test_a_manager_may_go_on_elsewhere_after_the_last_day(database: Database) -> None:
    world = await committed_world(database)
    others = await projects(database, world)
    async with arranging(database) as session:
        person = await make.make_person(session)
        await make.make_appointment(
            session, person, "project_manager", others["other direction"], valid_to=TODAY
        )
    async with as_operator(database) as work:
        asked = {"role": "project_manager", "node": world.project, "person_id": person.id}
        assert await try_to(work, **asked) == "PROJECT_MANAGER_ONE_DIRECTION"
        assert await try_to(work, **asked, valid_from=TODAY + DAY) == ""


SIX_MONTHS = date(2026, 9, 1)
ONE_MONTH = date(2026, 4, 1)


@pytest.mark.parametrize(
    ("role", "attachment", "last", "code"),
    [
        ("po_administrator", Attachment.SECONDMENT, SIX_MONTHS, ""),
        ("po_administrator", Attachment.SECONDMENT, SIX_MONTHS + DAY, "SECONDMENT_TOO_LONG"),
        ("po_administrator", Attachment.SECONDMENT, None, "SECONDMENT_TOO_LONG"),
        ("po_administrator", Attachment.SECONDMENT, TODAY, ""),
        ("po_administrator", Attachment.FREELANCE, None, ""),
        ("program_manager", Attachment.SECONDMENT, SIX_MONTHS, "ATTACHMENT_NOT_FOR_ROLE"),
        ("po_administrator", Attachment.INTERNSHIP, SIX_MONTHS, "ATTACHMENT_NOT_FOR_ROLE"),
        ("office_member", Attachment.INTERNSHIP, ONE_MONTH, ""),
        ("office_member", Attachment.INTERNSHIP, ONE_MONTH - DAY, "INTERNSHIP_OUT_OF_RANGE"),
        ("office_member", Attachment.INTERNSHIP, SIX_MONTHS, ""),
        ("office_member", Attachment.INTERNSHIP, SIX_MONTHS + DAY, "INTERNSHIP_OUT_OF_RANGE"),
        ("office_member", Attachment.INTERNSHIP, None, "INTERNSHIP_OUT_OF_RANGE"),
        ("office_member", Attachment.SECONDMENT, SIX_MONTHS, "ATTACHMENT_NOT_FOR_ROLE"),
    ],
)
async def test_secondment_and_internship_keep_their_months(
    database: Database, role: str, attachment: Attachment, last: date | None, code: str
) -> None:
    world = await committed_world(database)
    full = Employment.FULL if role.startswith("po_") else Employment.COMBINED
    async with as_operator(database) as work:
        node = world.country if role == "office_member" else world.body
        terms = Terms(employment=full, attachment=attachment, valid_to=last)
        assert await try_to(work, role, node, act=ActKind.ORDER, terms=terms) == code
