"""Scalars of the schema."""

from __future__ import annotations

from datetime import date

import pytest

from schema.types import parse_day


@pytest.mark.parametrize("text", ["1900-01-01", "2999-12-31"])
def test_first_and_last_day_can_be_given(text: str) -> None:
    assert parse_day(text) == date.fromisoformat(text)


@pytest.mark.parametrize("text", ["1899-12-31", "3000-01-01", "0001-01-01", "9999-12-31"])
def test_day_outside_the_calendar_of_the_acts_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a day lies in the years 1900 to 2999"):
        parse_day(text)


@pytest.mark.parametrize("value", ["", "2026-02-30", "tomorrow", 20260302, None])
def test_what_is_no_day_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="a day looks like 2026-03-02"):
        parse_day(value)
