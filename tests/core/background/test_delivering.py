"""Handlers after their events."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core.background.delivering import deliver, deliver_again, take_places
from core.db.engine import Database
from core.errors import RuleRefused
from core.events.attempts import AttemptState
from core.events.delivery import Delivery, HandlerPlace
from core.events.feed import BATCH
from core.events.handler import Happened
from core.events.outbox import OutboxEvent
from core.transaction import stamp_transaction
from core.tree.node import Node
from core.work import Work
from tests.core.background.hosts import SmallHost, acts, after, background, deliver_all, do, switch
from tests.factories import World, make_world


@pytest.fixture
async def world(database: Database) -> World:
    """A world in whose region the plugin is on."""
    async with database.session() as session, session.begin():
        made = await make_world(session)
        await switch(session, made.region)
    return made


async def deliveries(database: Database) -> list[Delivery]:
    async with database.session() as session:
        return list((await session.scalars(select(Delivery).order_by(Delivery.id))).all())


async def test_handler_is_told_in_order_of_what_happens_since_it_was_first_seen(
    database: Database, world: World, now: datetime
) -> None:
    told: list[Happened] = []

    async def hear(work: Work, happened: Happened) -> None:
        told.append(happened)
        node = await work.session.get_one(Node, happened.node_id)
        work.record("heard", node, node_id=node.id)

    running = background(database, SmallHost([after(hear, "projectEdited")]))
    await do(database, now, "projectEdited", world.task)
    await take_places(running, now)
    await do(database, now, "projectEdited", world.project)
    await do(database, now, "taskEdited", world.task)
    await do(database, now, "projectEdited", world.group)
    await deliver_all(running, now)
    await deliver_all(running, now)

    assert [(each.act, each.subject, each.subject_id, each.node_id, each.at) for each in told] == [
        ("projectEdited", "Node", node.id, node.id, now) for node in (world.project, world.group)
    ]
    async with database.session() as session:
        rows = await session.scalars(
            select(OutboxEvent.id)
            .where(OutboxEvent.act == "projectEdited")
            .order_by(OutboxEvent.id)
        )
        assert [each.id for each in told] == rows.all()[1:]
    assert await acts(database, "plugin:visits") == ["heard", "heard"]


async def test_handler_of_an_uninstalled_plugin_gets_no_place(
    database: Database, world: World, now: datetime
) -> None:
    async def hear(work: Work, happened: Happened) -> None:
        raise AssertionError("nothing is told")

    running = background(database, SmallHost([after(hear, "*"), after(hear, "*", plugin="gone")]))
    await take_places(running, now)
    async with database.session() as session:
        assert (await session.scalars(select(HandlerPlace.plugin))).all() == ["visits"]
    await do(database, now, "edited", world.project)
    (gone,) = (named for named in running.handlers if named[0] == "gone")
    assert await deliver(running, gone, now) is False


async def test_a_new_process_goes_on_where_the_old_one_ended(
    database: Database, world: World, now: datetime
) -> None:
    told: list[str] = []

    async def hear(work: Work, happened: Happened) -> None:
        told.append(happened.act)

    for act in ("one", "two"):
        await deliver_all(background(database, SmallHost([after(hear, "*")])), now)
        await do(database, now, act, world.project)
    await deliver_all(background(database, SmallHost([after(hear, "*")])), now)
    assert told == ["one", "two"]


async def test_many_unwanted_events_are_read_once(
    database: Database, world: World, now: datetime
) -> None:
    told: list[int] = []

    async def hear(work: Work, happened: Happened) -> None:
        told.append(happened.id)

    running = background(database, SmallHost([after(hear, "wanted")]))
    await take_places(running, now)
    async with database.session() as session, session.begin():
        session.add_all(
            OutboxEvent(
                at=now,
                act="unwanted",
                subject="Node",
                subject_id=1,
                payload={},
                correlation_id="-",
                transaction_id=None if database.dialect == "sqlite" else 2**62,
            )
            for _ in range(BATCH)
        )
        await session.flush()
        if database.dialect == "postgresql":
            await session.execute(OutboxEvent.__table__.update().values(transaction_id=None))
            await stamp_transaction(session)
        last = await session.scalar(select(OutboxEvent.id).order_by(OutboxEvent.id.desc()))
    await deliver_all(running, now)
    async with database.session() as session:
        assert (await session.scalars(select(HandlerPlace))).one().event_id == last
    await do(database, now, "wanted", world.project)
    await deliver_all(running, now)
    assert len(told) == 1


async def test_failing_event_is_set_aside_retried_with_growing_pauses_and_given_up(
    database: Database, world: World, now: datetime
) -> None:
    tried: list[str] = []

    async def fail(work: Work, happened: Happened) -> None:
        tried.append(happened.act)
        node = await work.session.get_one(Node, happened.node_id)
        work.record("halfDone", node, node_id=node.id)
        if happened.act == "bad":
            raise ValueError("Иванов Иван")

    running = background(database, SmallHost([after(fail, "bad", "good")]))
    await take_places(running, now)
    await do(database, now, "bad", world.project)
    await do(database, now, "good", world.project)
    await deliver_all(running, now)
    assert tried == ["bad", "good"]
    assert await acts(database, "plugin:visits") == ["halfDone"]

    (failed,) = await deliveries(database)
    assert failed.error is not None
    assert failed.error.startswith("ValueError at background/test_delivering.py:")
    second = timedelta(seconds=1)
    assert (failed.act, failed.state, failed.attempts, failed.next_at) == (
        "bad",
        AttemptState.WAITING,
        1,
        now + second,
    )
    await deliver_again(running, now + second - timedelta(microseconds=1))
    assert tried == ["bad", "good"]
    await deliver_again(running, now + second)
    (failed,) = await deliveries(database)
    assert (failed.attempts, failed.next_at) == (2, now + 3 * second)
    await deliver_again(running, now + 3 * second)
    (failed,) = await deliveries(database)
    assert (failed.state, failed.attempts, failed.next_at, failed.ended_at) == (
        AttemptState.DEAD,
        3,
        None,
        now + 3 * second,
    )
    await deliver_again(running, now + timedelta(days=1))
    assert tried == ["bad", "good", "bad", "bad"]
    assert await acts(database, "plugin:visits") == ["halfDone"]


async def test_retry_that_succeeds_is_done_once(
    database: Database, world: World, now: datetime
) -> None:
    tried: list[int] = []

    async def second_time(work: Work, happened: Happened) -> None:
        tried.append(happened.id)
        if len(tried) == 1:
            raise RuleRefused("VISITS_OPEN", clause="visits")
        node = await work.session.get_one(Node, happened.node_id)
        work.record("done", node, node_id=node.id)

    running = background(database, SmallHost([after(second_time, "edited")]))
    await take_places(running, now)
    await do(database, now, "edited", world.project)
    await deliver_all(running, now)
    assert [each.error for each in await deliveries(database)] == ["VISITS_OPEN"]
    for seconds in (1, 2):
        await deliver_again(running, now + timedelta(seconds=seconds))
    assert len(tried) == 2
    assert tried[0] == tried[1]
    assert [each.state for each in await deliveries(database)] == [AttemptState.DONE]
    assert await acts(database, "plugin:visits") == ["done"]


async def test_events_where_the_plugin_is_off_are_passed_over(
    database: Database, world: World, now: datetime
) -> None:
    told: list[str] = []

    async def hear(work: Work, happened: Happened) -> None:
        told.append(happened.act)

    async def fail(work: Work, happened: Happened) -> None:
        told.append("fail")
        raise ValueError

    host = SmallHost([after(hear, "here", "country"), after(fail, "failing", name="fail")])
    running = background(database, host)
    await take_places(running, now)
    await do(database, now, "country", world.country)
    await do(database, now, "failing", world.project)
    await deliver_all(running, now)
    assert told == ["fail"]

    async with database.session() as session, session.begin():
        await switch(session, world.region, on=False)
    await do(database, now, "here", world.project)
    await deliver_all(running, now + timedelta(seconds=1))
    async with database.session() as session, session.begin():
        await switch(session, world.region)
        await switch(session, None)
    await deliver_all(running, now + timedelta(seconds=9))
    assert told == ["fail"]
    assert [each.state for each in await deliveries(database)] == [AttemptState.PASSED_OVER]
    await do(database, now, "country", world.country)
    await do(database, now, "here", world.project)
    await deliver_all(running, now)
    assert told == ["fail", "country", "here"]


async def test_place_and_failures_of_a_plugin_that_is_gone_wait_for_it(
    database: Database, world: World, now: datetime
) -> None:
    tried: list[str] = []

    async def first_fails(work: Work, happened: Happened) -> None:
        tried.append(happened.act)
        if len(tried) == 1:
            raise ValueError

    async def hear(work: Work, happened: Happened) -> None:
        tried.append("other")

    async with database.session() as session, session.begin():
        await switch(session, world.region, plugin="reports")
    both = background(
        database, SmallHost([after(first_fails, "edited"), after(hear, "*", plugin="reports")])
    )
    alone = background(database, SmallHost([after(hear, "*", plugin="reports")]))
    await take_places(both, now)
    await do(database, now, "edited", world.project)
    await deliver_all(both, now)
    assert tried == ["edited", "other"]
    await do(database, now, "edited", world.project)
    await deliver_all(alone, now + timedelta(hours=1))
    assert tried == ["edited", "other", "other"]
    assert [each.state for each in await deliveries(database)] == [AttemptState.WAITING]
    await deliver_all(both, now + timedelta(hours=2))
    assert tried == ["edited", "other", "other", "edited", "edited"]
    assert [each.state for each in await deliveries(database)] == [AttemptState.DONE]


async def test_two_processes_share_the_events_and_do_none_twice(
    database: Database, world: World, now: datetime
) -> None:
    told: list[int] = []

    async def hear(work: Work, happened: Happened) -> None:
        told.append(happened.id)
        node = await work.session.get_one(Node, happened.node_id)
        work.record("heard", node, node_id=node.id)

    host = SmallHost([after(hear, "edited")])
    other = await Database.open(database.url)
    try:
        ours, theirs = background(database, host), background(other, host)
        await take_places(ours, now)
        for _ in range(10):
            await do(database, now, "edited", world.project)
        (named,) = ours.handlers
        await asyncio.gather(deliver(ours, named, now), deliver(theirs, named, now))
        await deliver_all(ours, now)
    finally:
        await other.close()
    assert told == sorted(set(told))
    assert len(told) == 10
    assert await acts(database, "plugin:visits") == ["heard"] * 10


async def test_handler_that_takes_too_long_is_a_failure(
    database: Database, world: World, now: datetime
) -> None:
    async def hang(work: Work, happened: Happened) -> None:
        await asyncio.Event().wait()

    running = background(database, SmallHost([after(hang, "edited")]), seconds=0.01)
    await take_places(running, now)
    await do(database, now, "edited", world.project)
    await deliver_all(running, now)
    (failed,) = await deliveries(database)
    assert failed.error is not None
    assert failed.error.startswith("TimeoutError")
