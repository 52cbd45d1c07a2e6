"""Rows of several queries as one text of JSON, the same on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class JsonRow(FunctionElement[str]):
    """The operands as a JSON array, as text."""

    type = Text()
    name = "json_row"
    inherit_cache = False


@compiles(JsonRow, "postgresql")
def json_row_postgresql(element: JsonRow, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_build_array({compiler.process(element.clauses, **kw)})::text"


@compiles(JsonRow, "sqlite")
def json_row_sqlite(element: JsonRow, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **kw)})"


def word(text: str) -> ColumnElement[str]:
    """A literal of SQL: plans of reads are kept, so nothing here binds a constant."""
    if not text.replace("_", "").isalnum():
        raise ValueError(f"{text!r} is no word")
    return literal_column(f"'{text}'", Text())


NOTHING: ColumnElement[Any] = literal_column("NULL")
ONE: ColumnElement[int] = literal_column("1")
YES: ColumnElement[bool] = literal_column("true")


def tagged(tag: str, *columns: Any) -> Select[Any]:
    """A query whose rows say by their first value what they are."""
    return select(JsonRow(word(tag), *columns).label("r")).correlate(None)


def all_rows(queries: Sequence[Select[Any]]) -> ColumnElement[str]:
    """The rows of all queries, in no order: ``[[...], ...]``."""
    rows = union_all(*queries).subquery("facts")
    joined = func.coalesce(func.aggregate_strings(rows.c.r, ","), literal_column("''"))
    opened, closed = literal_column("'['", Text()), literal_column("']'", Text())
    return select(opened + joined + closed).correlate(None).scalar_subquery()
