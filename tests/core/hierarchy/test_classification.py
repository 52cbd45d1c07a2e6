"""Classes of projects [R2023 App.6]: both sides of every limit."""

from __future__ import annotations

import enum
import json
from datetime import date

import pytest

from core.hierarchy.classification import (
    REFERENCE,
    CostClass,
    DurationClass,
    FinancingClass,
    ProductClass,
    ScaleClass,
    TimeClass,
    cost_class,
    deadlines_may_change,
    duration_class,
)

SHORT, MEDIUM, LONG = (
    DurationClass.SHORT_TERM, DurationClass.MEDIUM_TERM, DurationClass.LONG_TERM,
)  # fmt: skip
LOW, MIDDLE, HIGH = CostClass.LOW_BUDGET, CostClass.MEDIUM_BUDGET, CostClass.HIGH_BUDGET


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "expected"),
    [
        ("2026-01-01", "2026-01-01", SHORT),
        ("2026-01-01", "2026-12-30", SHORT),
        ("2026-01-01", "2026-12-31", MEDIUM),
        ("2026-01-01", "2028-12-31", MEDIUM),
        ("2026-01-01", "2029-01-01", LONG),
        ("2026-03-15", "2027-03-13", SHORT),
        ("2026-03-15", "2027-03-14", MEDIUM),
        ("2026-03-15", "2029-03-14", MEDIUM),
        ("2026-03-15", "2029-03-15", LONG),
        ("2024-02-29", "2025-02-27", SHORT),
        ("2024-02-29", "2025-02-28", MEDIUM),
        ("2024-02-29", "2027-02-28", MEDIUM),
        ("2024-02-29", "2027-03-01", LONG),
        ("2023-03-01", "2024-02-28", SHORT),
        ("2023-03-01", "2024-02-29", MEDIUM),
        ("2025-03-01", "2028-02-29", MEDIUM),
        ("2025-03-01", "2028-03-01", LONG),
        ("9999-12-30", "9999-12-30", SHORT),
    ],
)
def test_duration_class_counts_calendar_years(
    starts_on: str, ends_on: str, expected: DurationClass
) -> None:
    assert duration_class(date.fromisoformat(starts_on), date.fromisoformat(ends_on)) is expected


def test_duration_class_needs_both_dates() -> None:
    day = date(2026, 1, 1)
    assert [duration_class(None, day), duration_class(day, None)] == [None, None]


@pytest.mark.parametrize(
    ("minor", "expected"),
    [
        (0, LOW),
        (6_999_999_999, LOW),
        (7_000_000_000, MIDDLE),
        (20_000_000_000, MIDDLE),
        (20_000_000_001, HIGH),
    ],
)
def test_cost_class_of_tiyn(minor: int, expected: CostClass) -> None:
    assert cost_class(minor, "KZT") is expected


@pytest.mark.parametrize(("minor", "currency"), [(None, "KZT"), (7_000_000_000, "EUR")])
def test_cost_class_needs_a_budget_in_tenge(minor: int | None, currency: str) -> None:
    assert cost_class(minor, currency) is None


@pytest.mark.parametrize(
    ("time_class", "product_has_priority", "expected"),
    [
        (TimeClass.CRITICAL, False, False),
        (TimeClass.CRITICAL, True, False),
        (TimeClass.URGENT, False, False),
        (TimeClass.URGENT, True, True),
        (TimeClass.NORMAL, False, True),
        (TimeClass.NORMAL, True, True),
        (None, False, True),
        (None, True, True),
    ],
)
def test_deadlines_may_change_by_class_and_priority(
    time_class: TimeClass | None, product_has_priority: bool, expected: bool
) -> None:
    assert deadlines_may_change(time_class, product_has_priority) is expected


@pytest.mark.parametrize(
    ("criterion", "classes"),
    [
        ("duration", DurationClass),
        ("cost", CostClass),
        ("scale", ScaleClass),
        ("product", ProductClass),
        ("time_constraint", TimeClass),
        ("financing", FinancingClass),
    ],
)
def test_classes_are_those_of_the_reference(criterion: str, classes: type[enum.Enum]) -> None:
    criteria = json.loads(REFERENCE.read_text("utf-8"))["criteria"]
    values = next(each["values"] for each in criteria if each["code"] == criterion)
    assert {value["code"].upper() for value in values} == {each.name for each in classes}
    assert all(value[language] for value in values for language in ("kk", "ru", "en"))
