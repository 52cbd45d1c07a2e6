"""Running jobs: putting their due times on the queue, and working the queue off.

Times missed while no process ran are made up for once, for the last of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.background.acting import Background, attempt
from core.events.attempts import AttemptState
from core.jobs.job import Job
from core.jobs.job_run import JobRun, JobSchedule
from core.plugins.gate import is_enabled, is_enabled_anywhere
from core.plugins.installed_plugin import is_installed
from core.plugins.plugin_region import PluginRegion
from core.work import Work

BATCH = 100

KEPT = timedelta(days=30)
"""How long runs that succeeded can be looked up. Product default."""


async def schedule(background: Background, now: datetime) -> None:
    """Put on the queue what has become due since the last time; once, whoever comes first.

    A job seen for the first time begins now. Nothing of a plugin that was uninstalled beside this
    server is put there.
    """
    async with background.database.reading_session() as session:
        found = await session.scalars(select(JobSchedule))
        schedules = {(each.plugin, each.job): each.scheduled_to for each in found}
    for plugin, job in background.jobs:
        reached, due = schedules.get((plugin, job.name)), job.last_due(now)
        if reached is None:
            await begin(background, plugin, job, now)
        elif reached < due:
            await enqueue(background, plugin, job, due)


async def begin(background: Background, plugin: str, job: Job, now: datetime) -> None:
    """Note that a job was first seen now."""
    try:
        async with background.database.session() as session, session.begin():
            if await is_installed(session, plugin, hold=True):
                session.add(JobSchedule(plugin=plugin, job=job.name, scheduled_to=now))
    except IntegrityError:
        return  # another process did


async def enqueue(background: Background, plugin: str, job: Job, due: datetime) -> None:
    """Put one due time on the queue, for each region, unless somebody else did.

    Old runs that need no look any more are removed.
    """
    async with background.database.session() as session, session.begin():
        if not await is_installed(session, plugin, hold=True):
            return
        moved = cast(
            "CursorResult[Any]",
            await session.execute(
                update(JobSchedule)
                .where(
                    JobSchedule.plugin == plugin,
                    JobSchedule.job == job.name,
                    JobSchedule.scheduled_to < due,
                )
                .values(scheduled_to=due)
            ),
        )
        if not moved.rowcount:
            return
        await session.execute(
            delete(JobRun).where(
                JobRun.plugin == plugin,
                JobRun.job == job.name,
                JobRun.due_at < due - KEPT,
                JobRun.state.in_((AttemptState.DONE, AttemptState.PASSED_OVER)),
            )
        )
        regions = await regions_of(session, plugin, job)
        if regions:
            await session.execute(
                insert(JobRun),
                [
                    {
                        "plugin": plugin,
                        "job": job.name,
                        "region_id": region_id,
                        "due_at": due,
                        "state": AttemptState.WAITING,
                        "attempts": 0,
                        "next_at": due,
                    }
                    for region_id in regions
                ],
            )


async def regions_of(session: AsyncSession, plugin: str, job: Job) -> Sequence[int | None]:
    """What a job is to run for now: regions by key, the republic or all as None."""
    switches = select(PluginRegion.region_id).where(PluginRegion.plugin == plugin)
    if not job.while_off:
        switches = switches.where(PluginRegion.enabled)
    found = (await session.scalars(switches.order_by(PluginRegion.region_id))).all()
    return found if job.per_region else [None] * bool(found)


async def run_due(background: Background, now: datetime) -> None:
    """Run what is due on the queue, oldest first."""
    jobs = {(plugin, job.name): job for plugin, job in background.jobs}
    if not jobs:
        return

    async def once(work: Work, mine: JobRun) -> AttemptState:
        job = jobs[mine.plugin, mine.job]
        if job.while_off:
            work.gate = None
        elif not await is_on(work.session, mine, job):
            return AttemptState.PASSED_OVER
        await job.run(work, mine.region_id)
        return AttemptState.DONE

    while True:
        async with background.database.reading_session() as session:
            due = await session.scalars(
                select(JobRun)
                .where(
                    JobRun.state == AttemptState.WAITING,
                    JobRun.next_at <= now,
                    tuple_(JobRun.plugin, JobRun.job).in_(list(jobs)),
                )
                .order_by(JobRun.next_at, JobRun.id)
                .limit(BATCH)
            )
            runs = due.all()
        for each in runs:
            await attempt(background, each, now, f"job:{each.id}", once)
        if len(runs) < BATCH:
            return


async def is_on(session: AsyncSession, run: JobRun, job: Job) -> bool:
    if not job.per_region:
        return await is_enabled_anywhere(session, run.plugin)
    return await is_enabled(session, run.plugin, run.region_id)
