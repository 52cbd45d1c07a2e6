"""Ending appointments, and with them the substitutions that rest on them.

A substitution ends by itself: when the main performer is back or gone, when the vacant place is
filled, when the substitute's own role is over [R2023 §107, App.7].
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, or_, select

from core.acts.act import Act
from core.authority.acting import Substitution
from core.authority.appointment import Appointment
from core.authority.limits import within
from core.authority.periods import DAY
from core.errors import PRODUCT_DEFAULT, InvalidInput, WrongState
from core.rows import entered, find, plain
from core.texts import clean
from core.work import Work


async def end(
    work: Work,
    appointment: Appointment,
    last_day: date,
    *,
    act_id: int | None = None,
    reason: str | None = None,
) -> date:
    """Set the last day, write the entry, and return the day; substitutions that rest on the
    appointment end too.

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
    await end_acting(
        work,
        last_day,
        or_(
            Substitution.replaced_id == appointment.id, Substitution.performer_id == appointment.id
        ),
    )
    return last_day


async def end_acting(work: Work, last_day: date, *resting_on: ColumnElement[bool]) -> None:
    """End the acting appointments that would last longer than what they rest on.

    What was done until today stands: one that has begun ends yesterday at the earliest.
    """
    rows = await work.session.scalars(
        select(Appointment)
        .join(Substitution, Substitution.id == Appointment.id)
        .where(*resting_on, *within((last_day + DAY, None)))
        .order_by(Appointment.id)
        .with_for_update(of=Appointment)
        .execution_options(populate_existing=True)
    )
    for acting in rows.all():
        last = last_day
        if last < acting.valid_from < work.today:
            last = work.today - DAY
        if acting.valid_to is None or acting.valid_to > last:
            await end(work, acting, last)


async def end_for_absence(work: Work, absence_id: int, last_day: date) -> None:
    """The main performer is back: nobody acts for them any more."""
    await end_acting(work, last_day, Substitution.absence_id == absence_id)


async def end_in_filled_place(work: Work, appointment: Appointment) -> None:
    """The place is filled: nobody acts in it from the first day of the new main performer."""
    place = [
        Substitution.replaced_id.is_(None),
        Appointment.role == appointment.role,
        Appointment.node_id == appointment.node_id,
        Appointment.id != appointment.id,
    ]
    if appointment.group_number is not None:
        place.append(Appointment.group_number == appointment.group_number)
    await end_acting(work, appointment.valid_from - DAY, *place)
