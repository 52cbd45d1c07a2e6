"""The six classifications of a project, two of them computed [R2023 App.6].

The limits stand in ``core/reference/classification.json``. "Up to 1", "from 1 to 3", "over 3" are
read so that a limit itself belongs to the middle class.
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from core.money import MINOR_DIGITS, TENGE

REFERENCE = Path(__file__).parents[1] / "reference" / "classification.json"


class DurationClass(enum.Enum):
    """By duration, computed from the dates [R2023 App.6(1)]."""

    SHORT_TERM = "under one year"
    MEDIUM_TERM = "from one to three years"
    LONG_TERM = "over three years"


class CostClass(enum.Enum):
    """By cost, computed from a budget in tenge [R2023 App.6(2)]."""

    LOW_BUDGET = "under 70 million tenge"
    MEDIUM_BUDGET = "from 70 to 200 million tenge"
    HIGH_BUDGET = "over 200 million tenge"


class ScaleClass(enum.Enum):
    """By scale [R2023 App.6(3)]."""

    MONOPROJECT = "solves mainly one task"
    MULTIPROJECT = "related monoprojects united by one goal"
    MEGAPROJECT = "develops regions or sectors; several mono- and multiprojects"


class ProductClass(enum.Enum):
    """By product [R2023 App.6(4)]."""

    INFORMATIZATION_OBJECT = "informatization object"
    LEGAL_ACT = "normative legal act"
    INFRASTRUCTURE = "infrastructure object"
    BUILDING = "building or structure"


class TimeClass(enum.Enum):
    """By restriction of time [R2023 App.6(5)]."""

    CRITICAL = "deadlines cannot be changed"
    URGENT = "deadlines may be changed if the product has priority"
    NORMAL = "deadlines may be changed"


class FinancingClass(enum.Enum):
    """By who the customer is [R2023 App.6(6)]."""

    INTERNAL = "the state body is the customer"
    EXTERNAL = "another body or organisation is the customer"


@dataclass(frozen=True, slots=True)
class Middle:
    """The middle class of a criterion, both limits included."""

    low: int
    high: int


@cache
def middle_class(criterion: str) -> Middle:
    """The limits of ``duration`` (years) or ``cost`` (whole tenge)."""
    criteria = json.loads(REFERENCE.read_text("utf-8"))["criteria"]
    values = next(entry["values"] for entry in criteria if entry["code"] == criterion)
    middle = next(value for value in values if "gte" in value)
    return Middle(middle["gte"], middle["lte"])


def duration_class(starts_on: date | None, ends_on: date | None) -> DurationClass | None:
    """The class by duration; none while a date is missing.

    Years are calendar years and both days count: 1 January to 31 December is exactly one year
    (product default).
    """
    if starts_on is None or ends_on is None:
        return None
    years = middle_class("duration")
    if ends_on < last_day(starts_on, years.low):
        return DurationClass.SHORT_TERM
    if ends_on > last_day(starts_on, years.high):
        return DurationClass.LONG_TERM
    return DurationClass.MEDIUM_TERM


def last_day(starts_on: date, years: int) -> date:
    """The last of ``years`` calendar years that begin on ``starts_on``.

    A year begun on 29 February ends on 28 February.
    """
    if starts_on.year + years > date.max.year:
        return date.max
    if (starts_on.month, starts_on.day) == (2, 29):
        return date(starts_on.year + years, 2, 28)
    return starts_on.replace(year=starts_on.year + years) - timedelta(days=1)


def cost_class(budget_minor: int | None, currency: str) -> CostClass | None:
    """The class by cost of a budget in tenge; none for other currencies or without a budget."""
    if budget_minor is None or currency != TENGE:
        return None
    whole = 10 ** MINOR_DIGITS[TENGE]
    tenge = middle_class("cost")
    if budget_minor < tenge.low * whole:
        return CostClass.LOW_BUDGET
    if budget_minor > tenge.high * whole:
        return CostClass.HIGH_BUDGET
    return CostClass.MEDIUM_BUDGET


def deadlines_may_change(time_class: TimeClass | None, product_has_priority: bool) -> bool:
    """Whether the dates of a project of this class may change [R2023 App.6(5)].

    Nothing binds the dates of a project that has no such class yet.
    """
    if time_class is TimeClass.URGENT:
        return product_has_priority
    return time_class is not TimeClass.CRITICAL
