"""Pieces of SQL that the planner builds JSON text from, spelled per database.

Text is concatenated, not made by JSON functions: those were 40 % slower and end at 50 fields.
Values never enter the text; literals here are field names and punctuation of the planner's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from graphql import FieldNode
from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    FromClause,
    Select,
    func,
    literal_column,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from core.db.engine import Dialect
from core.db.types import UtcDateTime
from core.money import MINOR_DIGITS, TENGE

T = TypeVar("T")
Piece = ColumnElement[Any] | str
"""A string is literal text of the answer; an element is an expression that yields text."""

BLOCK = 64
"""Operands of one chain of ``||``: SQLite refuses expressions more than 1 000 levels deep."""

NULL = "null"


class Own(ColumnElement[T]):
    """An expression of the planner's own, which says itself what its SQL is.

    SQLAlchemy's functions look at every argument three times, and every step of its compiler goes
    through five calls; a statement has hundreds of them.
    """

    def __init_subclass__(cls, **named: Any) -> None:
        cls.inherit_cache = False  # which SQLAlchemy asks every class itself
        super().__init_subclass__(**named)

    def parts(self) -> Iterable[Piece]:
        """What it is made from."""
        raise NotImplementedError

    def spell(self, compiler: SQLCompiler, options: dict[str, Any]) -> str:
        """Its SQL; ``options`` are those of SQLAlchemy's compiler, handed on as they are."""
        raise NotImplementedError

    @property
    def _from_objects(self) -> list[FromClause]:
        return [
            each
            for part in self.parts()
            if not isinstance(part, str)
            for each in part._from_objects
        ]


class Text(Own[str]):
    """A text of the planner's own."""

    type = sa.Text()


@compiles(Own)
def spelled_own(element: Own[Any], compiler: SQLCompiler, **options: Any) -> str:
    """Where SQLAlchemy comes upon one inside an expression of its own."""
    return element.spell(compiler, options)


def spelled(piece: Piece, compiler: SQLCompiler, options: dict[str, Any]) -> str:
    """The SQL of literal text or of an expression."""
    if isinstance(piece, str):
        return quoted(piece)
    if isinstance(piece, Own):
        return piece.spell(compiler, options)
    if type(piece) is ColumnClause and piece.is_literal and piece.table is None:
        return piece.name  # which is its SQL, as of every column of our rows
    return compiler.process(piece, **options)


def is_sqlite(compiler: SQLCompiler) -> bool:
    return compiler.dialect.name == "sqlite"


class Around(Text):
    """A text made from one expression."""

    def __init__(self, value: ColumnElement[Any]) -> None:
        self.value = value

    def parts(self) -> Iterable[Piece]:
        return (self.value,)


class Concatenation(Text):
    """Pieces joined by ``||``; null where one of them is."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces

    def parts(self) -> Iterable[Piece]:
        return self.pieces

    def spell(self, compiler: SQLCompiler, options: dict[str, Any]) -> str:
        texts = [spelled(piece, compiler, options) for piece in self.pieces]
        while len(texts) > 1:
            texts = [
                "(" + " || ".join(texts[start : start + BLOCK]) + ")"
                for start in range(0, len(texts), BLOCK)
            ]
        return texts[0]


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

    def __init__(self, pieces: Sequence[Piece], before: str = "", after: str = "") -> None:
        self.pieces, self.before, self.after = pieces, before, after

    def parts(self) -> Iterable[Piece]:
        return self.pieces

    def spell(self, compiler: SQLCompiler, options: dict[str, Any]) -> str:
        shown = cat([self.before, *self.pieces, self.after])
        missing = quoted(f"{self.before}{NULL}{self.after}")
        return f"coalesce({spelled(shown, compiler, options)}, {missing})"


class Coalesce(Text):
    """The first of some texts that is not null."""

    def __init__(self, *values: Piece) -> None:
        self.values = values

    def parts(self) -> Iterable[Piece]:
        return self.values

    def spell(self, compiler: SQLCompiler, options: dict[str, Any]) -> str:
        values = ", ".join(spelled(value, compiler, options) for value in self.values)
        return f"coalesce({values})"


class Choice(Text):
    """The text of the first condition that is met, or another."""

    def __init__(
        self,
        *cases: tuple[ColumnElement[bool], Piece],
        otherwise: Piece,
    ) -> None:
        self.cases, self.otherwise = cases, otherwise

    def parts(self) -> Iterable[Piece]:
        return (*(part for case in self.cases for part in case), self.otherwise)

    def spell(self, compiler: SQLCompiler, options: dict[str, Any]) -> str:
        cases = [
            f"WHEN {spelled(condition, compiler, options)} THEN {spelled(text, compiler, options)}"
            for condition, text in self.cases
        ]
        return f"CASE {' '.join(cases)} ELSE {spelled(self.otherwise, compiler, options)} END"


class Same(Own[bool]):
    """Whether two values that are never null are the same."""

    type = sa.Boolean()

    def __init__(self, left: ColumnElement[Any], right: ColumnElement[Any]) -> None:
        self.left, self.right = left, right

    def parts(self) -> Iterable[Piece]:
        return self.left, self.right

    def spell(self, compiler: SQLCompiler, options: dict[str, Any]) -> str:
        left = spelled(self.left, compiler, options)
        return f"({left} = {spelled(self.right, compiler, options)})"


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

    def spell(self, compiler: SQLCompiler, options: dict[str, Any]) -> str:
        value = spelled(self.value, compiler, options)
        if is_sqlite(compiler):
            # json_quote(null) is the text null; nulls are handled in one place for both databases.
            return f"json_quote({value})"
        # to_json looks the type up in the catalogue for every value: a tenth of the time of a tree.
        known = compiler.dialect.server_version_info or (0,)
        return f"{'json_scalar' if known >= JSON_SCALAR else 'to_json'}({value})::text"


class Number(Around):
    """A floating-point number as JSON, spelled as Python does; null stays null.

    Beyond a coordinate's digits, and from 10^15 on, SQLite's spelling is another.
    """

    def spell(self, compiler: SQLCompiler, options: dict[str, Any]) -> str:
        value = spelled(self.value, compiler, options)
        if is_sqlite(compiler):
            # 1.0e-05 for 1e-05.
            return f"replace(json_quote({value}), '.0e', 'e')"
        whole = f"CAST(CAST({value} AS numeric) AS text) || '.0'"
        return f"CASE WHEN {value} = trunc({value}) THEN {whole} ELSE to_json({value})::text END"


class Moment(Around):
    """A moment as ``YYYY-MM-DDTHH:MM:SS.ffffffZ``."""

    def spell(self, compiler: SQLCompiler, options: dict[str, Any]) -> str:
        value = spelled(self.value, compiler, options)
        if is_sqlite(compiler):
            return value
        return f"to_char({value} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


class ByCodePoint(Around):
    """Text that compares by code point, as SQLite does; PostgreSQL's databases have a locale."""

    def spell(self, compiler: SQLCompiler, options: dict[str, Any]) -> str:
        value = spelled(self.value, compiler, options)
        return value if is_sqlite(compiler) else f'({value} COLLATE "C")'


class Hex(Around):
    """The bytes of a text in hexadecimal; SQLite has no base64."""

    def spell(self, compiler: SQLCompiler, options: dict[str, Any]) -> str:
        value = spelled(self.value, compiler, options)
        if is_sqlite(compiler):
            return f"lower(hex({value}))"
        return f"encode(convert_to({value}, 'UTF8'), 'hex')"


class Decimals(Around):
    """Whole minor units as a decimal number with ``digits`` places, by integer arithmetic.

    Null stays null.
    """

    def __init__(self, minor: ColumnElement[Any], digits: int) -> None:
        super().__init__(minor)
        self.digits = digits

    def spell(self, compiler: SQLCompiler, options: dict[str, Any]) -> str:
        value, digits = spelled(self.value, compiler, options), self.digits
        if not is_sqlite(compiler):
            # numeric times 0.01 is exact and keeps exactly two places.
            return f"({value} * {unit(digits)})::text"
        if digits == 0:
            return f"CAST({value} AS TEXT)"
        whole = 10**digits
        # printf takes null for 0.
        return (
            f"CASE WHEN {value} IS NOT NULL THEN"
            f" printf('%s%d.%0{digits}d', CASE WHEN {value} < 0 THEN '-' ELSE '' END,"
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
    return Choice(
        *(
            (
                currency.in_([literal_column(quoted(code), sa.Text()) for code in codes]),
                Decimals(minor, digits),
            )
            for digits, codes in sorted(others.items())
        ),
        otherwise=Decimals(minor, 2),
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
    return Choice((currency == text_literal(TENGE), tenge), otherwise=other)


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
        shown: ColumnElement[str] = Choice(
            (truth, text_literal("true")), otherwise=text_literal("false")
        )
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
        return Choice((value.is_(None), text_literal(NULL)), otherwise=shown)
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
    return Coalesce(aggregate, text_literal(""))
