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
    """A read under way, and who waits for it."""

    key: Hashable
    number: int
    task: asyncio.Task[None] = field(init=False)
    waiting: list[asyncio.Future[Landed]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody's place in a read: they wait for it, or leave it."""

    flight: Flight
    landed: asyncio.Future[Landed]


@dataclass(slots=True)
class Flights:
    """The reads of one process that others may share.

    A read ends early when nobody has a seat in it any more, and only then.
    """

    begun: int = 0
    shared: int = 0
    inside: dict[Hashable, Flight] = field(default_factory=dict)

    def seat(self, key: Hashable, read: Read) -> Seat:
        """A place in the read for ``key`` that is under way, or in one that begins now.

        Whoever takes it is to :meth:`take_off` or to :meth:`leave` it.
        """
        flight = self.inside.get(key)
        if flight is None:
            self.begun += 1
            flight = self.inside[key] = Flight(key, self.begun)
            flight.task = asyncio.ensure_future(self.fly(flight, read))
        else:
            self.shared += 1
        seat = Seat(flight, asyncio.get_running_loop().create_future())
        flight.waiting.append(seat.landed)
        return seat

    async def take_off(self, seat: Seat) -> tuple[int, Landed]:
        """What was read, by whoever came first, and the number of that read.

        Raises what reading raises.
        """
        try:
            return seat.flight.number, await seat.landed
        finally:
            self.leave(seat)

    def leave(self, seat: Seat) -> None:
        """Wait no longer, if the read has not ended."""
        flight = seat.flight
        if seat.landed.done() and not seat.landed.cancelled():
            seat.landed.exception()  # which is nobody's any more
        if seat.landed in flight.waiting:
            flight.waiting.remove(seat.landed)
            if not flight.waiting:
                # Whoever asks from now on needs a read that is not being ended.
                self.forget(flight)
                flight.task.cancel()

    async def fly(self, flight: Flight, read: Read) -> None:
        """Read, and tell those who wait."""
        try:
            landed = await read()
        except asyncio.CancelledError:
            for waiter in self.landing(flight):
                waiter.cancel()
            raise
        except Exception as error:
            for waiter in self.landing(flight):
                waiter.set_exception(error)
        else:
            for waiter in self.landing(flight):
                waiter.set_result(landed)

    def landing(self, flight: Flight) -> list[asyncio.Future[Landed]]:
        """Those who still wait; nobody else can come to wait for it."""
        self.forget(flight)
        waiting, flight.waiting = flight.waiting, []
        return [waiter for waiter in waiting if not waiter.done()]

    def forget(self, flight: Flight) -> None:
        if self.inside.get(flight.key) is flight:
            del self.inside[flight.key]

    async def close(self) -> None:
        """End all reads, those too that have not begun to run."""
        flights = [*self.inside.values()]
        for flight in flights:
            flight.task.cancel()
        await asyncio.gather(*(flight.task for flight in flights), return_exceptions=True)
        for flight in flights:
            for waiter in self.landing(flight):
                waiter.cancel()
