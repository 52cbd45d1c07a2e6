"""Connections to PostgreSQL for reading, handed from one read to the next.

asyncpg's own pool guards every release with a task and two timers, which costs more than a short
statement does (66 µs a read against 28). Reads leave nothing behind on a connection, so there is
nothing to guard.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")
Connect = Callable[[], Awaitable[Any]]

TOGETHER = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


@dataclass(eq=False, slots=True)
class Line:
    """A connection, and whether a transaction was begun on it that nobody has ended."""

    connection: Any
    begun: bool = False

    async def together(self, run: Callable[[Any], Awaitable[T]]) -> T:
        """What ``run`` reads, all from one snapshot.

        Whoever is cancelled in the middle of it leaves the transaction to :meth:`settled`.
        """
        self.begun = True
        await self.connection.execute(TOGETHER)
        found = await run(self.connection)
        await self.connection.execute("COMMIT")
        self.begun = False
        return found

    async def settled(self) -> Any:
        """The connection outside of any transaction, as everybody expects it."""
        if self.begun:
            await self.connection.execute("ROLLBACK")
            self.begun = False
        return self.connection


@dataclass(slots=True)
class Pool:
    """A fixed number of connections. The one used last is handed out first: its statements are
    the ones PostgreSQL has at hand.

    A connection that was lost is opened anew when it is its turn.
    """

    connect: Connect
    free: list[Line]
    waiting: deque[asyncio.Future[Line]] = field(default_factory=deque)

    async def take(self) -> Line:
        """A connection; wait for it when all are taken. Give it back with :meth:`give`.

        Raises what the driver raises when a lost one cannot be opened again.
        """
        line = self.free.pop() if self.free else await self.next()
        if line.connection.is_closed():
            try:
                line.connection = await self.connect()
            except BaseException:
                self.give(line)  # the next to take it tries again
                raise
            line.begun = False
        return line

    async def next(self) -> Line:
        """The connection that is given back next, for those who wait in turn."""
        waiter: asyncio.Future[Line] = asyncio.get_running_loop().create_future()
        self.waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self.give(waiter.result())
            raise

    def give(self, line: Line) -> None:
        """Let somebody else have a connection."""
        while self.waiting:
            waiter = self.waiting.popleft()
            if not waiter.done():
                waiter.set_result(line)
                return
        self.free.append(line)

    async def close(self) -> None:
        """Close the connections that nobody holds."""
        idle, self.free = self.free, []
        closing = (line.connection.close(timeout=1) for line in idle)
        await asyncio.gather(*closing, return_exceptions=True)


async def open_pool(connect: Connect, size: int) -> Pool:
    """``size`` connections, opened now rather than when needed."""
    opened = await asyncio.gather(*(connect() for _ in range(size)))
    return Pool(connect, [Line(connection) for connection in opened])
