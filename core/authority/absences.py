"""Recording who is away, and that they are back [R2023 §107]."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from core.authority.absence import Absence, AbsenceReason
from core.authority.acting import Substitution
from core.authority.appointment import Appointment
from core.authority.ending import end_for_absence
from core.authority.periods import DAY
from core.authority.substituting import SUBSTITUTE
from core.errors import PRODUCT_DEFAULT, InvalidInput, RuleRefused, WrongState
from core.node_facts import country_id
from core.people.person import Person
from core.rows import Lock, entered, find, plain, require_version
from core.work import Work

CLAUSE = f"{PRODUCT_DEFAULT}; R2023 §107"
PERSONNEL = "person.manage"


async def record_absence(
    work: Work,
    person_id: int,
    *,
    reason: AbsenceReason,
    first_day: date,
    last_day: date | None = None,
) -> Absence:
    """Record that somebody is away from all their roles, which stay theirs.

    By the personnel service (``person.manage`` at the person's unit or body), or by whoever records
    substitutions where the person holds a role (``role_assignment.substitute``). Raises
    ``ABSENCE_DATES_REVERSED``, ``ABSENCE_OVERLAPS``, ``PERSON_ARCHIVED``, ``SUBSTITUTE_DECIDES``.
    """
    person = await find(work.session, Person, person_id, field="personId", lock=Lock.UPDATE)
    node_id = await require_recorder(work, person, "personId")
    await refuse_substitutes(work, person_id)
    if person.archived_on is not None:
        raise WrongState("PERSON_ARCHIVED", clause=PRODUCT_DEFAULT, field="personId")
    if last_day is not None and last_day < first_day:
        raise InvalidInput(
            "ABSENCE_DATES_REVERSED", field="lastDay", first_day=first_day, last_day=last_day
        )
    other = await absence_on(work, person_id, first_day, last_day)
    if other is not None:
        raise RuleRefused(
            "ABSENCE_OVERLAPS",
            clause=CLAUSE,
            field="firstDay",
            first_day=other.first_day,
            last_day=other.last_day,
        )
    values = {
        "person_id": person_id,
        "reason": reason,
        "first_day": first_day,
        "last_day": last_day,
    }
    absence = Absence(**values, version=1)
    work.session.add(absence)
    await work.session.flush()
    work.record(
        "absenceRecorded",
        absence,
        node_id=node_id,
        after=entered(values, personal=("reason",)),
        clause=CLAUSE,
    )
    return absence


async def end_absence(
    work: Work, absence_id: int, *, expected_version: int, last_day: date | None = None
) -> Absence:
    """Record that somebody is back: the last day away is yesterday unless given.

    Substitutions that rest on the absence end with it. A last day before the first withdraws an
    absence that had not begun. To prolong one, record another after it. Actions as for
    :func:`record_absence`. Raises ``CONFLICT``, ``ABSENCE_OVER``, ``ABSENCE_DATES_REVERSED``.
    """
    absence = await find(work.session, Absence, absence_id, field="id")
    person = await find(work.session, Person, absence.person_id, lock=Lock.UPDATE)
    node_id = await require_recorder(work, person, "id")
    absence = await find(work.session, Absence, absence_id, lock=Lock.UPDATE)
    require_version(absence.version, expected_version)
    last = last_day or work.today - DAY
    if last < absence.first_day < work.today:
        raise InvalidInput(
            "ABSENCE_DATES_REVERSED", field="lastDay", first_day=absence.first_day, last_day=last
        )
    last = max(last, absence.first_day - DAY)
    if absence.last_day is not None and absence.last_day <= last:
        raise WrongState("ABSENCE_OVER", clause=CLAUSE, field="id", last_day=absence.last_day)
    before = {"last_day": plain(absence.last_day)}
    absence.last_day = last
    absence.version += 1
    await work.session.flush()
    work.record(
        "absenceEnded",
        absence,
        node_id=node_id,
        before=before,
        after={"last_day": plain(last)},
        clause=CLAUSE,
    )
    await end_for_absence(work, absence.id, last)
    return absence


async def require_recorder(work: Work, person: Person, field: str) -> int:
    """The node by which the actor may record absences of the person.

    Raises what asking at the person's unit or body raises, when there is none.
    """
    home = person.organization_unit_id or person.state_body_id or await country_id(work.session)
    if (await work.may(PERSONNEL, home)).allowed:
        await work.require(PERSONNEL, home, field=field)
        return home
    places = await work.session.scalars(
        select(Appointment.node_id)
        .where(
            Appointment.person_id == person.id,
            or_(Appointment.valid_to.is_(None), Appointment.valid_to >= work.today),
        )
        .distinct()
        .order_by(Appointment.node_id)
    )
    for node_id in places.all():
        if (await work.may(SUBSTITUTE, node_id)).allowed:
            await work.require(SUBSTITUTE, node_id, field=field)
            return node_id
    await work.require(PERSONNEL, home, field=field)
    return home


async def refuse_substitutes(work: Work, person_id: int) -> None:
    """Raise ``SUBSTITUTE_DECIDES`` where the actor acts for the person: what lets them go on acting
    is not theirs to record (product default)."""
    replaced = aliased(Appointment)
    acting = await work.session.scalar(
        select(Substitution.id)
        .join(Appointment, Appointment.id == Substitution.id)
        .join(replaced, replaced.id == Substitution.replaced_id)
        .where(
            Appointment.person_id == work.actor.person_id,
            replaced.person_id == person_id,
            Appointment.valid_from <= work.today,
            or_(Appointment.valid_to.is_(None), Appointment.valid_to >= work.today),
        )
        .limit(1)
    )
    if acting is not None:
        raise RuleRefused("SUBSTITUTE_DECIDES", clause=PRODUCT_DEFAULT, field="personId")


async def absence_on(
    work: Work, person_id: int, first_day: date, last_day: date | None
) -> Absence | None:
    """An absence with a day in common with these."""
    query = select(Absence).where(
        Absence.person_id == person_id,
        or_(
            Absence.last_day.is_(None),
            (Absence.last_day >= first_day) & (Absence.last_day >= Absence.first_day),
        ),
    )
    if last_day is not None:
        query = query.where(Absence.first_day <= last_day)
    found: Absence | None = await work.session.scalar(query.order_by(Absence.first_day).limit(1))
    return found
