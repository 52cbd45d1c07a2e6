"""When a job is due."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.jobs.job import Job
from core.work import Work


async def nothing(work: Work, region_id: int | None) -> None:
    pass


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        ("2026-03-02 03:59:59", "2026-03-01 04:00", "2026-03-02 04:00"),
        ("2026-03-02 03:59:59.999999", "2026-03-01 04:00", "2026-03-02 04:00"),
        ("2026-03-02 04:00:00", "2026-03-02 04:00", "2026-03-03 04:00"),
        ("2026-03-02 04:00:00.000001", "2026-03-02 04:00", "2026-03-03 04:00"),
    ],
)
def test_job_is_due_by_the_clock_of_the_country(now: str, last: str, following: str) -> None:
    job = Job(name="daily", cron="0 9 * * *", run=nothing)
    assert (job.last_due(moment(now)), job.next_due(moment(now))) == (
        moment(last),
        moment(following),
    )


@pytest.mark.parametrize("cron", ["", "9 o'clock", "61 * * * *", "0 0 30 2 *"])
def test_job_without_a_time_is_none(cron: str) -> None:
    with pytest.raises(ValueError, match="names no time"):
        Job(name="never", cron=cron, run=nothing)


def at_once(work: Work, region_id: int | None) -> None:
    pass


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"run": at_once}, "must be written with `async def`"),
        ({"name": "each day"}, "no name of a job"),
        ({"cron": None}, "names no time"),
    ],
)
def test_what_is_no_job_is_refused(given: dict[str, Any], words: str) -> None:
    usual: dict[str, Any] = {"name": "daily", "cron": "0 9 * * *", "run": nothing}
    with pytest.raises(ValueError, match=words):
        Job(**(usual | given))
