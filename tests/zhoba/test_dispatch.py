"""The background work of a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text

from core.db.engine import Database
from core.events.attempts import AttemptState, Retrying
from core.events.delivery import Delivery
from core.events.feed import EventFeed
from core.events.handler import Happened
from core.jobs.job import Job
from core.tree.node import Node
from core.work import Work
from tests.core.background.hosts import SmallHost, acts, after, background, do, switch
from tests.factories import World, make_world
from zhoba.dispatch import Dispatcher


@pytest.fixture
async def world(database: Database) -> World:
    async with database.session() as session, session.begin():
        made = await make_world(session)
        await switch(session, made.region)
        await switch(session, made.region, plugin="reports")
    return made


@pytest.fixture
async def feed(database: Database) -> AsyncIterator[EventFeed]:
    opened = EventFeed(database)
    yield opened
    await opened.close()


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


async def become(database: Database, wanted: list[str]) -> None:
    """Wait until the plugins have done just this."""
    await reach(partial(plugin_acts, database), sorted(wanted))


async def reach(look: Callable[[], Awaitable[list[Any]]], wanted: list[Any]) -> None:
    async with asyncio.timeout(60):
        while await look() != wanted:  # noqa: ASYNC110 - what changes is in the database
            await asyncio.sleep(0.01)


async def plugin_acts(database: Database) -> list[str]:
    return sorted(act for act in await acts(database) if act.startswith("plugin"))


async def hear(work: Work, happened: Happened) -> None:
    node = await work.session.get_one(Node, happened.node_id)
    work.record("pluginHeard", node, node_id=node.id)


async def test_without_handlers_and_jobs_nothing_runs(database: Database, feed: EventFeed) -> None:
    dispatcher = Dispatcher(background(database, SmallHost()), feed)
    await dispatcher.start()
    assert dispatcher.tasks == []
    assert feed.subscriptions == set()
    await dispatcher.close()


async def test_handlers_hear_at_once_and_jobs_run_by_the_clock(
    database: Database, feed: EventFeed, world: World, now: datetime
) -> None:
    async def count(work: Work, region_id: int | None) -> None:
        work.record("pluginCounted", world.project, node_id=world.project.id)

    clock = Clock(now)
    host = SmallHost(
        [after(hear, "edited")], [("visits", Job(name="count", cron="* * * * *", run=count))]
    )
    dispatcher = Dispatcher(background(database, host), feed, clock)
    await dispatcher.start()
    try:
        await do(database, now, "edited", world.project)
        await become(database, ["pluginHeard"])
        clock.now += timedelta(minutes=1)
        await become(database, ["pluginHeard", "pluginCounted"])
        await do(database, now, "edited", world.project)
        await become(database, ["pluginHeard", "pluginCounted", "pluginHeard"])
    finally:
        await dispatcher.close()


async def test_plugin_that_hangs_or_fails_holds_up_no_other(
    database: Database, feed: EventFeed, world: World, now: datetime
) -> None:
    hangs = asyncio.Event()

    async def hang(work: Work, happened: Happened) -> None:
        hangs.set()
        if database.dialect == "postgresql":  # on SQLite it would hold the one write lock
            await asyncio.Event().wait()
        raise ZeroDivisionError

    clock = Clock(now)
    host = SmallHost([after(hang, "*", plugin="reports"), after(hear, "edited")])
    dispatcher = Dispatcher(background(database, host, retrying=Retrying(attempts=2)), feed, clock)
    await dispatcher.start()
    try:
        await do(database, now, "edited", world.project)
        await asyncio.wait_for(hangs.wait(), 60)
        await become(database, ["pluginHeard"])
        await do(database, now, "edited", world.project)
        await become(database, ["pluginHeard"] * 2)
        if database.dialect == "sqlite":
            await reach(partial(states, database), [AttemptState.WAITING] * 4)
            clock.now += timedelta(days=1)
            await reach(partial(states, database), [AttemptState.DEAD] * 4)
    finally:
        await dispatcher.close()


async def states(database: Database) -> list[Any]:
    async with database.session() as session:
        return list((await session.scalars(select(Delivery.state))).all())


async def test_work_goes_on_after_the_database_was_away(
    database: Database, feed: EventFeed, world: World, now: datetime
) -> None:
    if database.dialect == "sqlite":
        return  # there is no connection to lose
    dispatcher = Dispatcher(background(database, SmallHost([after(hear, "edited")])), feed)
    await dispatcher.start()
    try:
        await do(database, now, "edited", world.project)
        await become(database, ["pluginHeard"])
        await database.engine.dispose()
        async with database.session() as session:
            await session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <>"
                    " pg_backend_pid() AND datname = current_database()"
                )
            )
        await database.engine.dispose()
        await do(database, now, "edited", world.project)
        await become(database, ["pluginHeard"] * 2)
    finally:
        await dispatcher.close()
