"""Ending requests that nobody waits for any more, or that take too long."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Literal, Self

from starlette.types import Receive

PATIENCE = 0.05
"""Seconds before a request is looked after at all: most are answered by then, and pay only for a
timer. Product default."""


class ClientLeft(Exception):
    """The client hung up before there was an answer."""


class TimeIsUp(Exception):
    """There was no answer in time."""


class Watch:
    """A block that is cancelled when the client hangs up or ``seconds`` are over.

    Raises :class:`ClientLeft` or :class:`TimeIsUp` in these cases. ``receive`` must have given
    the whole request already.
    """

    def __init__(self, receive: Receive, seconds: float) -> None:
        self.receive = receive
        self.seconds = seconds
        self.ended: Literal["left", "late"] | None = None
        self.looking: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        loop = asyncio.get_running_loop()
        self.until = loop.time() + self.seconds
        self.timer = loop.call_later(min(PATIENCE, self.seconds), self.begin)
        return self

    def begin(self) -> None:
        self.looking = asyncio.get_running_loop().create_task(self.look())

    async def look(self) -> None:
        try:
            async with asyncio.timeout_at(self.until):
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
        self.timer.cancel()
        if self.looking is not None:
            self.looking.cancel()
        if self.ended is None or kind is not asyncio.CancelledError:
            return
        if self.task.uncancel() > 0:
            return  # somebody else cancelled as well, and theirs counts
        raise (ClientLeft() if self.ended == "left" else TimeIsUp()) from error
