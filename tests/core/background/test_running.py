"""Jobs, from their due time to their end."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core.background.running import run_due, schedule
from core.db.engine import Database
from core.errors import NotFound, WrongState
from core.events.attempts import AttemptState
from core.jobs.job import Job
from core.jobs.job_run import JobRun, JobSchedule, retry_job_run
from core.places.region import Region
from core.plugins.gate import PluginNotEnabled
from core.plugins.plugin_region import PluginRegion
from core.transaction import transact
from core.work import OPERATOR, OperatorAuthority, Work
from tests.core.background.hosts import SmallHost, acts, background, switch
from tests.factories import World, make_region, make_world

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
async def world(database: Database) -> World:
    """A world in whose region the plugin is on."""
    async with database.session() as session, session.begin():
        made = await make_world(session)
        await switch(session, made.region)
    return made


class Count:
    """A job that counts where it ran, in the database and here."""

    def __init__(self, world: World, *, failures: int = 0, **options: bool) -> None:
        self.world = world
        self.failures = failures
        self.ran: list[int | None] = []
        self.job = Job(name="count", cron="* * * * *", run=self.run, **options)
        self.host = SmallHost(jobs=[("visits", self.job)])

    async def run(self, work: Work, region_id: int | None) -> None:
        self.ran.append(region_id)
        work.record("counted", self.world.project, node_id=self.world.project.id)
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise ValueError("Иванов Иван")


async def tick(database: Database, count: Count, now: datetime) -> None:
    running = background(database, count.host)
    await schedule(running, now)
    await run_due(running, now)


async def runs(database: Database) -> list[JobRun]:
    async with database.session() as session:
        return list((await session.scalars(select(JobRun).order_by(JobRun.id))).all())


async def test_job_runs_once_at_each_of_its_times(
    database: Database, world: World, now: datetime
) -> None:
    count = Count(world)
    for seconds in (0, 59, 60, 61, 119, 120):
        await tick(database, count, now + seconds * SECOND)
    assert [(run.due_at, run.state, run.attempts) for run in await runs(database)] == [
        (now + MINUTE, AttemptState.DONE, 1),
        (now + 2 * MINUTE, AttemptState.DONE, 1),
    ]
    assert count.ran == [world.region.id] * 2
    assert await acts(database, "plugin:visits") == ["counted"] * 2


async def test_job_of_an_uninstalled_plugin_is_not_put_on_the_queue(
    database: Database, world: World, now: datetime
) -> None:
    count = Count(world)
    gone = SmallHost(jobs=[("gone", count.job)])
    await schedule(background(database, gone), now)
    async with database.session() as session, session.begin():
        assert (await session.scalars(select(JobSchedule))).all() == []
        # as a switch that was seen just before it was uninstalled
        session.add(PluginRegion(plugin="gone", enabled=True, settings={}, changed_at=now))
        session.add(JobSchedule(plugin="gone", job="count", scheduled_to=now))
    await schedule(background(database, gone), now + MINUTE)
    assert await runs(database) == []


async def test_times_missed_while_nobody_ran_are_made_up_for_once(
    database: Database, world: World, now: datetime
) -> None:
    count = Count(world)
    await tick(database, count, now)
    await tick(database, count, now + 60 * MINUTE)
    assert [run.due_at for run in await runs(database)] == [now + 60 * MINUTE]


async def region(database: Database, code: str, *, on: bool) -> Region:
    async with database.session() as session, session.begin():
        made = await make_region(session, code)
        await switch(session, made, on=on)
    return made


async def test_job_per_region_runs_where_the_plugin_is_on(
    database: Database, world: World, now: datetime
) -> None:
    second = await region(database, "KZ-71", on=True)
    await region(database, "KZ-75", on=False)
    count = Count(world)
    await tick(database, count, now)
    await tick(database, count, now + MINUTE)
    assert count.ran == [world.region.id, second.id]
    async with database.session() as session, session.begin():
        await switch(session, None)
        await switch(session, second, on=False)
    await tick(database, count, now + 2 * MINUTE)
    assert sorted(count.ran[2:], key=str) == sorted([None, world.region.id], key=str)


async def test_job_for_all_runs_once_while_the_plugin_is_on_anywhere(
    database: Database, world: World, now: datetime
) -> None:
    await region(database, "KZ-71", on=True)
    count = Count(world, per_region=False)
    await tick(database, count, now)
    await tick(database, count, now + MINUTE)
    assert count.ran == [None]
    async with database.session() as session, session.begin():
        for each in await session.scalars(select(Region)):
            await switch(session, each, on=False)
    await tick(database, count, now + 2 * MINUTE)
    assert count.ran == [None]
    assert len(await runs(database)) == 1


async def test_job_whose_plugin_was_switched_off_meanwhile_is_passed_over(
    database: Database, world: World, now: datetime
) -> None:
    count = Count(world)
    running = background(database, count.host)
    await schedule(running, now)
    await schedule(running, now + MINUTE)
    async with database.session() as session, session.begin():
        await switch(session, world.region, on=False)
    await run_due(running, now + MINUTE)
    assert count.ran == []
    assert [run.state for run in await runs(database)] == [AttemptState.PASSED_OVER]


async def test_job_that_cannot_wait_runs_where_its_plugin_was_switched_off_too(
    database: Database, world: World, now: datetime
) -> None:
    count = Count(world, while_off=True)
    await tick(database, count, now)
    async with database.session() as session, session.begin():
        await make_region(session, "KZ-71")
        await switch(session, world.region, on=False)
    await tick(database, count, now + MINUTE)
    assert count.ran == [world.region.id]
    assert await acts(database, "plugin:visits") == ["counted"]


async def test_job_acts_only_where_its_plugin_is_on(
    database: Database, world: World, now: datetime
) -> None:
    refused: list[PluginNotEnabled] = []

    async def reach(work: Work, region_id: int | None) -> None:
        try:
            await work.require("country.manage", world.country.id)
        except PluginNotEnabled as error:
            refused.append(error)

    host = SmallHost(jobs=[("visits", Job(name="reach", cron="* * * * *", run=reach))])
    running = background(database, host)
    await schedule(running, now)
    await schedule(running, now + MINUTE)
    await run_due(running, now + MINUTE)
    assert [error.params for error in refused] == [{"plugin": "visits", "region": None}]


async def test_failing_job_leaves_nothing_is_tried_again_and_given_up(
    database: Database, world: World, now: datetime
) -> None:
    count = Count(world, failures=3)
    running = background(database, count.host)
    await schedule(running, now)
    due = now + MINUTE
    await schedule(running, due)
    seen = []
    for later in (0, 0.9, 1, 2.9, 3, 1000):
        await run_due(running, due + later * SECOND)
        (run,) = await runs(database)
        seen.append((len(count.ran), run.state, run.next_at))
    waiting, dead = AttemptState.WAITING, AttemptState.DEAD
    assert seen == [
        (1, waiting, due + SECOND),
        (1, waiting, due + SECOND),
        (2, waiting, due + 3 * SECOND),
        (2, waiting, due + 3 * SECOND),
        (3, dead, None),
        (3, dead, None),
    ]
    assert run.error is not None
    assert run.error.startswith("ValueError at background/test_running.py:")
    assert await acts(database) == []

    async with transact(
        database, actor=OPERATOR, authority=OperatorAuthority(), now=due + MINUTE
    ) as work:
        await retry_job_run(work, run.id)
    await run_due(running, due + MINUTE)
    (run,) = await runs(database)
    assert (run.state, run.attempts) == (AttemptState.DONE, 1)
    assert await acts(database) == ["jobRunRetried", "counted"]


async def test_runs_that_succeeded_are_kept_thirty_days_and_others_for_good(
    database: Database, world: World, now: datetime
) -> None:
    count = Count(world)
    await tick(database, count, now)
    async with database.session() as session, session.begin():
        for state, second in (
            (AttemptState.DONE, 0),
            (AttemptState.PASSED_OVER, 1),
            (AttemptState.DEAD, 2),
            (AttemptState.DONE, 60),
        ):
            due = now + second * SECOND
            session.add(JobRun(plugin="visits", job="count", due_at=due, state=state, attempts=1))
    month = timedelta(days=30)
    kept = []
    for later in (month, month + MINUTE):
        await tick(database, count, now + later)
        kept.append([(run.due_at - now, run.state) for run in await runs(database)])
    done, passed, dead = AttemptState.DONE, AttemptState.PASSED_OVER, AttemptState.DEAD
    rest = [(2 * SECOND, dead), (MINUTE, done), (month, done)]
    assert kept == [
        [(0 * SECOND, done), (SECOND, passed), *rest],
        [*rest, (month + MINUTE, done)],
    ]


async def test_only_a_run_that_was_given_up_can_be_tried_again(
    database: Database, world: World, now: datetime
) -> None:
    count = Count(world)
    await tick(database, count, now)
    await tick(database, count, now + MINUTE)
    (run,) = await runs(database)
    async with transact(database, actor=OPERATOR, authority=OperatorAuthority(), now=now) as work:
        with pytest.raises(WrongState, match="NOT_DEAD"):
            await retry_job_run(work, run.id)
        with pytest.raises(NotFound):
            await retry_job_run(work, run.id + 1)


async def test_two_processes_run_each_time_once(
    database: Database, world: World, now: datetime
) -> None:
    for number in range(9):
        await region(database, f"KZ-{number:02d}", on=True)
    count = Count(world)
    other = await Database.open(database.url)
    try:
        await asyncio.gather(tick(database, count, now), tick(other, count, now))
        for minute in (1, 2):
            later = now + minute * MINUTE
            await asyncio.gather(tick(database, count, later), tick(other, count, later))
            await tick(database, count, later)
    finally:
        await other.close()
    assert [run.state for run in await runs(database)] == [AttemptState.DONE] * 20
    assert len(count.ran) == 20
    assert await acts(database) == ["counted"] * 20
