"""Periods of whole days, both ends included; no end = open."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date, timedelta

DAY = timedelta(days=1)

Period = tuple[date, date | None]


def overlap(one: Period, other: Period) -> bool:
    """Whether the two have a day in common."""
    return (other[1] is None or one[0] <= other[1]) and (one[1] is None or other[0] <= one[1])


def most_at_once(periods: Iterable[Period], within: Period) -> int:
    """How many of the periods hold on the busiest day of ``within``."""
    counted = [each for each in periods if overlap(each, within)]
    starts = {max(each[0], within[0]) for each in counted}
    return max((sum(overlap(each, (day, day)) for each in counted) for day in starts), default=0)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
