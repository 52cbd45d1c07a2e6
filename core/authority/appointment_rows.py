"""Writing appointments: entering one, and who holds what at a node.

No authority is asked here; the verbs do that (:mod:`core.authority.appointing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from core.authority.acting import is_main
from core.authority.appointment import Appointment, Attachment, Employment
from core.authority.catalogue import Role
from core.authority.ending import end_in_filled_place
from core.authority.limits import Proposed, within
from core.authority.periods import Period
from core.errors import PRODUCT_DEFAULT, WrongState
from core.people.person import Person
from core.rows import Lock, entered, find
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
    await end_in_filled_place(work, appointment)
    return appointment


async def seated(
    work: Work, role: str, node_id: int, period: Period, person_id: int | None = None
) -> Sequence[Appointment]:
    """Who holds a role at a node on one of these days, held so that nobody changes it; not who
    only acts in it."""
    query = select(Appointment).where(
        Appointment.role == role, Appointment.node_id == node_id, *within(period), is_main()
    )
    if person_id is not None:
        query = query.where(Appointment.person_id == person_id)
    rows = await work.session.scalars(
        query.order_by(Appointment.id).with_for_update().execution_options(populate_existing=True)
    )
    return rows.all()
