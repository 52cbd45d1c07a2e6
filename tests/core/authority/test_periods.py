"""Periods of whole days."""

from __future__ import annotations

from datetime import date

import pytest

from core.authority.periods import Period, add_months, most_at_once, overlap

JUNE: Period = (date(2026, 6, 1), date(2026, 6, 30))


@pytest.mark.parametrize(
    ("other", "common"),
    [
        ((date(2026, 5, 1), date(2026, 5, 31)), False),
        ((date(2026, 5, 1), date(2026, 6, 1)), True),
        ((date(2026, 6, 30), None), True),
        ((date(2026, 7, 1), None), False),
        ((date(2026, 6, 10), date(2026, 6, 10)), True),
    ],
)
def test_periods_overlap_on_a_common_day(other: Period, common: bool) -> None:
    assert overlap(JUNE, other) is common
    assert overlap(other, JUNE) is common


def test_most_at_once_counts_the_busiest_day() -> None:
    one_after_the_other: list[Period] = [
        (date(2026, 6, 1), date(2026, 6, 10)),
        (date(2026, 6, 11), date(2026, 6, 20)),
    ]
    assert most_at_once(one_after_the_other, JUNE) == 1
    assert most_at_once([*one_after_the_other, (date(2026, 6, 10), None)], JUNE) == 2
    assert most_at_once([(date(2026, 7, 1), None)], JUNE) == 0


def test_add_months_keeps_to_the_end_of_a_shorter_month() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 9, 15), 6) == date(2027, 3, 15)
    assert add_months(date(2026, 12, 1), 0) == date(2026, 12, 1)
