"""Connections to PostgreSQL for reading, handed from one read to the next.

asyncpg's own pool guards every release with a task and two timers, which costs more than a short
statement does (66 µs a read against 28). Reads leave nothing behind on a connection, so there is
nothing to guard.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")
Connect = Callable[[], Awaitable[Any]]

TOGETHER = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

STATEMENTS = 100
"""Statements that one connection keeps prepared; some 50 KB each in the server."""


@dataclass(eq=False, slots=True)
class Line:
    """A connection, the statements prepared on it, and whether a transaction was begun on it that
    nobody has ended.

    asyncpg remembers statements as well, but goes through four more functions to find one.
    """

    connection: Any
    begun: bool = False
    statements: OrderedDict[str, Any] = field(default_factory=OrderedDict)

    def row(self, sql: str, parameters: Sequence[Any]) -> Awaitable[Any]:
        """The row a statement returns. Raises what the driver raises."""
        statement = self.statements.get(sql)
        if statement is None:
            return self.prepared(sql, parameters)
        self.statements.move_to_end(sql)
        return self.run(statement, parameters)

    async def prepared(self, sql: str, parameters: Sequence[Any]) -> Any:
        """:meth:`row` of a statement that was not met before."""
        statement = self.statements[sql] = await self.connection.prepare(sql)
        if len(self.statements) > STATEMENTS:
            self.statements.popitem(last=False)  # asyncpg closes what nobody holds
        return await self.run(statement, parameters)

    async def run(self, statement: Any, parameters: Sequence[Any]) -> Any:
        """The row, asked of the connection's protocol itself: what asyncpg has in front of it looks
        whether the statement is still the connection's, which here it always is, and takes a
        quarter of a short read."""
        rows = await self.connection._protocol.bind_execute(
            statement._state, parameters, "", 1, False, None
        )
        return rows[0]

    async def together(self, run: Callable[[], Awaitable[T]]) -> T:
        """What ``run`` reads, all from one snapshot.

        Whoever is cancelled in the middle of it leaves the transaction to :meth:`settle`.
        """
        self.begun = True
        await self.connection.execute(TOGETHER)
        found = await run()
        await self.connection.execute("COMMIT")
        self.begun = False
        return found

    async def settle(self) -> None:
        """End what somebody has begun, as the next to use the connection expects it."""
        if self.begun:
            await self.connection.execute("ROLLBACK")
            self.begun = False


@dataclass(slots=True)
class Pool:
    """A fixed number of connections. The one used last is handed out first: its statements are
    the ones PostgreSQL has at hand.

    A connection that was lost is opened anew when it is its turn.
    """

    connect: Connect
    free: list[Line]
    waiting: deque[asyncio.Future[Line]] = field(default_factory=deque)

    def at_hand(self) -> Line | None:
        """A connection that needs no waiting for; none if :meth:`take` has to be asked."""
        if self.free and not self.free[-1].connection.is_closed():
            return self.free.pop()
        return None

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
            line.statements.clear()
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
