"""Scalars of the schema."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from schema.types import parse_day, parse_decimal, parse_moment


@pytest.mark.parametrize("text", ["1900-01-01", "2999-12-31"])
def test_first_and_last_day_can_be_given(text: str) -> None:
    assert parse_day(text) == date.fromisoformat(text)


@pytest.mark.parametrize("text", ["1899-12-31", "3000-01-01", "0001-01-01", "9999-12-31"])
def test_day_outside_the_calendar_of_the_acts_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a day lies in the years 1900 to 2999"):
        parse_day(text)


@pytest.mark.parametrize(
    "value", ["", "2026-02-30", "tomorrow", "20260302", "2026-W10-1", "٢٠٢٦-03-02", 20260302, None]
)
def test_what_is_no_day_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="a day looks like 2026-03-02"):
        parse_day(value)


def test_moment_is_turned_into_utc() -> None:
    assert parse_moment("2026-03-02T06:30:00+05:00") == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_moment_outside_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a moment lies in the years 1 to 9999"):
        parse_moment(text)


@pytest.mark.parametrize("value", ["0", "-1250.50", "9" * 20 + "." + "9" * 7, 7])
def test_decimal_is_exact(value: str | int) -> None:
    assert parse_decimal(value) == Decimal(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1E+999999",
        "NaN",
        "Infinity",
        "1_0",
        "+1",
        "١٢",
        " 1",
        "9" * 21,
        "0.00000001",
        1.5,
        True,
    ],
)
def test_what_is_no_decimal_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="a decimal number is text"):
        parse_decimal(value)
