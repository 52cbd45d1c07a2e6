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
    return asyncio.create_task(flights.take("key", read))


async def test_all_are_told_what_one_read() -> None:
    flights, read = Flights(), Reading()
    tasks = [take(flights, read) for _ in range(3)]
    await others()
    read.landed.set_result((b"text", "snapshot"))
    assert await asyncio.gather(*tasks) == [(1, (b"text", "snapshot"))] * 3
    assert (read.begun, flights.begun, flights.shared) == (1, 1, 2)
    assert flights.inside == {}


async def test_a_read_that_began_before_anybody_waited_is_shared_from_the_second_on() -> None:
    flights, read = Flights(), Reading()
    flights.begin("key", read)
    tasks = [take(flights, read) for _ in range(2)]
    await others()
    read.landed.set_result((b"text", None))
    assert await asyncio.gather(*tasks) == [(1, (b"text", None))] * 2
    assert (read.begun, flights.shared) == (1, 1)


async def test_a_read_that_nobody_takes_comes_to_its_end() -> None:
    flights, read = Flights(), Reading()
    flights.begin("key", read)
    await others()
    read.landed.set_exception(OSError("the database is away"))
    await others()
    assert (read.ended, flights.inside) == (1, {})


async def test_a_read_goes_on_while_anybody_waits_for_it() -> None:
    flights, read = Flights(), Reading()
    first, second = take(flights, read), take(flights, read)
    await others()
    first.cancel()
    await others()
    assert (first.cancelled(), read.ended) == (True, 0)
    third = take(flights, read)
    await others()
    read.landed.set_result((b"text", None))
    assert await second == await third == (1, (b"text", None))
    assert read.begun == 1


async def test_a_read_ends_when_nobody_waits_for_it_any_more() -> None:
    flights, read = Flights(), Reading()
    tasks = [take(flights, read) for _ in range(2)]
    await others()
    for task in tasks:
        task.cancel()
    other = Reading()
    again = take(flights, other)  # is not given what is being ended
    await others()
    assert (read.ended, other.begun) == (1, 1)
    other.landed.set_result((b"text", None))
    assert await again == (2, (b"text", None))


async def test_a_fault_is_everybodys() -> None:
    flights, read = Flights(), Reading()
    tasks = [take(flights, read) for _ in range(2)]
    await others()
    read.landed.set_exception(OSError("the database is away"))
    for task in tasks:
        with pytest.raises(OSError, match="away"):
            await task
    assert flights.inside == {}


async def test_reads_under_way_end_with_the_process() -> None:
    flights, read = Flights(), Reading()
    task = take(flights, read)
    await others()
    await flights.close()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (read.ended, flights.inside) == (1, {})
