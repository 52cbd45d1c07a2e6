"""Connections to PostgreSQL for reading, handed from one read to the next.

asyncpg's own pool guards every release with a task and two timers, which costs more than a short
statement does (66 µs a read against 28). Reads leave nothing behind on a connection, so there is
nothing to guard.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Connect = Callable[[], Awaitable[Any]]


@dataclass(slots=True)
class Pool:
    """A fixed number of connections. The one used last is handed out first: its statements are
    the ones PostgreSQL has at hand.

    A connection that was lost is opened anew when it is its turn.
    """

    connect: Connect
    free: list[Any]
    waiting: deque[asyncio.Future[Any]] = field(default_factory=deque)

    async def take(self) -> Any:
        """A connection; wait for it when all are taken. Give it back with :meth:`give`.

        Raises what the driver raises when a lost one cannot be opened again.
        """
        connection = self.free.pop() if self.free else await self.next()
        if not connection.is_closed():
            return connection
        try:
            return await self.connect()
        except BaseException:
            self.give(connection)  # its place; the next to take it tries again
            raise

    async def next(self) -> Any:
        """The connection that is given back next, for those who wait in turn."""
        waiter: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self.give(waiter.result())
            raise

    def give(self, connection: Any) -> None:
        """Let somebody else have a connection."""
        while self.waiting:
            waiter = self.waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        self.free.append(connection)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """A connection for as long as the block runs."""
        connection = await self.take()
        try:
            yield connection
        finally:
            self.give(connection)

    async def close(self) -> None:
        """Close the connections that nobody holds."""
        idle, self.free = self.free, []
        await asyncio.gather(*(each.close(timeout=1) for each in idle), return_exceptions=True)


async def open_pool(connect: Connect, size: int) -> Pool:
    """``size`` connections, opened now rather than when needed."""
    return Pool(connect, list(await asyncio.gather(*(connect() for _ in range(size)))))
