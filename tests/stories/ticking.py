"""A process that works off jobs and events minute by minute, until it is killed.

``python -m tests.stories.ticking URL FIRST MINUTES`` runs the clock from FIRST on, then exits.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime, timedelta

from sqlalchemy import text

import core.models  # noqa: F401 - the tables must know each other
from core.background.delivering import deliver, deliver_again, take_places
from core.background.running import run_due, schedule
from core.db.engine import Database
from core.events.attempts import Retrying
from core.events.handler import Happened
from core.jobs.job import Job
from core.work import Work
from tests.core.background.hosts import SmallHost, after, background

PLUGIN = "visits"


async def tick(work: Work, region_id: int | None) -> None:
    """Write down, in the same transaction, on behalf of which run this is."""
    await work.session.execute(
        text("INSERT INTO tick (what) VALUES (:what)"), {"what": work.correlation_id}
    )


async def hear(work: Work, happened: Happened) -> None:
    await work.session.execute(
        text("INSERT INTO tick (what) VALUES (:what)"), {"what": f"event:{happened.id}"}
    )


HOST = SmallHost(
    [after(hear, "edited", plugin=PLUGIN)],
    [(PLUGIN, Job(name="tick", cron="* * * * *", run=tick))],
)


async def run(url: str, first: datetime, minutes: int) -> None:
    database = await Database.open(url)
    work = background(database, HOST, retrying=Retrying(attempts=100))
    try:
        for minute in range(minutes + 1):
            now = first + timedelta(minutes=minute)
            await take_places(work, now)
            await schedule(work, now)
            await run_due(work, now)
            for named in work.handlers:
                await deliver(work, named, now)
            await deliver_again(work, now)
            print(minute, flush=True)
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], datetime.fromisoformat(sys.argv[2]), int(sys.argv[3])))
