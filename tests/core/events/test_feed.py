"""The live stream of the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.engine import Database
from core.events.feed import (
    QUEUE_LENGTH,
    Event,
    EventFeed,
    Place,
    Since,
    SubscriberTooSlow,
    Subscription,
)
from core.transaction import transact
from core.tree.node import Node, NodeKind
from core.work import OPERATOR, OperatorAuthority, Work
from tests.factories import make_node

NOW = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)


@pytest.fixture
async def feed(database: Database) -> AsyncIterator[EventFeed]:
    opened = EventFeed(database)
    yield opened
    await opened.close()


def working(database: Database) -> AbstractAsyncContextManager[Work]:
    return transact(database, actor=OPERATOR, authority=OperatorAuthority(), now=NOW)


async def hear(subscription: Subscription) -> Event:
    return await asyncio.wait_for(subscription.next(), 60)


async def next_of(subscription: Subscription) -> str:
    return (await hear(subscription)).act


async def undone(database: Database, node: Node) -> None:
    """An act that is taken back."""
    async with working(database) as work:
        work.record("undone", node)
        raise LookupError


async def test_events_reach_every_subscriber_in_order(database: Database, feed: EventFeed) -> None:
    async with feed.subscribe() as one, feed.subscribe() as other:
        async with working(database) as work:
            node = await make_node(work.session, NodeKind.COUNTRY, None)
            for name in ("first", "second"):
                work.record(name, node, node_id=node.id)
        heard = [
            [await asyncio.wait_for(each.next(), 60) for _ in range(2)] for each in (one, other)
        ]
    assert heard[0] == heard[1]
    assert [(e.act, e.at, e.subject, e.subject_id, e.node_id) for e in heard[0]] == [
        ("first", NOW, "Node", node.id, node.id),
        ("second", NOW, "Node", node.id, node.id),
    ]


async def test_what_happened_before_is_not_told_and_what_is_taken_back_neither(
    database: Database, feed: EventFeed
) -> None:
    async with working(database) as work:
        node = await make_node(work.session, NodeKind.COUNTRY, None)
        work.record("before", node)
    async with feed.subscribe() as subscription:
        with pytest.raises(LookupError):
            await undone(database, node)
        async with working(database) as work:
            work.record("after", node)
        assert await next_of(subscription) == "after"
        assert subscription.queue.empty()


async def test_feed_of_another_process_hears_too(database: Database, feed: EventFeed) -> None:
    theirs = await Database.open(database.url)
    try:
        async with feed.subscribe() as subscription:
            async with working(theirs) as work:
                work.record("elsewhere", await make_node(work.session, NodeKind.COUNTRY, None))
            assert await next_of(subscription) == "elsewhere"
    finally:
        await theirs.close()


async def test_feed_starts_again_for_a_later_subscriber(
    database: Database, feed: EventFeed
) -> None:
    async with working(database) as work:
        node = await make_node(work.session, NodeKind.COUNTRY, None)
    for name in ("one", "two"):
        async with feed.subscribe() as subscription:
            async with working(database) as work:
                work.record(name, node)
            assert await next_of(subscription) == name
        assert feed.subscriptions == set()


async def test_subscriber_that_does_not_read_is_cut_off_and_others_are_not() -> None:
    slow, quick = Subscription(Since()), Subscription(Since())
    for number in range(QUEUE_LENGTH + 1):
        event = Event(number, NOW, "act", "Node", 1, 1)
        slow.offer(Place(0, number + 1), event)
        quick.offer(Place(0, number + 1), event)
        assert (await quick.next()).id == number
    with pytest.raises(SubscriberTooSlow):
        await slow.next()


async def later(session: AsyncSession) -> None:
    """Draw an id of the outbox, as a transaction does that will insert later."""
    await session.execute(text("SELECT pg_current_xact_id()"))


async def test_event_committed_late_is_not_skipped(database: Database, feed: EventFeed) -> None:
    if database.dialect == "sqlite":
        return  # one writer at a time: nothing can be committed late
    async with working(database) as work:
        node = await make_node(work.session, NodeKind.COUNTRY, None)
    async with feed.subscribe() as subscription:
        async with working(database) as early:
            await later(early.session)
            async with working(database) as quick:
                quick.record("quick", node)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(subscription.next(), 0.3)
            early.record("early", node)
        heard = [await next_of(subscription) for _ in range(2)]
    assert heard == ["early", "quick"]


async def test_older_transaction_with_a_later_id_does_not_hide_a_younger_one(
    database: Database, feed: EventFeed
) -> None:
    """The younger transaction draws the smaller event id and commits last."""
    if database.dialect == "sqlite":
        return  # one writer at a time
    async with working(database) as work:
        node = await make_node(work.session, NodeKind.COUNTRY, None)
    insert = text(
        "INSERT INTO outbox_event (id, at, act, subject, subject_id, payload, correlation_id,"
        " transaction_id) VALUES (:id, now(), :act, 'Node', :node, '{}', '-',"
        " pg_current_xact_id()::text::bigint)"
    )
    async with feed.subscribe() as subscription:
        async with database.session() as older, database.session() as younger:
            await later(older)
            await later(younger)
            await younger.execute(insert, {"id": 1001, "act": "younger", "node": node.id})
            await older.execute(insert, {"id": 1002, "act": "older", "node": node.id})
            await older.commit()
            assert await next_of(subscription) == "older"
            await younger.commit()
        assert await next_of(subscription) == "younger"


async def test_feed_outlives_a_lost_connection(database: Database, feed: EventFeed) -> None:
    if database.dialect == "sqlite":
        return  # there is no connection to lose
    async with working(database) as work:
        node = await make_node(work.session, NodeKind.COUNTRY, None)
    async with feed.subscribe() as subscription:
        async with working(database) as work:
            work.record("one", node)
        assert await next_of(subscription) == "one"
        async with database.session() as session:
            await session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <>"
                    " pg_backend_pid() AND datname = current_database()"
                )
            )
        await database.engine.dispose()
        async with working(database) as work:
            work.record("two", node)
        assert await next_of(subscription) == "two"


@pytest.mark.parametrize(
    ("transaction", "covered"), [(9, True), (10, False), (11, True), (12, False), (15, False)]
)
def test_a_snapshot_covers_what_was_committed(transaction: int, covered: bool) -> None:
    since = Since.of_snapshot("10:15:10,12")
    assert since.covers(Place(transaction, 1)) is covered
