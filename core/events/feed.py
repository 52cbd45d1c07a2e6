"""The outbox as a live stream: what happened since now, to every subscriber of this process.

One reader per process follows the outbox while anybody subscribes. It is woken by PostgreSQL's
NOTIFY, which other processes send too, or looks every 100 ms on SQLite; either way it finds events
by their place, so a lost wake-up delays and never loses.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    func,
    literal,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.engine import Database
from core.errors import PlatformError
from core.events.outbox import CHANNEL, OutboxEvent

SQLITE_POLL_SECONDS = 0.1
BEHIND_POLL_SECONDS = 0.05
"""How soon to look again for events held back by a running transaction."""
IDLE_POLL_SECONDS = 2.0
"""How soon to look on PostgreSQL without a wake-up, should one get lost."""
RETRY_SECONDS = 1.0
QUEUE_LENGTH = 1000
BATCH = 500

LOST = (OSError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What reading raises when the database is away for a while."""

log = logging.getLogger("zhoba.events")


@dataclass(frozen=True, slots=True)
class Event:
    """One act, as ids only: whoever is told looks up what they may see."""

    id: int
    at: datetime
    act: str
    subject: str
    subject_id: int
    node_id: int | None
    correlation_id: str = "-"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """How far a reader is. Transactions count before ids: ids are drawn before the commit, so a
    later id may become visible first, but a transaction older than all running ones never does."""

    transaction_id: int
    event_id: int


@dataclass(frozen=True, slots=True)
class Since:
    """What was over when somebody subscribed: not theirs to hear.

    PostgreSQL tells old events late, once no older transaction runs; the snapshot of the moment
    (``xmin:xmax:running,...``) says which those are. SQLite's events are over by their id.
    """

    event_id: int = 0
    oldest: int = 0
    next: int = 0
    running: frozenset[int] = frozenset()

    @classmethod
    def of_snapshot(cls, text: str) -> Since:
        oldest, following, running = text.split(":")
        return cls(
            oldest=int(oldest),
            next=int(following),
            running=frozenset(int(each) for each in running.split(",") if each),
        )

    def covers(self, place: Place) -> bool:
        """Whether the event at a place had been committed by then."""
        if not self.next:
            return place.event_id <= self.event_id
        transaction = place.transaction_id
        return transaction < self.next and transaction not in self.running


class SubscriberTooSlow(PlatformError):
    """A subscriber left :data:`QUEUE_LENGTH` events unread and is cut off."""

    def __init__(self) -> None:
        super().__init__("SUBSCRIBER_TOO_SLOW", limit=QUEUE_LENGTH)


@dataclass(slots=True, eq=False)
class Subscription:
    """The events one subscriber has not read yet, out of those after ``since``."""

    since: Since
    queue: asyncio.Queue[Event] = field(default_factory=lambda: asyncio.Queue(QUEUE_LENGTH))
    overflowed: bool = False

    async def next(self) -> Event:
        """The next event, waiting for it.

        Raises :class:`SubscriberTooSlow` once events were lost to this subscriber.
        """
        if self.overflowed:
            raise SubscriberTooSlow
        return await self.queue.get()

    def offer(self, place: Place, event: Event) -> None:
        """Hand out an event, unless it was over when the subscriber came."""
        if self.since.covers(place):
            return
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            self.overflowed = True


class EventFeed:
    """Follows the outbox of one database for the subscribers of this process."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.subscriptions: set[Subscription] = set()
        self._reader: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()

    @property
    def following(self) -> bool:
        """Whether everything committed from now on will be told."""
        return self._reader is not None and not self._reader.done()

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[Subscription]:
        """Every event committed from now on, until the block ends."""
        async with self._opening:
            place, since = await self._now()
            subscription = Subscription(since)
            self.subscriptions.add(subscription)
            if not self.following:
                self._reader = asyncio.create_task(self._follow(place))
        try:
            yield subscription
        finally:
            self.subscriptions.discard(subscription)
            if not self.subscriptions:
                await self.close()

    async def close(self) -> None:
        """Stop following; the next subscriber starts anew."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _now(self) -> tuple[Place, Since]:
        async with self.database.reading_session() as session:
            return await newest_place(session)

    async def _follow(self, place: Place) -> None:
        while True:
            try:
                async with self._listening() as (wake, listener):
                    while listener is None or not listener.is_closed():
                        wake.clear()
                        place, behind = await self._deliver(place)
                        await self._pause(wake, behind)
            except LOST as error:
                log.warning("the outbox cannot be read (%s), trying again", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    @asynccontextmanager
    async def _listening(
        self,
    ) -> AsyncIterator[tuple[asyncio.Event, asyncpg.Connection | None]]:
        """An event that is set when some process has committed an act, and whoever sets it."""
        wake = asyncio.Event()
        if self.database.dialect == "sqlite":
            yield wake, None
            return
        url = make_url(self.database.url).set(drivername="postgresql")
        listener = await asyncpg.connect(url.render_as_string(hide_password=False))
        try:
            listener.add_termination_listener(lambda _: wake.set())
            await listener.add_listener(CHANNEL, lambda *_: wake.set())
            yield wake, listener
        finally:
            listener.terminate()

    async def _pause(self, wake: asyncio.Event, behind: bool) -> None:
        if self.database.dialect == "sqlite":
            seconds = SQLITE_POLL_SECONDS
        else:
            seconds = BEHIND_POLL_SECONDS if behind else IDLE_POLL_SECONDS
        try:
            async with asyncio.timeout(seconds):
                await wake.wait()
        except TimeoutError:
            pass

    async def _deliver(self, place: Place) -> tuple[Place, bool]:
        """Hand out what is new; also whether events are held back by a running transaction."""
        while True:
            async with self.database.reading_session() as session:
                # in this order: what is let go in between is read, not taken for nothing
                behind = await held_back(session, place)
                batch = await read_events(session, place)
            for told, event in batch:
                for subscription in self.subscriptions:
                    subscription.offer(told, event)
            if batch:
                place = batch[-1][0]
            if len(batch) < BATCH:
                return place, behind


OLDEST_RUNNING: ColumnElement[int] = literal_column(
    "pg_snapshot_xmin(pg_current_snapshot())::text::bigint", BigInteger
)
"""The oldest transaction still running on PostgreSQL; what is older will not change any more."""


async def newest_place(session: AsyncSession) -> tuple[Place, Since]:
    """The place before which nothing changes any more, and what is over at this moment."""
    if session.get_bind().dialect.name == "sqlite":
        newest = await session.scalar(select(func.max(OutboxEvent.id))) or 0
        return Place(0, newest), Since(event_id=newest)
    snapshot = await session.scalar(select(literal_column("pg_current_snapshot()::text", Text)))
    since = Since.of_snapshot(snapshot or "")
    return Place(since.oldest - 1, 2**62), since


async def read_events(session: AsyncSession, after: Place) -> list[tuple[Place, Event]]:
    """At most :data:`BATCH` events after a place, in order, none of a running transaction."""
    query = select(
        OutboxEvent.transaction_id,
        OutboxEvent.id,
        OutboxEvent.at,
        OutboxEvent.act,
        OutboxEvent.subject,
        OutboxEvent.subject_id,
        OutboxEvent.node_id,
        OutboxEvent.correlation_id,
    ).limit(BATCH)
    if session.get_bind().dialect.name == "sqlite":
        query = query.where(OutboxEvent.id > after.event_id).order_by(OutboxEvent.id)
    else:
        place = tuple_(OutboxEvent.transaction_id, OutboxEvent.id)
        query = query.where(
            place > tuple_(literal(after.transaction_id), literal(after.event_id)),
            OutboxEvent.transaction_id < OLDEST_RUNNING,
        ).order_by(OutboxEvent.transaction_id, OutboxEvent.id)
    return [
        (Place(row.transaction_id or 0, row.id), Event(*row[1:]))
        for row in await session.execute(query)
    ]


async def held_back(session: AsyncSession, after: Place) -> bool:
    """Whether there are events that wait for a transaction older than theirs to end."""
    if session.get_bind().dialect.name == "sqlite":
        return False
    waiting = (
        select(OutboxEvent.id)
        .where(
            OutboxEvent.transaction_id >= OLDEST_RUNNING,
            OutboxEvent.transaction_id > after.transaction_id,
        )
        .limit(1)
    )
    return await session.scalar(waiting) is not None
