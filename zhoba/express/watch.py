"""Ending requests that nobody waits for any more, or that take too long."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

from starlette.types import Receive

PATIENCE = 0.05
"""Seconds between looks at what is under way: most requests are answered by then, and pay for
nothing but an entry in a list. Their time counts from the first look. Product default."""


class ClientLeft(Exception):
    """The client hung up before there was an answer."""


class TimeIsUp(Exception):
    """There was no answer in time."""


@dataclass(slots=True)
class Watches:
    """The requests of one process that are under way."""

    open: dict[Watch, None] = field(default_factory=dict)
    timer: asyncio.TimerHandle | None = None

    def wake(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look at what is under way from now on."""
        self.timer = loop.call_later(PATIENCE, self.look)

    def look(self) -> None:
        """Begin to look after what was there at the last look; stop when nothing is."""
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(PATIENCE, self.look) if self.open else None
        for watch in self.open:
            if watch.seen is None:
                watch.seen = loop.time()
            elif watch.looking is None:
                watch.looking = loop.create_task(watch.look(watch.seen + watch.seconds))


class Watch:
    """A block that is cancelled when the client hangs up or ``seconds`` are over.

    Raises :class:`ClientLeft` or :class:`TimeIsUp` in these cases. Whether the client hung up is
    asked once ``receive`` is set.
    """

    __slots__ = ("ended", "looking", "receive", "seconds", "seen", "task", "watches")

    def __init__(self, watches: Watches, seconds: float) -> None:
        self.watches = watches
        self.receive: Receive | None = None
        """Set when the whole request has come: what it gives next is that the client hung up."""
        self.seconds = seconds
        self.seen: float | None = None
        self.ended: Literal["left", "late"] | None = None
        self.looking: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        watches = self.watches
        watches.open[self] = None
        if watches.timer is None:
            watches.wake(task.get_loop())
        return self

    async def look(self, end: float) -> None:
        """Wait until the client has hung up or the time is over, and end the block then."""
        try:
            async with asyncio.timeout_at(end):
                while self.receive is None:  # noqa: ASYNC110 - a body that dribbles in is rare
                    await asyncio.sleep(PATIENCE)
                while (await self.receive())["type"] != "http.disconnect":
                    pass
            self.ended = "left"
        except TimeoutError:
            self.ended = "late"
        self.task.cancel()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _places: TracebackType | None,
    ) -> None:
        del self.watches.open[self]
        if self.looking is not None:
            self.looking.cancel()
        if self.ended is None or kind is not asyncio.CancelledError:
            return
        if self.task.uncancel() > 0:
            return  # somebody else cancelled as well, and theirs counts
        raise (ClientLeft() if self.ended == "left" else TimeIsUp()) from error
