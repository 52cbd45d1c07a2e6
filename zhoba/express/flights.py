"""One read for all who ask the same at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from typing import Any

from zhoba.express.answers import Text

Landed = tuple[Text, str | None]
"""An answer, and the snapshot the database says it was read under."""


@dataclass(slots=True)
class Flight:
    """A read under way, and how many wait for it."""

    number: int
    task: asyncio.Task[Landed]
    waiting: int = 0


@dataclass(slots=True)
class Flights:
    """The reads of one process that others may share."""

    begun: int = 0
    shared: int = 0
    inside: dict[Hashable, Flight] = field(default_factory=dict)

    async def take(
        self, key: Hashable, read: Callable[[], Coroutine[Any, Any, Landed]]
    ) -> tuple[int, Landed]:
        """What is read for ``key``, by whoever came first, and the number of that read.

        A read ends early only when all who waited for it have been cancelled.
        """
        flight = self.inside.get(key)
        if flight is None:
            self.begun += 1
            flight = Flight(self.begun, asyncio.ensure_future(read()))
            self.inside[key] = flight
            flight.task.add_done_callback(lambda _: self.forget(key, flight))
        else:
            self.shared += 1
        flight.waiting += 1
        try:
            return flight.number, await asyncio.shield(flight.task)
        except asyncio.CancelledError:
            if flight.waiting == 1:
                # Whoever asks from now on needs a read that is not being ended.
                self.forget(key, flight)
                flight.task.cancel()
            raise
        finally:
            flight.waiting -= 1

    def forget(self, key: Hashable, flight: Flight) -> None:
        if self.inside.get(key) is flight:
            del self.inside[key]

    async def close(self) -> None:
        tasks = [flight.task for flight in self.inside.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
