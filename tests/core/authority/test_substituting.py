"""Standing in: who may, who records it, what it gives, and when it ends by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.acts.act import ActKind
from core.audit.entry import AuditEntry
from core.authority.absence import Absence, AbsenceReason
from core.authority.absences import end_absence, record_absence
from core.authority.acting import Substitution
from core.authority.appointing import appoint, release
from core.authority.appointment import Appointment, Employment
from core.authority.appointment_rows import Terms
from core.authority.catalogue import core_catalogue
from core.authority.holding import Via
from core.authority.staffing import staffing
from core.authority.substituting import (
    Place,
    end_substitution,
    performer_of,
    substitute_absent,
    substitute_vacant,
)
from core.authority.substitution import may_stand_in, table
from core.db.engine import Database
from core.errors import NotAllowed, NotFound, PlatformError, RuleRefused, WrongState
from core.people.person import Person
from core.tree.node import Node, NodeKind
from core.work import Profile, Work
from tests import factories as make
from tests.acting import arranging
from tests.core.authority.cases import TODAY, as_operator, as_person, policy
from tests.factories import World

DAY = timedelta(days=1)
UNTIL = TODAY + 10 * DAY


@dataclass
class Office:
    """A body whose head of the project office is away, and who else works there."""

    world: World
    head: Person
    chief: Person
    administrator: Person
    manager: Person
    head_id: int
    chief_id: int
    absence: Absence


async def office(database: Database, last_day: date | None = UNTIL) -> Office:
    async with arranging(database) as session:
        world = await make.make_world(session)
        people = [await make.make_person(session) for _ in range(4)]
        head, chief, administrator, manager = people
        held = await make.make_appointment(session, head, "po_head", world.body)
        second = await make.make_appointment(session, chief, "po_chief_manager", world.body)
        await make.make_appointment(session, administrator, "po_administrator", world.body)
        await make.make_appointment(session, manager, "program_manager", world.body)
        absence = Absence(
            person_id=head.id, reason=AbsenceReason.LEAVE, first_day=TODAY - DAY,
            last_day=last_day, version=1,
        )  # fmt: skip
        session.add(absence)
        await session.flush()
        return Office(world, head, chief, administrator, manager, held.id, second.id, absence)


async def stand_in(database: Database, place: Office, **given: Any) -> Appointment:
    """The chief manager acts for the head, recorded by the administrator."""
    async with as_person(database, place.administrator) as work:
        return await substitute_absent(work, place.head_id, **{"person_id": place.chief.id} | given)


async def refused(
    database: Database, by: Person, verb: Callable[..., Awaitable[Any]], *args: Any, **given: Any
) -> str:
    with pytest.raises(PlatformError) as refusal:
        async with as_person(database, by) as work:
            await verb(work, *args, **given)
    return refusal.value.code


async def may(database: Database, person: Person, action: str, node: Node) -> bool:
    async with as_person(database, person) as work:
        return (await work.may(action, node.id)).allowed


async def last_day_of(database: Database, key: int) -> date | None:
    async with database.session() as session:
        return (await session.get_one(Appointment, key)).valid_to


async def test_a_substitute_has_the_role_and_keeps_their_own(database: Database) -> None:
    place = await office(database)
    assert not await may(database, place.chief, "role_assignment.substitute", place.world.body)
    acting = await stand_in(database, place, reason="On leave")
    async with as_person(database, place.chief) as work:
        decision = await work.require("role_assignment.substitute", place.world.body.id)
        assert (decision.role, decision.acting, decision.appointment_id) == (
            "po_head", True, acting.id
        )  # fmt: skip
        assert work.acting_as == "po_head (acting)"
        # What their own role allows they do in it, not as a substitute.
        own = await work.may("appointment.read", place.world.body.id)
        assert (own.role, own.acting) == ("po_chief_manager", False)
        told = await policy().explain(
            work.session, place.chief.id, place.world.body.id, "role_assignment.substitute", TODAY
        )
    assert [(one.role, one.via) for one in told.roles] == [
        ("po_head", Via(acting.id, place.head.id))
    ]
    async with database.session() as session:
        record = await session.get_one(Substitution, acting.id)
        entry = await session.scalar(select(AuditEntry).where(AuditEntry.act == "substituted"))
    assert (record.replaced_id, record.absence_id, record.performer_id, record.reason) == (
        place.head_id, place.absence.id, place.chief_id, "On leave"
    )  # fmt: skip
    assert (acting.valid_from, acting.valid_to) == (TODAY, UNTIL)
    assert entry is not None
    assert (entry.acting_as, entry.clause) == ("po_administrator", "R2023 §107, App.7")


async def test_an_act_of_a_substitute_says_so_in_the_audit_log(database: Database) -> None:
    place = await office(database)
    await stand_in(database, place)
    async with arranging(database) as session:
        analyst = await make.make_person(session)
        await make.make_appointment(session, analyst, "sac_head", place.world.body)
    async with as_person(database, place.chief) as work:
        await substitute_vacant(
            work, role="sac_analyst", node_id=place.world.body.id, person_id=analyst.id,
            last_day=UNTIL,
        )  # fmt: skip
    async with database.session() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert [entry.acting_as for entry in entries] == ["po_administrator", "po_head (acting)"]


async def test_it_ends_with_the_last_day_of_the_absence(database: Database) -> None:
    place = await office(database, last_day=TODAY)
    acting = await stand_in(database, place)
    assert acting.valid_to == TODAY
    assert await refused(
        database, place.administrator, end_substitution, acting.id, expected_version=1
    ) == "APPOINTMENT_OVER"  # fmt: skip


async def test_it_ends_by_itself_when_the_main_performer_is_back(database: Database) -> None:
    place = await office(database, last_day=None)
    acting = await stand_in(database, place)
    assert acting.valid_to is None
    async with as_person(database, place.administrator) as work:
        await end_absence(work, place.absence.id, expected_version=1, last_day=TODAY)
    assert await last_day_of(database, acting.id) == TODAY


async def test_who_is_back_today_is_substituted_until_yesterday(database: Database) -> None:
    place = await office(database, last_day=None)
    async with arranging(database) as session:
        found = await session.get_one(Absence, place.absence.id)
        found.first_day = TODAY - 5 * DAY
    acting = await stand_in(database, place, first_day=TODAY - 2 * DAY)
    assert await may(database, place.chief, "role_assignment.substitute", place.world.body)
    async with as_person(database, place.administrator) as work:
        ended = await end_absence(work, place.absence.id, expected_version=1)
    assert ended.last_day == TODAY - DAY
    assert await last_day_of(database, acting.id) == TODAY - DAY
    assert not await may(database, place.chief, "role_assignment.substitute", place.world.body)


async def test_a_return_recorded_late_does_not_undo_what_was_held(database: Database) -> None:
    place = await office(database, last_day=None)
    async with arranging(database) as session:
        found = await session.get_one(Absence, place.absence.id)
        found.first_day = TODAY - 9 * DAY
    acting = await stand_in(database, place, first_day=TODAY - 2 * DAY)
    async with as_person(database, place.administrator) as work:
        await end_absence(work, place.absence.id, expected_version=1, last_day=TODAY - 6 * DAY)
    assert await last_day_of(database, acting.id) == TODAY - DAY


async def test_it_ends_when_the_main_performer_or_the_own_role_goes(database: Database) -> None:
    place = await office(database, last_day=None)
    first = await stand_in(database, place)
    async with as_operator(database) as work:
        await release(work, place.head_id, expected_version=1, last_day=TODAY + DAY)
    assert await last_day_of(database, first.id) == TODAY + DAY
    other = await office_again(database, place)
    async with as_operator(database) as work:
        await release(work, place.chief_id, expected_version=1, last_day=TODAY + 3 * DAY)
    assert await last_day_of(database, other.id) == TODAY + 3 * DAY


async def office_again(database: Database, place: Office) -> Appointment:
    """The chief manager acts in the vacant place after the head has gone."""
    async with as_person(database, place.administrator) as work:
        return await substitute_vacant(
            work, role="po_head", node_id=place.world.body.id, person_id=place.chief.id,
            first_day=TODAY + 2 * DAY, last_day=UNTIL,
        )  # fmt: skip


async def test_it_ends_when_the_vacant_place_is_filled(database: Database) -> None:
    place = await office(database)
    async with as_operator(database) as work:
        await release(work, place.head_id, expected_version=1)
    acting = await office_again(database, place)
    async with arranging(database) as session:
        order = await make.make_act(session, ActKind.ORDER)
        new = await make.make_person(session)
    async with as_person(database, place.manager) as work:
        await appoint(
            work, person_id=new.id, role="po_head", node_id=place.world.body.id, act_id=order.id,
            valid_from=TODAY + 5 * DAY, terms=Terms(Employment.FULL),
        )  # fmt: skip
    assert await last_day_of(database, acting.id) == TODAY + 4 * DAY


async def test_a_substitute_fills_no_place(database: Database) -> None:
    place = await office(database)
    async with as_operator(database) as work:
        await release(work, place.head_id, expected_version=1, last_day=TODAY - DAY)
    async with as_person(database, place.administrator) as work:
        await substitute_vacant(
            work, role="po_head", node_id=place.world.body.id, person_id=place.chief.id,
            last_day=UNTIL,
        )  # fmt: skip
        findings = await staffing(work.session, place.world.body.id, today=TODAY)
    assert [one.present for one in findings if one.role == "po_head"] == [0]


async def test_nobody_decides_on_their_own_substitution(database: Database) -> None:
    place = await office(database)
    assert await refused(
        database, place.administrator, substitute_absent, place.head_id,
        person_id=place.administrator.id,
    ) == "SUBSTITUTE_DECIDES"  # fmt: skip
    acting = await stand_in(database, place)
    # As acting head of the office the chief manager records substitutions, but not this one.
    assert await refused(
        database, place.chief, end_substitution, acting.id, expected_version=1
    ) == "SUBSTITUTE_DECIDES"  # fmt: skip
    # Nor the next absence, which would let the acting go on.
    later = UNTIL + DAY
    assert await refused(
        database, place.chief, record_absence, place.head.id,
        reason=AbsenceReason.LEAVE, first_day=later, last_day=later,
    ) == "SUBSTITUTE_DECIDES"  # fmt: skip
    async with as_person(database, place.administrator) as work:
        await record_absence(
            work, place.head.id, reason=AbsenceReason.LEAVE, first_day=later, last_day=later
        )
        await end_substitution(work, acting.id, expected_version=1)
    assert await last_day_of(database, acting.id) == TODAY


async def test_who_may_not_record_substitutions(database: Database) -> None:
    place = await office(database)
    async with arranging(database) as session:
        stranger = await make.make_person(session)
    with pytest.raises(NotAllowed):
        async with as_person(database, place.chief) as work:
            await substitute_absent(work, place.head_id, person_id=place.administrator.id)
    with pytest.raises(NotFound):
        async with as_person(database, stranger) as work:
            await substitute_absent(work, place.head_id, person_id=place.administrator.id)
    # Whoever appoints to the role records its substitutions too.
    async with as_person(database, place.manager) as work:
        await substitute_absent(work, place.head_id, person_id=place.administrator.id)


async def test_nobody_stands_in_for_a_substitute_nor_by_a_role_acted_in(
    database: Database,
) -> None:
    place = await office(database)
    acting = await stand_in(database, place)
    async with arranging(database) as session:
        session.add(
            Absence(person_id=place.chief.id, reason=AbsenceReason.LEAVE, first_day=TODAY,
                    last_day=None, version=1)
        )  # fmt: skip
        pg_head = await make.make_appointment(
            session, await make.make_person(session), "pg_head", place.world.group
        )
        session.add(
            Absence(person_id=pg_head.person_id, reason=AbsenceReason.LEAVE, first_day=TODAY,
                    last_day=UNTIL, version=1)
        )  # fmt: skip
        curator = await make.make_person(session)
        held = await make.make_appointment(session, curator, "np_group_head", place.world.priority)
        session.add(Substitution(id=(await acting_row(session, curator, place)).id,
                                 performer_id=held.id))  # fmt: skip
    assert await refused(
        database, place.administrator, substitute_absent, acting.id,
        person_id=place.administrator.id,
    ) == "SUBSTITUTE_DECIDES"  # fmt: skip
    assert await refused(
        database, place.manager, substitute_absent, acting.id, person_id=place.administrator.id
    ) == "ONE_HOP_ONLY"  # fmt: skip
    # The curator only acts as head of an acceleration group: that lets them stand in for nobody.
    assert await refused(
        database, place.administrator, substitute_absent, pg_head.id, person_id=curator.id
    ) == "NOT_A_SUBSTITUTE"  # fmt: skip


async def acting_row(session: Any, person: Person, place: Office) -> Appointment:
    return await make.make_appointment(session, person, "acceleration_head", place.world.body)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"last_day": UNTIL + DAY}, "SUBSTITUTION_OUTLASTS"),
        ({"first_day": TODAY - 2 * DAY}, "NOBODY_ABSENT"),
        ({"first_day": UNTIL + DAY}, "NOBODY_ABSENT"),
        ({"last_day": TODAY - DAY}, "APPOINTMENT_DATES_REVERSED"),
    ],
)
async def test_days_that_do_not_fit(database: Database, given: dict[str, date], code: str) -> None:
    place = await office(database)
    assert await refused(
        database, place.administrator, substitute_absent, place.head_id,
        person_id=place.chief.id, **given,
    ) == code  # fmt: skip


async def test_one_substitute_at_a_time_who_is_there(database: Database) -> None:
    place = await office(database)
    async with arranging(database) as session:
        session.add(
            Absence(person_id=place.chief.id, reason=AbsenceReason.TRAINING,
                    first_day=TODAY + 3 * DAY, last_day=TODAY + 4 * DAY, version=1)
        )  # fmt: skip
        second = await make.make_person(session)
        await make.make_appointment(session, second, "po_administrator", place.world.body)
    by, head = place.administrator, place.head_id
    assert await refused(
        database, by, substitute_absent, head, person_id=place.chief.id
    ) == "SUBSTITUTE_ABSENT"  # fmt: skip
    await stand_in(database, place, last_day=TODAY + 2 * DAY)
    assert await refused(
        database, by, substitute_absent, head, person_id=second.id
    ) == "SUBSTITUTED_ALREADY"  # fmt: skip
    async with as_person(database, by) as work:
        await substitute_absent(work, head, person_id=second.id, first_day=TODAY + 3 * DAY)


async def test_a_place_with_a_performer_is_not_vacant(database: Database) -> None:
    place = await office(database)
    assert await refused(
        database, place.administrator, substitute_vacant, role="po_head",
        node_id=place.world.body.id, person_id=place.chief.id, last_day=UNTIL,
    ) == "PLACE_FILLED"  # fmt: skip


async def test_a_role_of_another_body_does_not_let_stand_in(database: Database) -> None:
    place = await office(database)
    async with arranging(database) as session:
        other = await make.make_node(session, NodeKind.STATE_BODY, place.world.country)
        outsider = await make.make_person(session)
        await make.make_appointment(session, outsider, "po_chief_manager", other)
        curator = await make.make_person(session)
        await make.make_appointment(session, curator, "np_curator", place.world.priority)
        session.add(
            Absence(person_id=place.manager.id, reason=AbsenceReason.LEAVE, first_day=TODAY,
                    last_day=UNTIL, version=1)
        )  # fmt: skip
        held = await session.scalar(
            select(Appointment.id).where(Appointment.role == "program_manager")
        )
    assert held is not None
    assert await refused(
        database, place.administrator, substitute_absent, place.head_id, person_id=outsider.id
    ) == "NOT_A_SUBSTITUTE"  # fmt: skip
    # The curator's priority is served by a program of the body.
    async with as_person(database, place.administrator) as work:
        await substitute_absent(work, held, person_id=curator.id)


async def test_release_is_not_for_substitutions_nor_the_other_way(database: Database) -> None:
    place = await office(database)
    acting = await stand_in(database, place)
    assert await refused(
        database, place.manager, release, acting.id, expected_version=1
    ) == "APPOINTMENT_IS_ACTING"  # fmt: skip
    assert await refused(
        database, place.administrator, end_substitution, place.head_id, expected_version=1
    ) == "NO_SUBSTITUTION"  # fmt: skip


async def test_the_head_of_the_office_who_only_acts_gets_no_seat(database: Database) -> None:
    place = await office(database)
    await stand_in(database, place)
    async with database.session() as session:
        roles = set(await session.scalars(select(Appointment.role)))
    assert "gc_deputy_chair" not in roles


NODE_OF = {
    "np_curator": "priority",
    "bd_head": "direction",
    "pg_curator": "group",
    "pg_head": "group",
    "bdig_head": "direction",
    "bdig_chief_manager": "direction",
    "bdig_administrator": "direction",
    "cab_secretary_under_president": "country",
}


@pytest.mark.parametrize("profile", list(Profile))
async def test_every_cell_of_the_table(database: Database, profile: Profile) -> None:
    """Each holder of a performer's role, for each role that can be performed besides."""
    performers = sorted({one for row in table()[profile].values() for one in row} | {"pg_head"})
    roles = core_catalogue().roles
    async with arranging(database) as session:
        world = await make.make_world(session)
        people = {}
        for performer in performers:
            people[performer] = await make.make_person(session)
            at: Node = getattr(world, NODE_OF.get(performer, "body"))
            await make.make_appointment(session, people[performer], performer, at)
    async with as_operator(database, profile) as work:
        for replaced in table()[profile]:
            for performer in performers:
                node: Node = getattr(world, NODE_OF.get(replaced, "body"))
                place = Place(roles[replaced], node, None)
                allowed = await stands_in(work, place, people[performer])
                assert allowed is may_stand_in(performer, replaced, profile), (performer, replaced)
    assert len(performers) == 18 + (profile is Profile.R2021)


async def stands_in(work: Work, place: Place, person: Person) -> bool:
    try:
        await performer_of(work, place, person, (TODAY, UNTIL))
    except RuleRefused:
        return False
    return True


async def test_the_absent_person_does_not_stand_in_for_themselves(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        head = await make.make_person(session)
        held = await make.make_appointment(session, head, "bd_head", world.direction)
        second = await make.make_node(session, NodeKind.BASIC_DIRECTION, world.program)
        await make.make_appointment(session, head, "bd_head", second)
        another = await make.make_person(session)
        await make.make_appointment(session, another, "bd_head", second)
    place = Place(core_catalogue().roles["bd_head"], world.direction, None, held)
    async with as_operator(database) as work:
        assert not await stands_in(work, place, head)
        assert await stands_in(work, place, another)


async def test_absences_do_not_overlap_and_have_their_days_in_order(database: Database) -> None:
    place = await office(database)
    by = place.administrator
    away = {"reason": AbsenceReason.OTHER}
    assert await refused(
        database, by, record_absence, place.head.id, first_day=UNTIL, **away
    ) == "ABSENCE_OVERLAPS"  # fmt: skip
    assert await refused(
        database, by, record_absence, place.chief.id, first_day=TODAY, last_day=TODAY - DAY, **away
    ) == "ABSENCE_DATES_REVERSED"  # fmt: skip
    async with as_person(database, by) as work:
        made = await record_absence(work, place.head.id, first_day=UNTIL + DAY, **away)
        with pytest.raises(WrongState) as over:
            await end_absence(work, place.absence.id, expected_version=1, last_day=UNTIL)
    assert (made.last_day, over.value.code) == (None, "ABSENCE_OVER")
    async with as_person(database, by) as work:
        withdrawn = await end_absence(work, made.id, expected_version=1, last_day=TODAY)
    assert withdrawn.last_day == UNTIL
    async with as_person(database, by) as work:
        await record_absence(work, place.head.id, first_day=UNTIL + DAY, **away)


async def test_who_records_absences(database: Database) -> None:
    place = await office(database)
    async with arranging(database) as session:
        stranger, personnel = [await make.make_person(session) for _ in range(2)]
        await make.make_appointment(session, personnel, "hr_service", place.world.body)
        employee = await make.make_person(session, state_body_id=place.world.body.id)
    away = {"reason": AbsenceReason.SICK_LEAVE, "first_day": TODAY}
    assert await refused(
        database, stranger, record_absence, employee.id, **away
    ) == "NOT_FOUND"  # fmt: skip
    async with as_person(database, personnel) as work:
        await record_absence(work, employee.id, **away)
    async with database.session() as session:
        entry = await session.scalar(select(AuditEntry).where(AuditEntry.act == "absenceRecorded"))
    assert entry is not None
    assert entry.after is not None
    assert (entry.after["reason"], entry.acting_as) == ("changed", "hr_service")
