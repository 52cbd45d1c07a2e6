"""Working days of Kazakhstan: weekends, public holidays, and what the Government moves.

Public holidays are those of the law on holidays (No. 267 of 13.12.2001); one that falls on a
weekend makes the next working day a day off (Labour Code, article 85). Kurban Ait follows the moon
and days moved by decree change every year: both stand in the table of days.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from plugins.public_monitoring.models import MonitoringDay

HOLIDAYS = (
    (1, 1), (1, 2), (3, 8), (3, 21), (3, 22), (3, 23), (5, 1), (5, 7), (5, 9), (7, 6), (8, 30),
    (10, 25), (12, 16),
)  # fmt: skip
"""Month and day of the public holidays."""

CHRISTMAS = (1, 7)
"""A day off that is no public holiday: on a weekend it moves nothing."""

SATURDAY = 5
DAY = timedelta(days=1)


@lru_cache(maxsize=32)
def days_off(year: int) -> frozenset[date]:
    """The working days of the week that the law makes days off in a year."""
    holidays = {date(year, month, day) for month, day in HOLIDAYS}
    off = holidays | {date(year, *CHRISTMAS)}
    for holiday in sorted(holidays):
        if holiday.weekday() >= SATURDAY:
            moved = holiday + DAY
            while moved.weekday() >= SATURDAY or moved in off:
                moved += DAY
            off.add(moved)
    return frozenset(off)


def is_working(day: date, otherwise: Mapping[date, bool]) -> bool:
    """Whether work is done on a day; ``otherwise`` are the days that differ from the law."""
    if day in otherwise:
        return otherwise[day]
    return day.weekday() < SATURDAY and day not in days_off(day.year)


def shifted(day: date, working_days: int, otherwise: Mapping[date, bool]) -> date:
    """The day so many working days after another, or before it; 0: the day itself."""
    step = DAY if working_days >= 0 else -DAY
    left = abs(working_days)
    while left:
        day += step
        left -= is_working(day, otherwise)
    return day


async def special_days(session: AsyncSession, first: date, last: date) -> dict[date, bool]:
    """The days between two that are otherwise than the law says."""
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
