"""Working days of Kazakhstan."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from core.errors import NotFound
from plugins.public_monitoring.commands import Work, enter_day, entered_days
from plugins.public_monitoring.workdays import is_working, shifted, working_days_from
from tests.acting import entries
from tests.plugins.public_monitoring.conftest import Body
from zhoba.testing.platform import Platform


@pytest.mark.parametrize(
    ("first", "days", "last"),
    [
        (date(2026, 3, 2), 1, date(2026, 3, 3)),
        (date(2026, 3, 6), 1, date(2026, 3, 10)),  # 8 March is a Sunday: Monday is off
        (date(2026, 3, 20), 1, date(2026, 3, 26)),  # Nauryz from Saturday to Monday
        (date(2025, 12, 31), 1, date(2026, 1, 5)),
        (date(2026, 1, 6), 1, date(2026, 1, 8)),
        (date(2026, 5, 26), 1, date(2026, 5, 28)),  # Kurban Ait
        (date(2025, 1, 3), 1, date(2025, 1, 5)),  # a Sunday, worked in place of the third
        (date(2026, 3, 10), -1, date(2026, 3, 6)),
        (date(2026, 3, 7), 0, date(2026, 3, 7)),
    ],
)
def test_a_term_passes_over_days_off(first: date, days: int, last: date) -> None:
    assert shifted(first, days, {}) == last


def test_decrees_move_days() -> None:
    saturday, monday = date(2026, 1, 10), date(2026, 1, 12)
    assert (is_working(saturday, {}), is_working(monday, {})) == (False, True)
    moved = {saturday: True, monday: False}
    assert (is_working(saturday, moved), is_working(monday, moved)) == (True, False)
    assert shifted(date(2026, 1, 9), 2, moved) == date(2026, 1, 13)


def test_christmas_on_a_weekend_moves_nothing() -> None:
    assert is_working(date(2029, 1, 8), {})  # 7 January 2029 is a Sunday


async def test_the_operator_enters_days_of_a_decree(
    platform: Platform, body: Body, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZHOBA_DATABASE_URL", platform.database.url)
    monkeypatch.setenv("ZHOBA_DATA_DIR", str(tmp_path))
    monday, saturday = date(2031, 3, 3), date(2031, 3, 8)
    await enter_day(monday, Work.OFF, "decree 5")
    await enter_day(monday, Work.WORKING, None)
    await enter_day(monday, Work.OFF, "decree 6")
    await enter_day(saturday, Work.WORKING, None)
    assert await entered_days() == ["2031-03-03 off decree 6", "2031-03-08 working"]
    async with platform.arranging() as session:
        assert await working_days_from(session, date(2031, 2, 28), 1) == date(2031, 3, 4)
        assert await working_days_from(session, date(2031, 3, 7), 1) == saturday
    await enter_day(monday, Work.CALENDAR, None)
    with pytest.raises(NotFound):
        await enter_day(monday, Work.CALENDAR, None)
    assert await entered_days() == ["2031-03-08 working"]
    acts = [entry.act for entry in await entries(platform.database, "monitoringDaySet")]
    assert len(acts) == 4
