"""Writing appointments: entering one, ending one, and who holds what at a node.

No authority is asked here; the verbs do that (:mod:`core.authority.appointing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from core.acts.act import Act
from core.authority.appointment import Appointment, Attachment, Employment
from core.authority.catalogue import Role
from core.authority.limits import Proposed, within
from core.authority.periods import DAY, Period
from core.errors import PRODUCT_DEFAULT, InvalidInput, WrongState
from core.people.person import Person
from core.rows import Lock, entered, find, plain
from core.texts import clean
from core.tree.node import Node
from core.work import Work


@dataclass(frozen=True, slots=True)
class Terms:
    """How somebody holds a role. ``group_number`` tells the implementation groups of one basic
    direction apart [R2023 §64]."""

    employment: Employment = Employment.COMBINED
    attachment: Attachment = Attachment.STAFF
    participation_percent: int | None = None
    group_number: int | None = None
    valid_to: date | None = None


async def propose(
    work: Work,
    role: Role,
    node: Node,
    person_id: int,
    valid_from: date,
    act_id: int | None,
    terms: Terms,
) -> Proposed:
    """The appointment as proposed. The person's row is held: limits count all of their roles."""
    person = await find(work.session, Person, person_id, field="personId", lock=Lock.UPDATE)
    if person.archived_on is not None:
        raise WrongState("PERSON_ARCHIVED", clause=PRODUCT_DEFAULT, field="personId")
    return Proposed(
        role=role,
        rule=role.rules[work.rules.profile],
        node=node,
        person=person,
        valid_from=valid_from,
        valid_to=terms.valid_to,
        employment=terms.employment,
        attachment=terms.attachment,
        participation_percent=terms.participation_percent,
        group_number=terms.group_number,
        act_id=act_id,
    )


async def enter(work: Work, proposed: Proposed, appointer_id: int | None) -> Appointment:
    """Write the appointment and its entry."""
    values = {
        "person_id": proposed.person.id,
        "role": proposed.role.code,
        "node_id": proposed.node.id,
        "employment": proposed.employment,
        "attachment": proposed.attachment,
        "participation_percent": proposed.participation_percent,
        "group_number": proposed.group_number,
        "act_id": proposed.act_id,
        "appointed_by_id": appointer_id,
        "valid_from": proposed.valid_from,
        "valid_to": proposed.valid_to,
    }
    appointment = Appointment(**values, version=1)
    work.session.add(appointment)
    await work.session.flush()
    work.record(
        "appointed",
        appointment,
        node_id=proposed.node.id,
        after=entered(values),
        clause=proposed.rule.ref,
    )
    return appointment


async def end(
    work: Work,
    appointment: Appointment,
    last_day: date,
    *,
    act_id: int | None = None,
    reason: str | None = None,
) -> date:
    """Set the last day, write the entry, and return the day.

    A day before the first one withdraws an appointment that has not begun before today: its
    period is then empty. Raises ``APPOINTMENT_DATES_REVERSED`` when it has, and
    ``APPOINTMENT_OVER`` when it ends by that day anyway.
    """
    if last_day < appointment.valid_from < work.today:
        raise InvalidInput(
            "APPOINTMENT_DATES_REVERSED",
            field="lastDay",
            valid_from=appointment.valid_from,
            valid_to=last_day,
        )
    last_day = max(last_day, appointment.valid_from - DAY)
    if appointment.valid_to is not None and appointment.valid_to <= last_day:
        raise WrongState(
            "APPOINTMENT_OVER", clause=PRODUCT_DEFAULT, field="id", valid_to=appointment.valid_to
        )
    if act_id is not None:
        await find(work.session, Act, act_id, field="actId")
    reason = clean(reason, "reason")
    before = {"valid_to": plain(appointment.valid_to)}
    appointment.valid_to = last_day
    appointment.release_act_id = act_id
    appointment.release_reason = reason
    appointment.version += 1
    await work.session.flush()
    work.record(
        "released",
        appointment,
        node_id=appointment.node_id,
        before=before,
        after=entered({"valid_to": last_day, "release_act_id": act_id, "release_reason": reason}),
        clause=f"{PRODUCT_DEFAULT}; R2023 §111",
    )
    return last_day


async def seated(
    work: Work, role: str, node_id: int, period: Period, person_id: int | None = None
) -> Sequence[Appointment]:
    """Who holds a role at a node on one of these days, held so that nobody changes it."""
    query = select(Appointment).where(
        Appointment.role == role, Appointment.node_id == node_id, *within(period)
    )
    if person_id is not None:
        query = query.where(Appointment.person_id == person_id)
    rows = await work.session.scalars(
        query.order_by(Appointment.id).with_for_update().execution_options(populate_existing=True)
    )
    return rows.all()
