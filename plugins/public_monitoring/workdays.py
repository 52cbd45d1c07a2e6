"""Working days of Kazakhstan: weekends, public holidays, and what the Government moves.

The calendar is that of the library ``holidays``: the days of the law, the days off that follow when
one falls on a weekend, Kurban Ait (estimated where it is not announced yet), and the transfers
decreed so far. Where a decree came later, the table of days goes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from plugins.public_monitoring.models import MonitoringDay

if TYPE_CHECKING:
    from holidays import HolidayBase

DAY = timedelta(days=1)


@cache
def calendar() -> HolidayBase:
    """The working days by law and decree; years are added as they are asked for."""
    from holidays import country_holidays  # takes a while: read when the first term is counted

    return country_holidays("KZ")


def is_working(day: date, otherwise: Mapping[date, bool]) -> bool:
    """Whether work is done on a day; ``otherwise`` are the days the calendar does not know."""
    if day in otherwise:
        return otherwise[day]
    return calendar().is_working_day(day)


def shifted(day: date, working_days: int, otherwise: Mapping[date, bool]) -> date:
    """The day so many working days after another, or before it; 0: the day itself."""
    step = DAY if working_days >= 0 else -DAY
    left = abs(working_days)
    while left:
        day += step
        left -= is_working(day, otherwise)
    return day


async def special_days(session: AsyncSession, first: date, last: date) -> dict[date, bool]:
    """The days between two that are otherwise than the calendar says."""
    rows = await session.execute(
        select(MonitoringDay.day, MonitoringDay.working).where(
            MonitoringDay.day.between(first, last)
        )
    )
    return {each.day: each.working for each in rows}


async def working_days_from(session: AsyncSession, day: date, working_days: int) -> date:
    """The last day of a term of so many working days that begins the day after ``day``."""
    span = timedelta(days=abs(working_days) * 3 + 30)
    return shifted(day, working_days, await special_days(session, day - span, day + span))
