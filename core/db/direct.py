"""Short reads that are asked many times in a unit of work, sent to the driver itself.

Between a statement and its rows SQLAlchemy spends four times what the databases do. Only what is
asked for every single decision goes this way.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ClauseElement,
    ColumnElement,
    Connection,
    Text,
    bindparam,
    event,
    func,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

from core.db.driver import ERRORS, driver_of

KEYS = "keys"
"""The parameter of :func:`any_key`."""

DRIVER = "driver"
"""Where a session keeps what its transaction talks to."""


def any_key(column: Any, dialect: str) -> ColumnElement[bool]:
    """The column is one of the keys given as the parameter ``keys``, however many they are."""
    if dialect == "postgresql":
        among: ColumnElement[bool] = column == func.any(bindparam(KEYS, type_=ARRAY(BigInteger)))
        return among
    keys = func.json_each(bindparam(KEYS, type_=Text)).table_valued("value")
    found: ColumnElement[bool] = column.in_(select(keys.c.value))
    return found


class Direct:
    """A SELECT for each dialect, compiled once.

    Its rows are tuples of what the driver gives: names of enumerations, 0 and 1 on SQLite.
    """

    def __init__(self, statement: Callable[[str], ClauseElement]) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, tuple[str, ...]]] = {}

    async def fetch(self, session: AsyncSession, **values: Any) -> Sequence[Any]:
        """The rows, as this session's transaction sees them with all it has written."""
        if session.new or session.dirty or session.deleted:
            await session.flush()
        driver, connection = session.info.get(DRIVER) or await reached(session)
        name = connection.dialect.name
        if name not in self._compiled:
            compiled: Any = self._statement(name).compile(dialect=connection.dialect)
            self._compiled[name] = str(compiled), tuple(compiled.positiontup or ())
        text, names = self._compiled[name]
        given = [values[each] for each in names]
        if name == "postgresql" and not driver.is_in_transaction():
            # SQLAlchemy begins it with the first statement that goes through SQLAlchemy.
            through = await session.connection()
            return (await through.exec_driver_sql(text, tuple(given))).all()
        for watch in connection.dispatch.before_cursor_execute:
            watch(connection, None, text, given, None, False)
        try:
            if name == "sqlite":
                # Changing to the connection's thread and back would take longer than the rows.
                plain: sqlite3.Connection = driver._conn
                found: Any = plain.execute(text, [as_sqlite(each) for each in given]).fetchall()
            else:
                found = await driver.fetch(text, *given)
        except ERRORS as error:
            raise DBAPIError(text, None, error) from error
        return cast("Sequence[Any]", found)


async def reached(session: AsyncSession) -> tuple[Any, Connection]:
    """The driver's connection, and SQLAlchemy's; remembered until the transaction ends."""
    connection = await session.connection()
    found = await driver_of(connection), cast("Connection", connection.sync_connection)
    session.info[DRIVER] = found
    return found


@event.listens_for(Session, "after_transaction_end")
def _ended(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(DRIVER, None)


def as_sqlite(value: Any) -> Any:
    """A parameter as SQLite's driver takes it."""
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value) if isinstance(value, list) else value
