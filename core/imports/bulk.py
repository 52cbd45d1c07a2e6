"""Inserting many rows with one prepared statement, without the cost of a query compiler per row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, repeat
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from core.tree.copied import copies_in

Processor = Callable[[Any], Any]

MOST_PARAMETERS = 12_000
"""Of one statement on SQLite, which takes 32 766; more make it no faster, and hold memory."""


class BulkInsert:
    """Inserts rows of ``table`` given as tuples in the order of ``columns``.

    ``constants`` are the same in every row. Values pass through their column types, so both
    databases hold what the ORM would have written; columns named nowhere get their defaults.
    """

    def __init__(
        self,
        session: AsyncSession,
        table: sa.Table,
        columns: Iterable[str],
        constants: Mapping[str, Any] | None = None,
    ) -> None:
        self.session = session
        dialect = session.get_bind().dialect
        columns = tuple(columns)
        fixed = dict(constants or {})
        for column in table.c:
            if column.name not in (*columns, *fixed) and isinstance(
                column.default, sa.ColumnDefault
            ):
                fixed[column.name] = column.default.arg
        values = {name: sa.bindparam(name, type_=table.c[name].type) for name in (*columns, *fixed)}
        compiled = sa.insert(table).values(values).compile(dialect=dialect)
        self.statement = str(compiled)
        # SQLite takes care for each statement to be able to undo what triggers do: twice the time
        # of a row.
        self.together = dialect.name == "sqlite" and bool(copies_in(table))
        order: list[str] = list(compiled.positiontup or ())
        self.row = f"({', '.join('?' * len(order))})"
        processors = {
            name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
            for name in (*columns, *fixed)
        }
        same = {
            name: value if (process := processors[name]) is None else process(value)
            for name, value in fixed.items()
        }
        self.columns = columns
        self.order: list[tuple[int, Processor | None, Any]] = [
            (columns.index(name), processors[name], None)
            if name in columns
            else (-1, None, same[name])
            for name in order
        ]

    async def insert(self, rows: Sequence[Sequence[Any]]) -> None:
        """Insert the rows, column by column, so that the interpreter touches few values."""
        if not rows:
            return
        given: list[Iterable[Any]] = []
        for place, process, constant in self.order:
            if place < 0:
                given.append(repeat(constant, len(rows)))
            else:
                column = map(itemgetter(place), rows)
                given.append(column if process is None else map(process, column))
        connection = await self.session.connection()
        values = list(zip(*given, strict=True))
        if not self.together:
            await connection.exec_driver_sql(self.statement, values)
            return
        most = MOST_PARAMETERS // max(len(self.order), 1)
        for start in range(0, len(values), most):
            some = values[start : start + most]
            await connection.exec_driver_sql(
                f"{self.statement}{f', {self.row}' * (len(some) - 1)}",
                tuple(chain.from_iterable(some)),
            )
