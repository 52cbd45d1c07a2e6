"""Orders, and cursors: where in an order a page ends.

Every order ends in the key, and what is null comes last both ways. A cursor is the hexadecimal
form of a JSON array: a tag of the order it belongs to, the values it stands at, and the key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, and_, case, or_, tuple_
from sqlalchemy.dialects import postgresql

from core.db.types import UtcDateTime
from core.errors import InvalidInput
from schema.limits.values import forbidden_character
from schema.planner.access import Access, is_true
from schema.planner.binding import Amount, Name, Value
from schema.planner.elements import ByCodePoint, Hex, Piece, cat, json_value
from schema.planner.registry import Bound, Target
from schema.planner.row import Row, column_of, sql_of
from schema.types import LARGEST_INTEGER, LARGEST_KEY, Direction, parse_moment

POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]

OrderShape = tuple[tuple[str, bool], ...]
"""Fields and whether each runs downwards."""


@dataclass(frozen=True)
class SortKey:
    """One expression to sort by. Ours ends in the key itself, which is never null."""

    sql: ColumnElement[Any]
    type: sa.types.TypeEngine[Any]
    nullable: bool
    descending: bool

    def clause(self, *, backward: bool = False) -> ColumnElement[Any]:
        """For ORDER BY; ``backward`` runs the other way, nulls first."""
        column = self.sql.desc() if self.descending is not backward else self.sql.asc()
        if not self.nullable:
            return column
        return column.nulls_first() if backward else column.nulls_last()


def read_order(target: Target, given: Sequence[dict[str, Any]] | None) -> OrderShape:
    """The order a client asked for, or the default one; a field counts where it comes first."""
    if not given:
        return target.binding.order if isinstance(target, Bound) else ()
    fields: dict[str, bool] = {}
    for item in given:
        fields.setdefault(item["field"].value, item["direction"] is Direction.DESC)
    return tuple(fields.items())


def sort_keys(
    target: Target, shape: OrderShape, row: Row, access: Access, language: str
) -> list[SortKey]:
    """The expressions of an order over ``row``, without the key.

    A value that the reader may not read, or of a plugin that is off, counts as null, so the order
    says nothing about it.
    """
    keys = []
    for name, descending in shape:
        item = target.sortable[name]
        sql, type_, nullable = sort_expression(item, row, language)
        readable = (
            access.open(target, name, item.level, row) if isinstance(target, Bound) else sa.true()
        )
        if not is_true(readable):
            sql, nullable = case((readable, sql)), True
        keys.append(SortKey(sql, type_, nullable, descending))
    return keys


def sort_expression(
    item: Name | Value | Amount, row: Row, language: str
) -> tuple[ColumnElement[Any], sa.types.TypeEngine[Any], bool]:
    """What a field sorts by: text by code point, the same on both databases."""
    if isinstance(item, Name):
        attribute = item.sort[language]
        return row[attribute], column_of(attribute).type, False
    if isinstance(item, Amount):
        return sql_of(item.minor, row), sa.BigInteger(), item.nullable
    if item.order_by is not None:
        column = column_of(item.order_by)
        return by_code_point(row[item.order_by], column.type), column.type, column.nullable
    return by_code_point(sql_of(item.source, row), item.type), item.type, item.nullable


def by_code_point(sql: ColumnElement[Any], type_: sa.types.TypeEngine[Any]) -> ColumnElement[Any]:
    """Text in the order of its code points, unless the column keeps that order itself."""
    if not isinstance(type_, sa.String):
        return sql
    stored = type_.dialect_impl(POSTGRESQL)
    return sql if getattr(stored, "collation", None) == "C" else ByCodePoint(sql)


def tag(target: Target, shape: OrderShape, language: str) -> str:
    """Short name of an order. A name sorts differently in each language, so that counts too."""
    parts = [target.name]
    for name, descending in shape:
        item = target.sortable[name]
        parts.append(f"{name}{language if isinstance(item, Name) else ''}{'-' * descending}")
    return hashlib.blake2s(" ".join(parts).encode(), digest_size=4).hexdigest()


def cursor(tagged: str, keys: Sequence[SortKey], key: ColumnElement[Any]) -> ColumnElement[str]:
    """The cursor of a row, as text."""
    pieces: list[Piece] = [f'["{tagged}",']
    for sort in keys:
        pieces += [json_value(sort.sql, sort.type, nullable=sort.nullable), ","]
    pieces += [json_value(key, sa.BigInteger(), nullable=False), "]"]
    return Hex(cat(pieces))


def read_cursor(
    text: str, target: Target, shape: OrderShape, language: str, *, field: str
) -> tuple[Any, ...]:
    """The values a cursor stands at, the key last.

    Raises :class:`~core.errors.InvalidInput` ``BAD_CURSOR`` for anything that is not a cursor of
    this order.
    """
    try:
        parts = json.loads(bytes.fromhex(text))
        if not isinstance(parts, list) or parts[0] != tag(target, shape, language):
            raise ValueError(text)
        types = [
            sort_expression(target.sortable[name], _Nothing(), language)[1] for name, _ in shape
        ]
        values = [
            cursor_value(value, type_)
            for value, type_ in zip(parts[1:], [*types, sa.BigInteger()], strict=True)
        ]
        if values[-1] is None:
            raise ValueError(text)
    except (ValueError, TypeError, LookupError, RecursionError):
        raise InvalidInput("BAD_CURSOR", field=field) from None
    return tuple(values)


class _Nothing:
    """A row of which only the types of columns are asked."""

    def __getitem__(self, attribute: Any) -> ColumnElement[Any]:
        return sa.literal_column("null", column_of(attribute).type)


def cursor_value(value: Any, type_: sa.types.TypeEngine[Any]) -> Any:
    """A value of a cursor as a parameter of its column's type; raises ValueError if it is none."""
    if value is None:
        return None
    if isinstance(type_, sa.Boolean):
        if isinstance(value, bool):
            return value
    elif isinstance(type_, sa.Integer):
        largest = LARGEST_KEY if isinstance(type_, sa.BigInteger) else LARGEST_INTEGER
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= largest:
            return value
    elif isinstance(type_, sa.Float):
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    elif isinstance(value, str):
        if isinstance(type_, UtcDateTime):
            return parse_moment(value)
        if isinstance(type_, sa.Date):
            return date.fromisoformat(value)
        if isinstance(type_, sa.Enum) and type_.enum_class is not None:
            return type_.enum_class[value]
        if not forbidden_character(value):
            return value
    raise ValueError("no value of this column")


Bind = ColumnElement[Any]


def beyond(
    keys: Sequence[SortKey], nulls: Sequence[bool], values: Sequence[Bind], *, before: bool
) -> ColumnElement[bool]:
    """Rows strictly after the cursor, or strictly before it; the key is the last sort key.

    ``nulls`` says which values of the cursor are null; ``values`` are parameters. A cursor may
    stand at a null where none can be: a filter leaves out what was null where it came from.
    """
    plain = not any(nulls) and not any(sort.nullable for sort in keys)
    if plain and len({sort.descending for sort in keys}) == 1:
        ours, theirs = tuple_(*(sort.sql for sort in keys)), tuple_(*values)
        rising = keys[0].descending is before
        if len(keys) == 1:
            return keys[0].sql > values[0] if rising else keys[0].sql < values[0]
        return ours > theirs if rising else ours < theirs
    alternatives: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for sort, null, value in zip(keys, nulls, values, strict=True):
        strictly = further(sort, null, value, before=before)
        if strictly is not None:
            alternatives.append(and_(*equal, strictly))
        equal.append(sort.sql.is_(None) if null else sort.sql == value)
    return or_(*alternatives)


def further(sort: SortKey, null: bool, value: Bind, *, before: bool) -> ColumnElement[bool] | None:
    """One sort key strictly beyond the cursor; none if nothing can be. Nulls are last."""
    if null:
        return sort.sql.is_not(None) if before else None
    if sort.descending is before:
        beyond_it: ColumnElement[bool] = sort.sql > value
    else:
        beyond_it = sort.sql < value
    if sort.nullable and not before:
        return or_(beyond_it, sort.sql.is_(None))
    return beyond_it
