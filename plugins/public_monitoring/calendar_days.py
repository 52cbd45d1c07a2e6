"""Days that are otherwise than the calendar says, entered by the operator from a decree."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from plugins.public_monitoring.models import MonitoringDay
from zhoba.api import PRODUCT_DEFAULT, NotFound, Work, change, clean, entered


async def set_day(
    work: Work, day: date, *, working: bool, reason: str | None = None
) -> MonitoringDay:
    """Say that a day is a working day, or a day off, whatever the calendar says.

    Terms that run already keep their last day.
    """
    given = {"working": working, "reason": clean(reason, "reason", limit=500)}
    row = await find_day(work, day)
    if row is None:
        row = MonitoringDay(day=day, **given, version=1)
        work.session.add(row)
        before, after = None, entered({"day": day, **given})
    else:
        before, after = change(row, given)
        row.version += 1
    await work.session.flush()
    work.record("monitoringDaySet", row, before=before, after=after, clause=PRODUCT_DEFAULT)
    return row


async def unset_day(work: Work, day: date) -> None:
    """Let the calendar say again what a day is. Raises :class:`~zhoba.api.NotFound`."""
    row = await find_day(work, day)
    if row is None:
        raise NotFound("day")
    await work.session.delete(row)
    work.record(
        "monitoringDayUnset",
        row,
        before=entered({"day": day, "working": row.working}),
        clause=PRODUCT_DEFAULT,
    )


async def find_day(work: Work, day: date) -> MonitoringDay | None:
    """The row of a day, held, if there is one."""
    found: MonitoringDay | None = await work.session.scalar(
        select(MonitoringDay).where(MonitoringDay.day == day).with_for_update()
    )
    return found
