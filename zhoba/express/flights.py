"""One read for all who ask the same at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from typing import Any

from zhoba.express.answers import Text

Landed = tuple[Text, str | None]
"""An answer, and the snapshot the database says it was read under."""

Read = Callable[[], Coroutine[Any, Any, Landed]]


@dataclass(slots=True)
class Flight:
    """A read under way, who waits for it, and whether anybody ever did."""

    number: int
    task: asyncio.Task[None] = field(init=False)
    waiting: list[asyncio.Future[Landed]] = field(default_factory=list)
    taken: bool = False


@dataclass(slots=True)
class Flights:
    """The reads of one process that others may share."""

    begun: int = 0
    shared: int = 0
    inside: dict[Hashable, Flight] = field(default_factory=dict)

    def begin(self, key: Hashable, read: Read) -> Flight:
        """The read for ``key`` that is under way, or one that begins now."""
        flight = self.inside.get(key)
        if flight is None:
            self.begun += 1
            flight = self.inside[key] = Flight(self.begun)
            flight.task = asyncio.ensure_future(self.fly(key, flight, read))
        return flight

    async def take(self, key: Hashable, read: Read) -> tuple[int, Landed]:
        """What is read for ``key``, by whoever came first, and the number of that read.

        A read ends early only when all who waited for it have been cancelled.
        """
        flight = self.begin(key, read)
        self.shared += flight.taken
        flight.taken = True
        waiter: asyncio.Future[Landed] = asyncio.get_running_loop().create_future()
        flight.waiting.append(waiter)
        try:
            return flight.number, await waiter
        except asyncio.CancelledError:
            if waiter in flight.waiting:
                flight.waiting.remove(waiter)
                if not flight.waiting:
                    # Whoever asks from now on needs a read that is not being ended.
                    self.forget(key, flight)
                    flight.task.cancel()
            raise

    async def fly(self, key: Hashable, flight: Flight, read: Read) -> None:
        """Read, and tell those who wait."""
        try:
            landed = await read()
        except asyncio.CancelledError:
            for waiter in self.landing(key, flight):
                waiter.cancel()
            raise
        except Exception as error:
            for waiter in self.landing(key, flight):
                waiter.set_exception(error)
        else:
            for waiter in self.landing(key, flight):
                waiter.set_result(landed)

    def landing(self, key: Hashable, flight: Flight) -> list[asyncio.Future[Landed]]:
        """Those who still wait; nobody else can come to wait for it."""
        self.forget(key, flight)
        waiting, flight.waiting = flight.waiting, []
        return [waiter for waiter in waiting if not waiter.done()]

    def forget(self, key: Hashable, flight: Flight) -> None:
        if self.inside.get(key) is flight:
            del self.inside[key]

    async def close(self) -> None:
        tasks = [flight.task for flight in self.inside.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
