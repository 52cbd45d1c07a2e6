"""Levels of a statement and look-ups in them, as text without SQLAlchemy's SELECT around it.

Every level is a CTE of its own, ``v3(o, ...)`` of objects and ``f4(...)`` of those a filter asks
for, which other levels name instead of nesting it: SQLite's parser overflows at five nested lists
otherwise, or at a filter that leads through four relations. Both databases flatten it. A statement
has dozens of them, all of the same simple form, and building and compiling a SELECT for each took
half of the time of a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ClauseElement, ColumnElement, FromClause
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from schema.planner.elements import Piece, Text, spelled
from schema.planner.row import BaseRow

Columns = Sequence[tuple[ColumnElement[Any], str]]
"""What is selected, and under which names."""


class CommonTable(ClauseElement):
    """``name AS (SELECT columns FROM row WHERE condition)``, flattened into what names it."""

    __visit_name__ = "common_table"
    inherit_cache = False

    def __init__(
        self,
        name: str,
        columns: Columns,
        row: BaseRow,
        condition: ColumnElement[bool] | None = None,
    ) -> None:
        self.name, self.columns, self.row, self.condition = name, columns, row, condition


class LookUp(Text):
    """The text ``o`` of the one line of ``sources`` that meets a condition; null without one."""

    def __init__(
        self,
        text: ColumnElement[str],
        sources: Sequence[FromClause],
        condition: ColumnElement[bool],
    ) -> None:
        self.text, self.sources, self.condition = text, sources, condition

    def parts(self) -> Iterable[Piece]:
        return ()  # a query of its own brings its tables itself

    def spell(self, compiler: SQLCompiler, options: dict[str, Any]) -> str:
        text = spelled(self.text, compiler, options)
        sources = ", ".join(
            compiler.process(source, asfrom=True, **options) for source in self.sources
        )
        condition = spelled(self.condition, compiler, options)
        return f"(SELECT {text} \nFROM {sources} \nWHERE {condition})"


class Answer(ClauseElement):
    """A whole statement: its levels, inner ones first, and the one line it returns."""

    __visit_name__ = "answer"
    inherit_cache = False

    def __init__(self, levels: Sequence[CommonTable], columns: Columns) -> None:
        self.levels, self.columns = levels, columns


def named(columns: Columns, compiler: SQLCompiler, options: dict[str, Any]) -> str:
    return ", ".join(f"{spelled(sql, compiler, options)} AS {name}" for sql, name in columns)


def tables_of(row: BaseRow) -> str:
    """The tables of a row; ask for it last, when every expression has named its columns."""
    own, joined = row.own, row.joined
    text = aliased(row, own)
    if joined is not None and joined in row.used:
        alias, key = row.aliases[joined], row.preparer.quote(own.c.id.name)
        text += f" JOIN {aliased(row, joined)} ON {alias}.id = {row.aliases[own]}.{key}"
    return text if row.link is None else f"{text}, {aliased(row, row.link)}"


def aliased(row: BaseRow, table: sa.Table) -> str:
    return f"{row.preparer.format_table(table)} AS {row.aliases[table]}"


@compiles(CommonTable)
def written_common_table(element: CommonTable, compiler: SQLCompiler, **options: Any) -> str:
    columns = named(element.columns, compiler, options)
    condition = element.condition
    where = "" if condition is None else f" \nWHERE {spelled(condition, compiler, options)}"
    tables = tables_of(element.row)
    return f"{element.name} AS NOT MATERIALIZED \n(SELECT {columns} \nFROM {tables}{where})"


@compiles(Answer)
def written_answer(element: Answer, compiler: SQLCompiler, **options: Any) -> str:
    levels = ", \n".join(compiler.process(level, **options) for level in element.levels)
    whole = f"SELECT {named(element.columns, compiler, options)}"
    return f"WITH {levels}\n {whole}" if levels else whole
