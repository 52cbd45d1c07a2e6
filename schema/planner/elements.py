"""Pieces of SQL that the planner builds JSON text from, spelled per database.

Text is concatenated, not made by JSON functions: those were 40 % slower and end at 50 fields.
Values never enter the text; literals here are field names and punctuation of the planner's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from graphql import FieldNode
from sqlalchemy import ColumnElement, FromClause, Select, case, func, literal_column, type_coerce
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from core.db.engine import Dialect
from core.db.types import UtcDateTime
from core.money import MINOR_DIGITS, TENGE

Piece = ColumnElement[Any] | str
"""A string is literal text of the answer; an element is an expression that yields text."""

BLOCK = 64
"""Operands of one chain of ``||``: SQLite refuses expressions more than 1 000 levels deep."""

NULL = "null"


class Text(ColumnElement[str]):
    """An expression of the planner's own. SQLAlchemy's functions look at every argument three
    times; a statement has hundreds of them."""

    inherit_cache = False
    type = sa.Text()


class Around(Text):
    """A text made from one expression."""

    inherit_cache = False

    def __init__(self, value: ColumnElement[Any]) -> None:
        self.value = value

    @property
    def _from_objects(self) -> list[FromClause]:
        return self.value._from_objects


class Concatenation(Text):
    """Pieces joined by ``||``; null where one of them is."""

    inherit_cache = False

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces

    @property
    def _from_objects(self) -> list[FromClause]:
        return [each for piece in self.pieces for each in tables_in(piece)]


@compiles(Concatenation)
def concatenation(element: Concatenation, compiler: SQLCompiler, **kw: Any) -> str:
    texts = [spelled(piece, compiler, kw) for piece in element.pieces]
    while len(texts) > 1:
        texts = [
            "(" + " || ".join(texts[start : start + BLOCK]) + ")"
            for start in range(0, len(texts), BLOCK)
        ]
    return texts[0]


def spelled(piece: Piece, compiler: SQLCompiler, options: dict[str, Any]) -> str:
    return quoted(piece) if isinstance(piece, str) else compiler.process(piece, **options)


def tables_in(piece: Piece) -> list[FromClause]:
    return [] if isinstance(piece, str) else piece._from_objects


def quoted(text: str) -> str:
    """A literal of SQL. Backslashes are themselves on both databases."""
    return "'" + text.replace("'", "''") + "'"


def text_literal(text: str) -> ColumnElement[str]:
    return literal_column(quoted(text), sa.Text())


class OrNull(Text):
    """Pieces joined, or the word null where one of them is null, in the midst of other text.

    Literals around it are drawn into both: every link of a chain copies its text, so the chain is
    the faster the shorter it is.
    """

    inherit_cache = False

    def __init__(self, pieces: Sequence[Piece], before: str = "", after: str = "") -> None:
        self.pieces, self.before, self.after = pieces, before, after

    @property
    def _from_objects(self) -> list[FromClause]:
        return [each for piece in self.pieces for each in tables_in(piece)]


@compiles(OrNull)
def or_null(element: OrNull, compiler: SQLCompiler, **kw: Any) -> str:
    shown = cat([element.before, *element.pieces, element.after])
    missing = quoted(f"{element.before}{NULL}{element.after}")
    return f"coalesce({compiler.process(shown, **kw)}, {missing})"


class Coalesce(Text):
    """The first of some texts that is not null."""

    inherit_cache = False

    def __init__(self, *values: ColumnElement[Any]) -> None:
        self.values = values

    @property
    def _from_objects(self) -> list[FromClause]:
        return [each for value in self.values for each in value._from_objects]


@compiles(Coalesce)
def coalesce(element: Coalesce, compiler: SQLCompiler, **kw: Any) -> str:
    return f"coalesce({', '.join(compiler.process(value, **kw) for value in element.values)})"


class Same(ColumnElement[bool]):
    """Whether two values that are never null are the same."""

    inherit_cache = False
    type = sa.Boolean()

    def __init__(self, left: ColumnElement[Any], right: ColumnElement[Any]) -> None:
        self.left, self.right = left, right

    @property
    def _from_objects(self) -> list[FromClause]:
        return [*self.left._from_objects, *self.right._from_objects]


@compiles(Same)
def same(element: Same, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.left, **kw)} = {compiler.process(element.right, **kw)})"


def cat(pieces: Iterable[Piece]) -> ColumnElement[str]:
    """The pieces one after the other, as few as possible: literals become one."""
    operands: list[Piece] = []
    for piece in flattened(pieces):
        last = operands[-1] if operands else ""
        if isinstance(piece, str):
            if isinstance(last, OrNull):
                operands[-1] = OrNull(last.pieces, last.before, last.after + piece)
            elif operands and isinstance(last, str):
                operands[-1] = last + piece
            elif piece:
                operands.append(piece)
        elif isinstance(piece, OrNull) and operands and isinstance(last, str):
            operands[-1] = OrNull(piece.pieces, last + piece.before, piece.after)
        else:
            operands.append(piece)
    if len(operands) > 1:
        return Concatenation(operands)
    (only,) = operands or ("",)
    return text_literal(only) if isinstance(only, str) else only


def flattened(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces, and those of texts that are put together already."""
    for piece in pieces:
        if isinstance(piece, Concatenation):
            yield from piece.pieces
        else:
            yield piece


def joined(pieces: Sequence[Sequence[Piece]]) -> list[Piece]:
    """Lists of pieces with commas between them."""
    flat: list[Piece] = []
    for position, inner in enumerate(pieces):
        if position:
            flat.append(",")
        flat.extend(inner)
    return flat


JSON_SCALAR = (16,)
"""The version of PostgreSQL that brought ``json_scalar``."""


class Quoted(Around):
    """Text as a JSON string; null stays null."""

    inherit_cache = False


@compiles(Quoted, "postgresql")
def quoted_postgresql(element: Quoted, compiler: SQLCompiler, **kw: Any) -> str:
    # to_json looks the type up in the catalogue for every value: a tenth of the time of a tree.
    known = compiler.dialect.server_version_info or (0,)
    function = "json_scalar" if known >= JSON_SCALAR else "to_json"
    return f"{function}({compiler.process(element.value, **kw)})::text"


@compiles(Quoted, "sqlite")
def quoted_sqlite(element: Quoted, compiler: SQLCompiler, **kw: Any) -> str:
    # json_quote(null) is the text null; nulls are handled in one place for both databases.
    value = compiler.process(element.value, **kw)
    return f"json_quote({value})"


class Number(Around):
    """A floating-point number as JSON, spelled as Python does; null stays null.

    Beyond a coordinate's digits, and from 10^15 on, SQLite's spelling is another.
    """

    inherit_cache = False


@compiles(Number, "postgresql")
def number_postgresql(element: Number, compiler: SQLCompiler, **kw: Any) -> str:
    value = compiler.process(element.value, **kw)
    whole = f"CAST(CAST({value} AS numeric) AS text) || '.0'"
    return f"CASE WHEN {value} = trunc({value}) THEN {whole} ELSE to_json({value})::text END"


@compiles(Number, "sqlite")
def number_sqlite(element: Number, compiler: SQLCompiler, **kw: Any) -> str:
    # 1.0e-05 for 1e-05.
    return f"replace(json_quote({compiler.process(element.value, **kw)}), '.0e', 'e')"


class Moment(Around):
    """A moment as ``YYYY-MM-DDTHH:MM:SS.ffffffZ``."""

    inherit_cache = False


@compiles(Moment, "postgresql")
def moment_postgresql(element: Moment, compiler: SQLCompiler, **kw: Any) -> str:
    value = compiler.process(element.value, **kw)
    return f"to_char({value} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


@compiles(Moment, "sqlite")
def moment_sqlite(element: Moment, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.value, **kw)


class ByCodePoint(Around):
    """Text that compares by code point, as SQLite does; PostgreSQL's databases have a locale."""

    inherit_cache = False


@compiles(ByCodePoint, "postgresql")
def by_code_point_postgresql(element: ByCodePoint, compiler: SQLCompiler, **kw: Any) -> str:
    return f'({compiler.process(element.value, **kw)} COLLATE "C")'


@compiles(ByCodePoint, "sqlite")
def by_code_point_sqlite(element: ByCodePoint, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.value, **kw)


class Hex(Around):
    """The bytes of a text in hexadecimal; SQLite has no base64."""

    inherit_cache = False


@compiles(Hex, "postgresql")
def hex_postgresql(element: Hex, compiler: SQLCompiler, **kw: Any) -> str:
    return f"encode(convert_to({compiler.process(element.value, **kw)}, 'UTF8'), 'hex')"


@compiles(Hex, "sqlite")
def hex_sqlite(element: Hex, compiler: SQLCompiler, **kw: Any) -> str:
    return f"lower(hex({compiler.process(element.value, **kw)}))"


class Decimals(Around):
    """Whole minor units as a decimal number with ``digits`` places, by integer arithmetic.

    Null stays null.
    """

    inherit_cache = False

    def __init__(self, minor: ColumnElement[Any], digits: int) -> None:
        super().__init__(minor)
        self.digits = digits


@compiles(Decimals, "postgresql")
def decimals_postgresql(element: Decimals, compiler: SQLCompiler, **kw: Any) -> str:
    value = compiler.process(element.value, **kw)
    # numeric times 0.01 is exact and keeps exactly two places.
    return f"({value} * {unit(element.digits)})::text"


@compiles(Decimals, "sqlite")
def decimals_sqlite(element: Decimals, compiler: SQLCompiler, **kw: Any) -> str:
    value = compiler.process(element.value, **kw)
    if element.digits == 0:
        return f"CAST({value} AS TEXT)"
    whole = 10**element.digits
    # printf takes null for 0.
    return (
        f"CASE WHEN {value} IS NOT NULL THEN"
        f" printf('%s%d.%0{element.digits}d', CASE WHEN {value} < 0 THEN '-' ELSE '' END,"
        f" abs({value}) / {whole}, abs({value}) % {whole}) END"
    )


def unit(digits: int) -> str:
    """One minor unit as a literal: 0.01 for two digits."""
    return f"0.{'1':0>{digits}}" if digits else "1"


def amount(minor: ColumnElement[Any], currency: ColumnElement[str]) -> ColumnElement[str]:
    """Minor units of a currency as a decimal number; two places where ISO 4217 does not differ."""
    others: dict[int, list[str]] = {}
    for code, digits in sorted(MINOR_DIGITS.items()):
        if digits != 2:
            others.setdefault(digits, []).append(code)
    return case(
        *(
            (
                currency.in_([literal_column(quoted(code), sa.Text()) for code in codes]),
                Decimals(minor, digits),
            )
            for digits, codes in sorted(others.items())
        ),
        else_=Decimals(minor, 2),
    )


def money_object(
    selected: Mapping[str, Sequence[FieldNode]],
    minor: ColumnElement[Any],
    currency: ColumnElement[str],
) -> ColumnElement[str]:
    """``Money`` with the fields selected of it; null where an amount shown is null.

    Nearly all money is in tenge, which is written faster than what may be anything.
    """
    tenge = money_text(selected, Decimals(minor, MINOR_DIGITS[TENGE]), f'"{TENGE}"')
    other = money_text(selected, amount(minor, currency), Quoted(currency))
    return case((currency == text_literal(TENGE), tenge), else_=other)


def money_text(
    selected: Mapping[str, Sequence[FieldNode]], shown: ColumnElement[str], currency: Piece
) -> ColumnElement[str]:
    """``Money`` from its two parts as text."""
    entries: list[list[Piece]] = []
    for key, nodes in selected.items():
        name = nodes[0].name.value
        if name == "amount":
            entries.append([f'"{key}":"', shown, '"'])
        elif name == "currency":
            entries.append([f'"{key}":', currency])
        else:
            entries.append([f'"{key}":"Money"'])
    return cat(["{", *joined(entries), "}"])


def as_text(value: ColumnElement[Any]) -> ColumnElement[str]:
    return sa.cast(value, sa.Text())


def json_value(
    value: ColumnElement[Any], type_: sa.types.TypeEngine[Any], *, nullable: bool
) -> ColumnElement[str]:
    """``value`` as JSON text, the same on both databases."""
    if isinstance(type_, sa.Boolean):
        # A boolean is already a condition on PostgreSQL and 0 or 1 on SQLite.
        truth = type_coerce(value, sa.Boolean())
        shown: ColumnElement[str] = case((truth, text_literal("true")), else_=text_literal("false"))
    elif isinstance(type_, UtcDateTime):
        shown = cat(['"', Moment(value), '"'])
    elif isinstance(type_, sa.Enum | sa.Date):
        # Names of members need no escaping; PostgreSQL writes dates as DateStyle says, ISO in
        # every session of ours.
        shown = cat(['"', type_coerce(value, sa.Text()), '"'])
    elif isinstance(type_, (sa.Integer, sa.JSON)):
        shown = as_text(type_coerce(value, sa.Text()))
    elif isinstance(type_, sa.Float):
        shown = Number(value)
    elif isinstance(type_, sa.String):
        shown = Quoted(value)
    else:
        raise TypeError(f"the planner cannot show {type_!r}")
    # What is shown of null is null, but for booleans, of which a case makes false.
    if not nullable:
        return shown
    if isinstance(type_, sa.Boolean):
        return case((value.is_(None), text_literal(NULL)), else_=shown)
    return OrNull([*flattened([shown])])


def folded_together(
    items: ColumnElement[Any], order: Sequence[ColumnElement[Any]], dialect: Dialect
) -> Any:
    """An aggregate: texts with commas between them, in order.

    SQLite's ``group_concat`` takes no order before 3.44: there the rows must come from a derived
    table that is ordered already.
    """
    comma = text_literal(",")
    if dialect == "sqlite":
        return func.group_concat(items, comma)
    items = as_text(items)
    return func.string_agg(items, aggregate_order_by(comma, *order) if order else comma)


def in_order(
    statement: Select[Any], order: Sequence[ColumnElement[Any]], dialect: Dialect
) -> Select[Any]:
    """A derived table for :func:`folded_together`, which on PostgreSQL sorts by itself."""
    return statement.order_by(*order) if dialect == "sqlite" else statement


def or_empty(aggregate: ColumnElement[Any]) -> ColumnElement[str]:
    """The text of an aggregate over no rows is empty, not null."""
    return func.coalesce(aggregate, text_literal(""))
