"""``where``: what a client may ask of a field, read from coerced arguments and turned into SQL.

Comparisons follow SQL: with a value that is null, that the reader may not read, or that belongs to
a plugin that is off there, they are neither true nor false, so neither the filter nor its negation
keeps the row. What is found is therefore a function of what the reader may read, and nothing leaks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, case, exists, not_, select

from core.db.engine import Dialect
from core.db.text import fold
from core.db.types import UtcDateTime
from core.errors import InvalidInput
from core.money import MINOR_DIGITS
from core.tree.node import NodeClosure
from schema.limits.values import forbidden_character
from schema.planner.access import Access, On, both, is_false, is_true
from schema.planner.binding import (
    Amount,
    Condition,
    Field,
    Filter,
    Identity,
    Level,
    Name,
    Relation,
    Under,
    Value,
)
from schema.planner.logic import together
from schema.planner.registry import LOGIC, Bound, Catalogue, Target
from schema.planner.row import BaseRow, Form, Row, sql_of, table_of
from schema.types import LARGEST_KEY, parse_global_id

MOST_CONDITIONS = 100
"""Comparisons in one ``where``; product default."""

DEEPEST = 10
"""Relations a ``where`` leads through one after the other, and ``and``, ``or`` and ``not`` inside
each other in what it asks of one object; product default.

Every relation may multiply what is looked at; of the others SQLite's parser takes some ten more.
"""

LONGEST_LIST = 1000
"""Values of one ``in``; product default."""

LONGEST_SEARCH = 200
"""Letters of one ``contains``; a name has at most 500."""

COMPARE: dict[str, Callable[[ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]]] = {
    "eq": lambda ours, theirs: ours == theirs,
    "lt": lambda ours, theirs: ours < theirs,
    "lte": lambda ours, theirs: ours <= theirs,
    "gt": lambda ours, theirs: ours > theirs,
    "gte": lambda ours, theirs: ours >= theirs,
}

ONE: ColumnElement[int] = sa.literal_column("1")

ORDERED = ("eq", "in", "lt", "lte", "gt", "gte", "isNull")


@dataclass(frozen=True)
class Family:
    """The comparisons one kind of value allows: a GraphQL input type."""

    name: str
    operators: tuple[str, ...]
    annotation: Any
    column: sa.types.TypeEngine[Any]


IDS = Family("IDFilter", ("eq", "in"), None, sa.BigInteger())
TEXTS = Family("StringFilter", ("eq", "in", "isNull"), str, sa.Text())
SEARCHED = Family("SearchFilter", ("eq", "in", "contains", "isNull"), str, sa.Text())
NAMES = Family("NameFilter", ("contains",), str, sa.Text())
MONEY = Family("MoneyFilter", ("eq", "lt", "lte", "gt", "gte", "isNull"), Decimal, sa.BigInteger())
PLAIN: tuple[tuple[type[Any], Family], ...] = (
    (sa.Boolean, Family("BooleanFilter", ("eq", "isNull"), bool, sa.Boolean())),
    (sa.Integer, Family("IntFilter", ORDERED, int, sa.BigInteger())),
    (sa.Float, Family("FloatFilter", ("lt", "lte", "gt", "gte", "isNull"), float, sa.Float())),
    (sa.Date, Family("DateFilter", ORDERED, date, sa.Date())),
    (
        UtcDateTime,
        Family("DateTimeFilter", ("lt", "lte", "gt", "gte", "isNull"), datetime, UtcDateTime()),
    ),
)


def family_of(item: Field) -> Family:
    """Which comparisons a field allows."""
    if isinstance(item, Identity):
        return IDS
    if isinstance(item, Name):
        return NAMES
    if isinstance(item, Amount):
        return MONEY
    if not isinstance(item, Value):
        raise TypeError(f"{item.name} is not compared with values")
    if isinstance(item.type, sa.Enum) and item.type.enum_class is not None:
        enumeration = item.type.enum_class
        return Family(
            f"{enumeration.__name__}Filter", ("eq", "in", "isNull"), enumeration, item.type
        )
    for type_, family in PLAIN:
        if isinstance(item.type, type_):
            return family
    return SEARCHED if item.search is not None else TEXTS


@dataclass
class WhereReader:
    """Reads one ``where`` into a shape, and collects the values that fill it."""

    catalogue: Catalogue
    values: list[Any] = field(default_factory=list)
    conditions: int = 0
    relations: int = 0

    def read(self, target: Target, where: dict[str, Any], depth: int = 0) -> Any:
        """The shape: nested tuples in which values are numbers of parameters.

        Raises :class:`~core.errors.InvalidInput` for ids that are none, amounts finer than their
        currency, unreadable text, and filters too large or too deep.
        """
        shape = []
        for name, given in sorted(where.items()):
            if given is None:
                continue
            if name in LOGIC:
                self.deeper(depth)
                parts = [given] if name == "not" else given
                shape.append((name, tuple(self.read(target, part, depth + 1) for part in parts)))
            else:
                self.count()
                shape.append((name, self.item(target.filterable[name], target, given)))
        return tuple(shape)

    def count(self) -> None:
        self.conditions += 1
        if self.conditions > MOST_CONDITIONS:
            raise InvalidInput("FILTER_TOO_LARGE", field="where", limit=MOST_CONDITIONS)

    def deeper(self, depth: int) -> None:
        if depth == DEEPEST:
            raise InvalidInput("FILTER_TOO_DEEP", field="where", limit=DEEPEST)

    def item(self, item: Field | Filter, target: Target, given: Any) -> Any:
        if isinstance(item, Relation):
            self.deeper(self.relations)
            self.relations += 1
            shape = self.read(self.catalogue.target(item.to), given)
            self.relations -= 1
            return shape
        if isinstance(item, Under):
            kind, key = parse_global_id(given, field=f"where.{item.name}")
            noun = self.catalogue.nouns.get(kind)
            if noun is None or noun.binding.kind is None:
                raise InvalidInput("BAD_ID", field=f"where.{item.name}")
            return kind, self.slot(key)
        if isinstance(item, Condition):
            return self.slot(readable_value(given, item.name))
        return self.comparisons(item, target, given)

    def comparisons(self, item: Field, target: Target, given: dict[str, Any]) -> Any:
        """Operators with numbers of parameters; ``isNull`` decides the text itself."""
        digits = 2
        shape: list[Any] = []
        if isinstance(item, Amount):
            currency = given["currency"]
            digits = MINOR_DIGITS.get(currency, 2)
            shape.append(("currency", self.slot(readable_value(currency, item.name))))
        for operator, value in sorted(given.items()):
            if value is None or operator == "currency":
                continue
            self.count()
            if operator == "isNull":
                shape.append((operator, value))
                continue
            if operator == "in":
                if len(value) > LONGEST_LIST:
                    raise InvalidInput(
                        "FILTER_TOO_LARGE", field=f"where.{item.name}", limit=LONGEST_LIST
                    )
                parameter: Any = [self.value(item, target, each, digits) for each in value]
            elif operator == "contains":
                parameter = pattern(value, item.name)
            else:
                parameter = self.value(item, target, value, digits)
            shape.append((operator, self.slot(parameter)))
        return tuple(shape)

    def value(self, item: Field, target: Target, given: Any, digits: int) -> Any:
        if isinstance(item, Identity):
            kind, key = parse_global_id(given, field=f"where.{item.name}")
            if kind != target.name:
                raise InvalidInput("BAD_ID", field=f"where.{item.name}")
            return key
        if isinstance(item, Amount):
            return minor_units(given, digits, item.name)
        return readable_value(given, item.name)

    def slot(self, value: Any) -> int:
        self.values.append(value)
        return len(self.values) - 1


def readable_value(value: Any, name: str) -> Any:
    """``value``, unless it is text that no column can hold."""
    if isinstance(value, str) and forbidden_character(value):
        raise InvalidInput("BAD_TEXT", field=f"where.{name}")
    return value


def minor_units(value: Decimal, digits: int, name: str) -> int:
    """An amount in whole minor units of its currency."""
    scaled = value.scaleb(digits)
    if abs(scaled) > LARGEST_KEY or scaled != scaled.to_integral_value():
        raise InvalidInput("AMOUNT_INVALID", field=f"where.{name}", digits=digits)
    return int(scaled)


def pattern(text: str, name: str) -> str:
    """A LIKE pattern for text that contains ``text``, letters folded."""
    if len(text) > LONGEST_SEARCH:
        raise InvalidInput("FILTER_TOO_LARGE", field=f"where.{name}", limit=LONGEST_SEARCH)
    folded = fold(readable_value(text, name))
    for special in "\\%_":
        folded = folded.replace(special, f"\\{special}")
    return f"%{folded}%"


class Rows(Row, Protocol):
    """Rows that meet a condition, for others to be compared with."""

    def source(self) -> FromClause:
        """What to select from; ask for it last."""


class Statement(Protocol):
    """What a filter needs of the statement it stands in."""

    catalogue: Catalogue
    access: Access
    dialect: Dialect

    def row(self, target: Target, *, link: Any = None) -> BaseRow: ...

    def visible(self, target: Target, row: Row, form: Form = "exists") -> ColumnElement[bool]: ...

    def those(self, row: BaseRow, condition: ColumnElement[bool]) -> Rows: ...


Bind = Callable[[int, sa.types.TypeEngine[Any], bool], ColumnElement[Any]]
"""``(slot, type, is a list) -> parameter``."""


@dataclass(frozen=True)
class WhereCompiler:
    """Turns the shape of a ``where`` into a condition."""

    statement: Statement
    bind: Bind
    form: Form

    def all_of(self, target: Target, shape: Sequence[Any], row: BaseRow) -> ColumnElement[bool]:
        """The condition of the rows of a list; ask it before anything else about them.

        Where a comparison has to hold, so has the right to read its field, and its plugin is on:
        asked for once, they leave the columns bare, and indexes of use to filter and order.
        """
        rights = []
        if isinstance(target, Bound):
            names = needed(shape)
            for plugin in dict.fromkeys(target.gate_of(name) for name in names):
                if plugin is not None:
                    rights.append(self.statement.access.gate(plugin, target, row))
                    row.known.add(On(plugin))
            for level in dict.fromkeys(target.filterable[name].level for name in names):
                if level is not Level.BASIC:
                    rights.append(self.statement.access.readable(target, level, row))
                    row.known.add(level)
        return both(*rights, *self.parts(target, shape, row))

    def parts(
        self, target: Target, shape: Sequence[Any], row: Row, *, negated: bool = False
    ) -> list[ColumnElement[bool]]:
        return [self.part(target, name, inner, row, negated=negated) for name, inner in shape]

    def part(
        self, target: Target, name: str, shape: Any, row: Row, *, negated: bool
    ) -> ColumnElement[bool]:
        """One condition, or what is true where it is false: NOT stands before single comparisons,
        where no parser has to wait for its end."""
        if name == "not":
            return self.part(target, "and", shape, row, negated=not negated)
        if name in LOGIC:
            inner = [
                together(self.parts(target, each, row, negated=negated), every=not negated)
                for each in shape
            ]
            return together(inner, every=(name == "and") is not negated)
        item = target.filterable[name]
        condition = self.if_open(target, item, row, self.item(target, item, shape, row))
        return not_(condition) if negated else condition

    def if_open(
        self, target: Target, item: Field | Filter, row: Row, condition: ColumnElement[bool]
    ) -> ColumnElement[bool]:
        """``condition`` where the reader may read the field, unknown elsewhere."""
        if not isinstance(target, Bound):
            return condition
        readable = self.statement.access.open(target, item.name, item.level, row)
        if is_true(readable):
            return condition
        if is_false(readable):
            return sa.cast(sa.null(), sa.Boolean())
        return case((readable, condition))

    def item(
        self, target: Target, item: Field | Filter, shape: Any, row: Row
    ) -> ColumnElement[bool]:
        if isinstance(item, Relation):
            return self.related(item, shape, row)
        if isinstance(item, Under):
            return self.under(shape, row, target)
        if isinstance(item, Condition):
            return item.sql(row, self.bind(shape, item.column, False))
        return both(*(self.compare(target, item, operator, slot, row) for operator, slot in shape))

    def compare(
        self, target: Target, item: Field, operator: str, slot: Any, row: Row
    ) -> ColumnElement[bool]:
        family = family_of(item)
        if operator == "contains":
            searched = row[item.search]  # type: ignore[attr-defined]
            return searched.like(self.bind(slot, sa.Text(), False), escape="\\")
        if operator == "currency":
            currency = sql_of(item.currency, row)  # type: ignore[attr-defined]
            return currency == self.bind(slot, sa.Text(), False)
        value = self.operand(target, item, row)
        if operator == "isNull":
            return value.is_(None) if slot else value.is_not(None)
        parameter = self.bind(slot, family.column, operator == "in")
        if operator != "in":
            return COMPARE[operator](value, parameter)
        if self.statement.dialect == "postgresql":
            return value == sa.any_(parameter)
        listed = sa.func.json_each(parameter).table_valued("value")
        return value.in_(select(listed.c.value))

    def operand(self, target: Target, item: Field, row: Row) -> ColumnElement[Any]:
        if isinstance(item, Identity):
            return row[target.key]
        if isinstance(item, Amount):
            return sql_of(item.minor, row)
        if not isinstance(item, Value):
            raise TypeError(f"{item.name} is not compared with values")
        return self.statement.access.sql(item.source, row)

    def related(self, item: Relation, shape: Any, row: Row) -> ColumnElement[bool]:
        """At least one related object that the reader sees is like that.

        Those that are stand in a level of their own: a filter may lead on from each to others.
        """
        other = self.statement.catalogue.target(item.to)
        theirs = self.statement.row(other, link=item.link)
        where = WhereCompiler(self.statement, self.bind, "exists")
        like_that = where.all_of(other, shape, theirs)
        seen = both(like_that, self.statement.visible(other, theirs))
        found = self.statement.those(theirs, seen)
        condition = item.on(row, found)
        return exists(select(ONE).select_from(found.source()).where(condition))

    def under(self, shape: tuple[str, int], row: Row, target: Target) -> ColumnElement[bool]:
        """Below a node that the reader sees; a hidden one is not there to be asked about."""
        kind, slot = shape
        above = self.statement.catalogue.nouns[kind]
        place = self.statement.row(above)
        key = self.bind(slot, sa.BigInteger(), False)
        there = self.statement.those(place, self.statement.visible(above, place))
        is_it = there[above.binding.key] == key
        seen = exists(select(ONE).select_from(there.source()).where(is_it))
        closure = table_of(NodeClosure).alias(f"{place.aliases[place.own]}c")
        ours = row[target.key]
        below = select(closure.c.descendant_id).where(closure.c.ancestor_id == key)
        if self.form == "in":
            return both(seen, ours.in_(below))
        return both(seen, exists(below.where(closure.c.descendant_id == ours)))


def needed(shape: Sequence[Any]) -> list[str]:
    """The fields and conditions that must hold."""
    names: list[str] = []
    for name, inner in shape:
        if name == "and":
            for part in inner:
                names += needed(part)
        elif name not in ("or", "not"):
            names.append(name)
    return names
