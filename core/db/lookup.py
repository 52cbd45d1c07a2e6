"""Questions asked for every request: compiled once, and outside a unit of work put to the driver.

Between a statement and its rows SQLAlchemy spends eight times what PostgreSQL does, and a session
in front of it as much again: a sign-in of three statements took 4 ms of a core.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from sqlalchemy import Dialect, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any] | None

ERRORS = (
    sqlite3.Error,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the connection was lost, and that has not been noticed yet
    OSError,
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as one driver takes it: the parameters in their order, each with the value of a
    constant, and what makes values of the columns out of the driver's."""

    text: str
    parameters: tuple[tuple[str, Any, Convert], ...]
    columns: tuple[Convert, ...]

    def given(self, values: dict[str, Any]) -> list[Any]:
        """The parameters for the driver."""
        found = ((values.get(name, constant), to) for name, constant, to in self.parameters)
        return [value if to is None or value is None else to(value) for value, to in found]

    def row(self, found: Iterable[Any]) -> tuple[Any, ...]:
        """A row of the driver's, in values of the columns' types."""
        pairs = zip(found, self.columns, strict=True)
        return tuple(value if to is None else to(value) for value, to in pairs)


class Lookup:
    """A SELECT of columns with named parameters."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self.statement = statement
        self._prepared: dict[str, Prepared] = {}

    async def rows(self, source: Source, **values: Any) -> Sequence[Any]:
        """Its rows, as tuples. In a session they are what its transaction sees, with all that was
        written in it.

        Raises :class:`~sqlalchemy.exc.DBAPIError`.
        """
        if isinstance(source, AsyncSession):
            return (await source.execute(self.statement, values)).all()
        return await source.rows(self.prepared(source.dialect), values)

    def prepared(self, dialect: Dialect) -> Prepared:
        """The statement for one driver."""
        found = self._prepared.get(dialect.name)
        if found is None:
            compiled: Any = self.statement.compile(dialect=dialect)
            found = self._prepared[dialect.name] = Prepared(
                str(compiled),
                tuple(
                    (name, compiled.params[name], to_driver(compiled.binds[name].type, dialect))
                    for name in compiled.positiontup or ()
                ),
                tuple(
                    from_driver(column.type, dialect) for column in self.statement.selected_columns
                ),
            )
        return found


def to_driver(type_: TypeEngine[Any], dialect: Dialect) -> Convert:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def from_driver(type_: TypeEngine[Any], dialect: Dialect) -> Convert:
    return type_.dialect_impl(dialect).result_processor(dialect, None)


@dataclass(frozen=True, slots=True)
class Look:
    """Reads outside any unit of work: each statement sees what was committed before it."""

    dialect: Dialect
    fetch: Callable[[str, Sequence[Any]], Awaitable[Iterable[Any]]]

    async def rows(self, prepared: Prepared, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a statement. Raises :class:`~sqlalchemy.exc.DBAPIError`."""
        given = prepared.given(values)
        try:
            found = await self.fetch(prepared.text, given)
        except ERRORS as error:
            raise DBAPIError(prepared.text, None, error) from error
        return [prepared.row(each) for each in found]


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

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Look]:
        """Look at what is committed. Raises :class:`~sqlalchemy.exc.DBAPIError` or
        :class:`OSError` when the database is away."""
        dialect = self.engine.dialect
        if dialect.name == "sqlite":
            yield Look(dialect, self.fetch_near)
            return
        async with self.engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            if driver.is_closed():
                await connection.invalidate()
                driver = (await connection.get_raw_connection()).driver_connection
            yield Look(dialect, lambda text, given: driver.fetch(text, *given))

    async def fetch_near(self, text: str, given: Sequence[Any]) -> list[Any]:
        """The rows of a short statement on SQLite, read where we are."""
        if self.near is None:
            self.near = self.open_near()
        return self.near.execute(text, given).fetchall()

    def close(self) -> None:
        if self.near is not None:
            self.near.close()
            self.near = None
