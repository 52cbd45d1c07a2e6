"""The seats of governing committees that go with other posts [R2023 §51, R2021 §44]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select

from core.authority.appointment import Appointment, Employment
from core.authority.appointment_rows import enter, seated
from core.authority.ending import end
from core.authority.entitlement import catalogue_of
from core.authority.limits import Proposed, within
from core.authority.periods import DAY, Period
from core.errors import RuleRefused
from core.people.person import Person
from core.rows import find
from core.tree.node import Node
from core.work import Work

COMMITTEE_ROLES = ("gc_chair", "gc_deputy_chair", "gc_member")

OFFICE_HEAD = "po_head"
DEPUTY = "gc_deputy_chair"


async def keep_office_head_deputy(work: Work, made: Proposed) -> None:
    """After an appointment: the head of the project office is a deputy chair of the committee.

    Seats a new head in the committees there are, and the present head in a committee that begins.
    Raises ``OFFICE_HEAD_STAYS_DEPUTY`` when the head would chair the committee.
    """
    body_id = made.node.state_body_id
    if body_id is None:
        return
    if made.role.code == OFFICE_HEAD:
        for node_id in await committees_of(work, body_id, made.period):
            await seat(work, made, node_id)
    elif made.role.code in COMMITTEE_ROLES:
        for head in await seated(work, OFFICE_HEAD, body_id, made.period):
            await seat(work, await as_proposed(work, head, made), made.node.id)


async def seat(work: Work, head: Proposed, node_id: int) -> None:
    """Enter the seat that goes with the post: same act and last day, combined with it."""
    if await seated(work, "gc_chair", node_id, head.period, head.person.id):
        raise RuleRefused("OFFICE_HEAD_STAYS_DEPUTY", clause="R2023 §51", field="personId")
    if await seated(work, DEPUTY, node_id, head.period, head.person.id):
        return
    role = catalogue_of(work).roles[DEPUTY]
    its_seat = replace(
        head,
        role=role,
        rule=role.rules[work.rules.profile],
        node=await find(work.session, Node, node_id),
        employment=Employment.COMBINED,
        participation_percent=None,
        group_number=None,
    )
    await enter(work, its_seat, None)


async def as_proposed(work: Work, head: Appointment, made: Proposed) -> Proposed:
    """The present head's appointment, as far as the new committee seat takes from it."""
    return replace(
        made,
        person=await find(work.session, Person, head.person_id),
        valid_from=max(head.valid_from, made.valid_from),
        valid_to=head.valid_to,
        attachment=head.attachment,
    )


async def committees_of(work: Work, body_id: int, period: Period) -> Sequence[int]:
    """The nodes of the body's governing committees: those where somebody sits in one.

    That is the body itself [R2023 §51], or each program under the 2021 edition [R2021 §44].
    """
    rows = await work.session.scalars(
        select(Node.id)
        .join(Appointment, Appointment.node_id == Node.id)
        .where(
            Node.state_body_id == body_id,
            Appointment.role.in_(COMMITTEE_ROLES),
            *within(period),
        )
        .distinct()
        .order_by(Node.id)
    )
    return rows.all()


async def unseat_office_head(
    work: Work, head: Appointment, last_day: date, *, act_id: int | None
) -> None:
    """End the seats that came with the post."""
    period = (last_day + DAY, None)
    for node_id in await committees_of(work, head.node_id, period):
        for seat in await seated(work, DEPUTY, node_id, period, head.person_id):
            await end(work, seat, last_day, act_id=act_id)


async def require_office_head_seated(work: Work, released: Appointment, last_day: date) -> None:
    """Raise when the seat of a head of the project office is ended without the post [R2023 §51]."""
    if released.role != DEPUTY:
        return
    after = (last_day + DAY, None)
    body_id = (await find(work.session, Node, released.node_id)).state_body_id
    if body_id is not None and await seated(work, OFFICE_HEAD, body_id, after, released.person_id):
        raise RuleRefused("OFFICE_HEAD_STAYS_DEPUTY", clause="R2023 §51", field="id")
