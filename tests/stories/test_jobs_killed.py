"""Processes killed in the middle of jobs and handlers: none is lost, and none is done twice."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from core.background.delivering import deliver, deliver_again, take_places
from core.background.running import run_due, schedule
from core.db.engine import Database
from core.events.attempts import AttemptState, Retrying
from core.events.outbox import OutboxEvent
from core.jobs.job_run import JobRun
from tests.core.background.hosts import background, do, switch
from tests.factories import World, make_region, make_world
from tests.stories.ticking import HOST

MINUTES = 40
EVENTS = 30
KILLS = 4


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """A world with the plugin on in two regions, and a table for what handlers and jobs did."""
    async with database.session() as session, session.begin():
        made = await make_world(session)
        await switch(session, made.region)
        await switch(session, await make_region(session, "KZ-71"))
        await session.execute(text("CREATE TABLE tick (what text NOT NULL)"))
    yield made
    async with database.session() as session, session.begin():
        await session.execute(text("DROP TABLE tick"))


async def process(url: str, now: datetime) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.stories.ticking", url, now.isoformat(), str(MINUTES),
        cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def work_until(running: asyncio.subprocess.Process, minute: int) -> None:
    """Wait until the process has come to this minute, and kill it in the next one."""
    assert running.stdout is not None
    async for line in running.stdout:
        if int(line) >= minute:
            running.kill()
            break
    await running.wait()


@pytest.mark.early
async def test_killed_processes_lose_no_job_and_no_event_and_do_none_twice(
    database: Database, world: World, now: datetime
) -> None:
    work = background(database, HOST, retrying=Retrying(attempts=100))
    await take_places(work, now)
    await schedule(work, now)
    for _ in range(EVENTS):
        await do(database, now, "edited", world.project)

    for kill in range(KILLS):
        two = [await process(database.url, now) for _ in range(2)]
        await asyncio.gather(*(work_until(each, 5 * (kill + 1)) for each in two))
    last = await process(database.url, now)
    await last.communicate()
    assert last.returncode == 0
    end = now + timedelta(minutes=MINUTES, hours=2)
    await run_due(work, end)
    for named in work.handlers:
        while await deliver(work, named, end):
            pass
    await deliver_again(work, end)

    async with database.session() as session:
        done = (await session.scalars(text("SELECT what FROM tick"))).all()
        runs = (await session.scalars(select(JobRun))).all()
        events = (
            await session.scalars(select(OutboxEvent.id).where(OutboxEvent.act == "edited"))
        ).all()
    due = {now + timedelta(minutes=minute) for minute in range(1, MINUTES + 1)}
    assert {run.state for run in runs} == {AttemptState.DONE}
    assert len(runs) == 2 * MINUTES
    assert {run.due_at for run in runs} == due
    assert len(events) == EVENTS
    assert sorted(done) == sorted(
        [*(f"job:{run.id}" for run in runs), *(f"event:{id}" for id in events)]
    )
