"""Questions asked for every request: compiled once, and outside a unit of work put to the driver.

Between a statement and its rows SQLAlchemy spends eight times what PostgreSQL does, and a session
in front of it as much again: a sign-in of three statements took 4 ms of a core.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Dialect, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from core.db.driver import ERRORS, Convert, driver_of, from_driver, to_driver


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement as one driver takes it: the parameters in their order, those that are constants,
    and what makes values of the columns out of the driver's."""

    text: str
    parameters: tuple[tuple[str, Convert], ...]
    constants: dict[str, Any]
    columns: tuple[Convert, ...]

    def given(self, values: dict[str, Any]) -> list[Any]:
        """The parameters for the driver. Raises :class:`KeyError` for one that is not given."""
        known = {**self.constants, **values}
        found = ((known[name], to) for name, to in self.parameters)
        return [value if to is None or value is None else to(value) for value, to in found]

    def row(self, found: Iterable[Any]) -> tuple[Any, ...]:
        """A row of the driver's, in values of the columns' types."""
        pairs = zip(found, self.columns, strict=True)
        return tuple(value if to is None else to(value) for value, to in pairs)


class Lookup:
    """A SELECT of columns with named parameters."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self.statement = statement
        self._compiled: dict[str, Compiled] = {}

    async def rows(self, source: Source, **values: Any) -> Sequence[Any]:
        """Its rows, as tuples. In a session they are what its transaction sees, with all that was
        written in it.

        Raises :class:`~sqlalchemy.exc.DBAPIError`.
        """
        if isinstance(source, AsyncSession):
            return (await source.execute(self.statement, values)).all()
        return await source.rows(self.compiled(source.dialect), values)

    def compiled(self, dialect: Dialect) -> Compiled:
        """The statement for one driver."""
        found = self._compiled.get(dialect.name)
        if found is None:
            made: Any = self.statement.compile(dialect=dialect)
            binds = made.binds
            found = self._compiled[dialect.name] = Compiled(
                str(made),
                tuple(
                    (name, to_driver(binds[name].type, dialect)) for name in made.positiontup or ()
                ),
                {name: bind.value for name, bind in binds.items() if not bind.required},
                tuple(
                    from_driver(column.type, dialect) for column in self.statement.selected_columns
                ),
            )
        return found


@dataclass(frozen=True, slots=True)
class Look:
    """Reads outside any unit of work: each statement sees what was committed before it."""

    dialect: Dialect
    fetch: Callable[[str, Sequence[Any]], Awaitable[Sequence[Any]]]

    async def rows(self, compiled: Compiled, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a statement. Raises :class:`~sqlalchemy.exc.DBAPIError`."""
        given = compiled.given(values)
        try:
            found = await self.fetch(compiled.text, given)
        except ERRORS as error:
            raise DBAPIError(compiled.text, None, error) from error
        return [compiled.row(each) for each in found]


@dataclass(slots=True)
class Borrowed:
    """A connection of an engine's to PostgreSQL, taken when it is first needed."""

    engine: AsyncEngine
    connection: AsyncConnection | None = None
    driver: Any = None

    async def fetch(self, text: str, given: Sequence[Any]) -> Sequence[Any]:
        """The rows of a statement. Raises what the driver raises."""
        if self.driver is None:
            self.connection = await self.engine.connect()
            self.driver = await driver_of(self.connection)
            # Those that were lost are taken out of the pool one by one, as they are met.
            while self.driver.is_closed():
                await self.connection.invalidate()
                self.driver = await driver_of(self.connection)
        rows: Sequence[Any] = await self.driver.fetch(text, *given)
        return rows

    async def give_back(self) -> None:
        if self.connection is not None:
            await self.connection.close()


Source = AsyncSession | Look
"""Where a :class:`Lookup` is asked: in a unit of work, or outside of all."""


@dataclass(slots=True)
class Lookups:
    """Where the looks at one database come from.

    On SQLite one connection, made with the first look, serves all of them: its reads are shorter
    than the way to a thread. On PostgreSQL they borrow those of the engine.
    """

    engine: AsyncEngine
    open_near: Callable[[], sqlite3.Connection]
    near: sqlite3.Connection | None = field(default=None, init=False)

    async def asked(self, *questions: Callable[[Look], Awaitable[Any]]) -> Sequence[Any]:
        """The answers to questions of which none needs that to another, from what is committed. On
        PostgreSQL they are put side by side, each over a connection of its own.

        Raises what they raise, and what taking a connection does:
        :class:`~sqlalchemy.exc.TimeoutError` where none becomes free, :class:`OSError` when the
        database is away.
        """
        if self.engine.dialect.name == "sqlite":
            return [await self.alone(question) for question in questions]
        return await asyncio.gather(*(self.alone(question) for question in questions))

    async def alone(self, question: Callable[[Look], Awaitable[Any]]) -> Any:
        """The answer to a question, by a look of its own."""
        async with self.looking() as look:
            return await question(look)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Look]:
        """Look at what is committed. A connection is taken with the first statement, which raises
        what taking it does."""
        dialect = self.engine.dialect
        if dialect.name == "sqlite":
            yield Look(dialect, self.fetch_near)
            return
        borrowed = Borrowed(self.engine)
        try:
            yield Look(dialect, borrowed.fetch)
        finally:
            await borrowed.give_back()

    async def fetch_near(self, text: str, given: Sequence[Any]) -> list[Any]:
        """The rows of a short statement on SQLite, read where we are."""
        if self.near is None:
            self.near = self.open_near()
        return self.near.execute(text, given).fetchall()

    def close(self) -> None:
        if self.near is not None:
            self.near.close()
            self.near = None
