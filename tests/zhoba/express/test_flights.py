"""One read for several, whoever of them leaves."""

from __future__ import annotations

import asyncio

import pytest

from zhoba.express.flights import Flights, Landed


class Reading:
    """A read that ends when a test says so."""

    def __init__(self) -> None:
        self.begun = self.ended = 0
        self.landed: asyncio.Future[Landed] = asyncio.get_running_loop().create_future()

    async def __call__(self) -> Landed:
        self.begun += 1
        try:
            return await self.landed
        finally:
            self.ended += 1


async def others() -> None:
    """Let everybody else go on as far as they can."""
    for _ in range(5):
        await asyncio.sleep(0)


def take(flights: Flights, read: Reading) -> asyncio.Task[tuple[int, Landed]]:
    return asyncio.create_task(flights.take_off(flights.seat("key", read)))


async def test_all_are_told_what_one_read() -> None:
    flights, read = Flights(), Reading()
    tasks = [take(flights, read) for _ in range(3)]
    await others()
    read.landed.set_result((b"text", "snapshot"))
    assert await asyncio.gather(*tasks) == [(1, (b"text", "snapshot"))] * 3
    assert (read.begun, flights.begun, flights.shared) == (1, 1, 2)
    assert flights.inside == {}


async def test_what_has_landed_waits_for_who_has_a_seat() -> None:
    flights, read = Flights(), Reading()
    seat = flights.seat("key", read)
    read.landed.set_result((b"text", None))
    await others()
    assert flights.inside == {}
    assert await flights.take_off(seat) == (1, (b"text", None))


async def test_a_read_goes_on_while_anybody_has_a_seat_in_it() -> None:
    flights, read = Flights(), Reading()
    first, second, third = take(flights, read), take(flights, read), flights.seat("key", read)
    await others()
    first.cancel()
    flights.leave(third)
    flights.leave(third)
    await others()
    assert (first.cancelled(), read.ended) == (True, 0)
    fourth = take(flights, read)
    await others()
    read.landed.set_result((b"text", None))
    assert await second == await fourth == (1, (b"text", None))
    assert read.begun == 1


@pytest.mark.parametrize("waiting", [True, False])
async def test_a_read_ends_when_the_last_has_left(waiting: bool) -> None:
    flights, read = Flights(), Reading()
    seats = [flights.seat("key", read) for _ in range(2)]
    tasks = [asyncio.create_task(flights.take_off(seat)) for seat in seats if waiting]
    await others()
    for task in tasks:
        task.cancel()
    for seat in seats:
        if not waiting:
            flights.leave(seat)
    await others()
    other = Reading()
    again = take(flights, other)  # is not given what is being ended
    await others()
    assert (read.ended, other.begun) == (1, 1)
    other.landed.set_result((b"text", None))
    assert await again == (2, (b"text", None))


async def test_a_fault_is_everybodys_who_still_waits() -> None:
    flights, read = Flights(), Reading()
    tasks, seat = [take(flights, read) for _ in range(2)], flights.seat("key", read)
    await others()
    read.landed.set_exception(OSError("the database is away"))
    for task in tasks:
        with pytest.raises(OSError, match="away"):
            await task
    flights.leave(seat)
    assert flights.inside == {}


async def test_reads_under_way_end_with_the_process() -> None:
    flights, read = Flights(), Reading()
    task = take(flights, read)
    await others()
    await flights.close()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (read.ended, flights.inside) == (1, {})


async def test_what_never_began_to_run_ends_too() -> None:
    flights, read = Flights(), Reading()
    seat = flights.seat("key", read)
    await flights.close()
    with pytest.raises(asyncio.CancelledError):
        await flights.take_off(seat)
    assert (read.begun, flights.inside) == (0, {})
