"""What a server does beside answering: handlers of plugins after their events, and their jobs.

Every plugin has tasks of its own, so that one that fails or hangs holds up no other. Several
servers of one database share the work; the database decides who does what.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from core.background.acting import Background
from core.background.delivering import deliver, deliver_again, take_places
from core.background.running import run_due, schedule
from core.events.attempts import error_words
from core.events.feed import BEHIND_POLL_SECONDS, RETRY_SECONDS, EventFeed
from core.events.handler import Handler

IDLE_SECONDS = 30.0
"""How soon a handler looks for events nobody woke it for."""

TICK_SECONDS = 1.0
"""How often to look for due times and for what is to be tried again."""

log = logging.getLogger("zhoba.background")


def utc_now() -> datetime:
    return datetime.now(UTC)


class Dispatcher:
    """The background work of one server, from :meth:`start` to :meth:`close`.

    Without handlers and jobs it does nothing at all.
    """

    def __init__(
        self, background: Background, feed: EventFeed, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.background = background
        self.feed = feed
        self.clock = clock
        self.tasks: list[asyncio.Task[None]] = []
        self.wakes: list[tuple[Handler, asyncio.Event]] = []

    async def start(self) -> None:
        """Begin. A handler that is new hears of everything from here on."""
        handlers, jobs = self.background.handlers, self.background.jobs
        if not handlers and not jobs:
            return
        try:
            await self.take_places()
        except Exception as error:
            log.warning("background work begins later: %s", error_words(error))
        for plugin in sorted({name for name, _ in (*handlers, *jobs)}):
            self.begin(f"the clock of {plugin}", self.follow_clock(self.background.of(plugin)))
        for plugin, handler in handlers:
            wake = asyncio.Event()
            self.wakes.append((handler, wake))
            self.begin(
                f"the handler {handler.name} of {plugin}", self.follow((plugin, handler), wake)
            )
        if handlers:
            self.begin("the outbox", self.listen)

    async def close(self) -> None:
        """Stop; what is half done is taken back, and done by whoever runs next."""
        tasks, self.tasks = self.tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def begin(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        self.tasks.append(asyncio.create_task(keep_on(what, work), name=what))

    async def take_places(self) -> None:
        """Note where handlers and jobs begin that were never seen before."""
        now = self.clock()
        await take_places(self.background, now)
        await schedule(self.background, now)

    async def listen(self) -> None:
        """Wake the handlers that want what happens."""
        async with self.feed.subscribe() as subscription:
            for _, wake in self.wakes:
                wake.set()
            while True:
                event = await subscription.next()
                for handler, wake in self.wakes:
                    if handler.wants(event.act):
                        wake.set()

    def follow(
        self, named: tuple[str, Handler], wake: asyncio.Event
    ) -> Callable[[], Awaitable[None]]:
        """Keep one handler up with the outbox."""
        background = self.background.of(named[0])

        async def follow_events() -> None:
            await take_places(background, self.clock())
            while True:
                wake.clear()
                behind = await deliver(background, named, self.clock())
                await pause(wake, BEHIND_POLL_SECONDS if behind else IDLE_SECONDS)

        return follow_events

    def follow_clock(self, background: Background) -> Callable[[], Awaitable[None]]:
        """Run a plugin's jobs, and its handlers once more for what they failed on."""

        async def tick() -> None:
            next_due = self.clock()
            while True:
                now = self.clock()
                if background.jobs and now >= next_due:
                    await schedule(background, now)
                    next_due = min(job.next_due(now) for _, job in background.jobs)
                await run_due(background, now)
                await deliver_again(background, now)
                await asyncio.sleep(TICK_SECONDS)

        return tick


async def pause(wake: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await wake.wait()
    except TimeoutError:
        pass


async def keep_on(what: str, work: Callable[[], Awaitable[None]]) -> None:
    """Begin again whatever goes wrong: the database may be away for a while."""
    while True:
        try:
            await work()
        except Exception as error:
            log.warning("%s stopped (%s), trying again", what, error_words(error))
            await asyncio.sleep(RETRY_SECONDS)
