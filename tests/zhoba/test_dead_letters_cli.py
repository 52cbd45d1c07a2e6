"""``zhoba plugins jobs`` and ``zhoba plugins dead-letters``."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from core.db.engine import Database
from core.events.attempts import AttemptState
from core.events.delivery import Delivery
from core.jobs.job_run import JobRun
from tests.conftest import NOW
from tests.factories import make_region
from zhoba.cli import app


def zhoba(*arguments: str) -> list[list[str]]:
    """The words of each line."""
    shown = CliRunner().invoke(app, ["plugins", *arguments])
    assert shown.exit_code == 0, shown.output
    return [line.split() for line in (shown.stdout or shown.stderr).splitlines()]


@pytest.fixture
def migrated(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ZHOBA_DATABASE_URL", database_url)
    return database_url


async def fill(url: str) -> None:
    database = await Database.open(url)
    dead = {"state": AttemptState.DEAD, "attempts": 8, "ended_at": NOW}
    async with database.session() as session, session.begin():
        region = await make_region(session)
        session.add(
            Delivery(
                plugin="visits", handler="mending", event_id=1, act="edited", error="ODD", **dead
            )
        )
        session.add(JobRun(plugin="visits", job="count", due_at=NOW, error="KeyError", **dead))
        session.add(
            JobRun(
                plugin="reports",
                job="send",
                region_id=region.id,
                due_at=NOW + timedelta(minutes=1),
                state=AttemptState.WAITING,
                attempts=0,
                next_at=NOW + timedelta(minutes=1),
            )
        )
    await database.close()


def test_jobs_and_what_was_given_up_are_listed(migrated: str) -> None:
    assert zhoba("jobs") == [["No", "job", "has", "run", "yet."]]
    assert zhoba("dead-letters") == [["Nothing", "was", "given", "up."]]
    asyncio.run(fill(migrated))
    due, later = ["2026-03-02", "11:30:00"], ["2026-03-02", "11:31:00"]
    waiting = ["reports", "send", "KZ-10", *later, "WAITING", "0", *later, "-"]
    dead = ["visits", "count", "-", *due, "DEAD", "8", "-", "KeyError"]
    assert zhoba("jobs")[1:] == [waiting, dead]
    assert zhoba("jobs", "--limit", "1")[1:] == [waiting]
    assert zhoba("jobs", "--plugin", "visits")[1:] == [dead]
    assert zhoba("dead-letters")[1:] == [
        ["Delivery:1", "visits", "mending", "edited", *due, "8", "ODD"],
        ["JobRun:1", "visits", "count", *due, *due, "8", "KeyError"],
    ]
    assert zhoba("dead-letters", "--plugin", "reports") == [["Nothing", "was", "given", "up."]]
