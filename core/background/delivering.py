"""Handing events to the handlers that run after them, from the outbox, in its order.

One event is one transaction: what the handler changes and the handler's new place are committed
together, so a process that dies in between leaves neither. One process at a time runs a handler;
others pass by.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.background.acting import Background, attempt, hold, is_on, tell_failure
from core.events.attempts import AttemptState
from core.events.delivery import Delivery, HandlerPlace
from core.events.feed import BATCH, Event, Place, Since, held_back, newest_place, read_events
from core.events.handler import Handler, Happened
from core.events.outbox import OutboxEvent
from core.plugins.installed_plugin import is_installed
from core.work import Work

Named = tuple[str, Handler]
"""A handler with the id of its plugin."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a handler has before it, as somebody saw it who holds no lock."""

    place: Place
    events: Sequence[tuple[Place, Event]]
    read: int
    last: Place
    behind: bool


async def take_places(background: Background, now: datetime) -> None:
    """Let every handler seen for the first time begin now: earlier events are none of its.

    Only those of plugins that are installed: one that was uninstalled beside this server leaves
    nothing behind.
    """
    for plugin, handler in background.handlers:
        async with background.database.reading_session() as session:
            if await stored_place(session, plugin, handler) is not None:
                continue
        try:
            async with background.database.session() as session, session.begin():
                place = await first_place(session, plugin, handler)
                if await is_installed(session, plugin, hold=True):
                    session.add(place)
        except IntegrityError:
            continue  # another process did


async def first_place(session: AsyncSession, plugin: str, handler: Handler) -> HandlerPlace:
    place, since = await newest_place(session)
    running = ",".join(str(each) for each in sorted(since.running))
    return HandlerPlace(
        plugin=plugin,
        handler=handler.name,
        transaction_id=place.transaction_id,
        event_id=place.event_id,
        since=f"{since.oldest}:{since.next}:{running}" if since.next else None,
    )


async def stored_place(session: AsyncSession, plugin: str, handler: Handler) -> HandlerPlace | None:
    found: HandlerPlace | None = await session.scalar(
        select(HandlerPlace).where(
            HandlerPlace.plugin == plugin, HandlerPlace.handler == handler.name
        )
    )
    return found


async def deliver(background: Background, named: Named, now: datetime) -> bool:
    """Hand a handler everything new; whether more will come without a wake-up.

    That is so while events wait for an older transaction to end. A handler without a place, whose
    plugin was uninstalled beside this server, is told nothing.
    """
    while True:
        waiting = await look(background, named)
        if waiting is None:
            return False
        place = waiting.place
        for told, event in waiting.events:
            if not await hand_over(background, named, place, told, event, now):
                return False  # another process is at it
            place = told
        if waiting.read == BATCH and place != waiting.last:
            await pass_over(background, named, place, waiting.last)
        if waiting.read < BATCH:
            return waiting.behind


async def look(background: Background, named: Named) -> Waiting | None:
    """The next events the handler wants; none where it has no place."""
    plugin, handler = named
    async with background.database.reading_session() as session:
        stored = await stored_place(session, plugin, handler)
        if stored is None:
            return None
        place = Place(stored.transaction_id, stored.event_id)
        since = Since.of_snapshot(stored.since) if stored.since else None
        behind = await held_back(session, place)
        batch = await read_events(session, place)
    wanted = [
        (told, event)
        for told, event in batch
        if handler.wants(event.act) and not (since and since.covers(told))
    ]
    return Waiting(place, wanted, len(batch), batch[-1][0] if batch else place, behind)


async def hand_over(
    background: Background,
    named: Named,
    before: Place,
    told: Place,
    event: Event,
    now: datetime,
) -> bool:
    """Run the handler for one event; False when it no longer stands where it was seen."""
    plugin, handler = named
    begun = False
    try:
        async with background.transact(plugin, now, event.correlation_id) as work:
            mine = await take_place(work.session, named, before)
            if mine is None:
                return False
            begun = True
            if await is_on(work.session, plugin, event.node_id):
                async with asyncio.timeout(background.seconds):
                    await run(handler, work, event)
            move(mine, told)
    except Exception as error:
        if not begun:
            raise
        tell_failure(plugin, f"handler {handler.name}", error)
        async with background.database.session() as session, session.begin():
            mine = await take_place(session, named, before)
            if mine is None:
                return False
            move(mine, told)
            failed = Delivery(
                plugin=plugin, handler=handler.name, event_id=event.id, act=event.act, attempts=0
            )
            failed.fail(error, now, background.retrying)
            session.add(failed)
    return True


async def run(handler: Handler, work: Work, event: Event) -> None:
    happened = Happened(
        event.id, event.at, event.act, event.subject, event.subject_id, event.node_id
    )
    call: Any = handler.run
    await call(work, happened)


async def take_place(session: AsyncSession, named: Named, place: Place) -> HandlerPlace | None:
    """The handler's place, if it is still this one and nobody else is at it."""
    plugin, handler = named
    if not await hold(session, f"handler:{plugin}:{handler.name}"):
        return None
    stored = await stored_place(session, plugin, handler)
    if stored is None or Place(stored.transaction_id, stored.event_id) != place:
        return None
    return stored


def move(stored: HandlerPlace, place: Place) -> None:
    stored.transaction_id, stored.event_id = place.transaction_id, place.event_id


async def pass_over(background: Background, named: Named, before: Place, last: Place) -> None:
    """Move the handler's place past events it does not want, so that they are not read again."""
    async with background.database.session() as session, session.begin():
        mine = await take_place(session, named, before)
        if mine is not None:
            move(mine, last)


async def deliver_again(background: Background, now: datetime) -> None:
    """Try again the events on which handlers failed, as far as they are due."""
    handlers = {(plugin, handler.name): handler for plugin, handler in background.handlers}
    if not handlers:
        return
    async with background.database.reading_session() as session:
        found = await session.execute(
            select(Delivery, OutboxEvent.correlation_id)
            .outerjoin(OutboxEvent, OutboxEvent.id == Delivery.event_id)
            .where(
                Delivery.state == AttemptState.WAITING,
                Delivery.next_at <= now,
                tuple_(Delivery.plugin, Delivery.handler).in_(list(handlers)),
            )
            .order_by(Delivery.next_at, Delivery.id)
            .limit(BATCH)
        )
        due = found.all()

    async def again(work: Work, mine: Delivery) -> AttemptState:
        event = await work.session.get_one(OutboxEvent, mine.event_id)
        if not await is_on(work.session, mine.plugin, event.node_id):
            return AttemptState.PASSED_OVER
        told = Event(event.id, event.at, event.act, event.subject, event.subject_id, event.node_id)
        await run(handlers[mine.plugin, mine.handler], work, told)
        return AttemptState.DONE

    for delivery, correlation_id in due:
        await attempt(background, delivery, now, correlation_id or "-", again)
