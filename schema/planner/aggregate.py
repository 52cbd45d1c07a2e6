"""Statistics: counts, and sums of money by currency, of the rows a reader sees.

Sums count only rows that the reader may read at the level of the amount, where its plugin is on;
groups by a value the reader may not read, or of a plugin that is off, fall under null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from graphql import FieldNode, GraphQLObjectType
from sqlalchemy import ColumnElement, case, func, literal_column, select

from schema.planner.access import both, is_false, is_true
from schema.planner.binding import Amount, Stats, Value
from schema.planner.elements import (
    Piece,
    as_text,
    cat,
    folded_together,
    joined,
    json_value,
    money_object,
    or_empty,
    text_literal,
)
from schema.planner.filters import ONE, WhereCompiler, WhereReader
from schema.planner.order import by_code_point
from schema.planner.registry import Bound, Target, group_field
from schema.planner.row import Attribute, BaseRow, Row, form_of, sql_of
from schema.planner.selection import Arguments
from schema.planner.statement import Statement

STATS_COST = 10
"""A statistic touches many rows and returns few; counted like a short list."""


@dataclass(frozen=True)
class Owner:
    """The objects of a page, whose statistics are worked out together, once for all of them.

    That is one pass over the projects of a hundred programs instead of a hundred. ``key`` is the
    object that asks, ``counting`` the one a row is counted for, read from ``source`` beside it.
    """

    key: ColumnElement[int]
    counting: ColumnElement[int]
    source: Sequence[Any]


@dataclass(frozen=True)
class Counted:
    """The rows counted, under fresh aliases, and the condition that makes them those."""

    row: BaseRow
    condition: ColumnElement[bool]
    owner: Owner | None = None

    def select(
        self, columns: Mapping[str, ColumnElement[Any]], *more: ColumnElement[bool]
    ) -> sa.Select[Any]:
        """The rows with these columns, and ``k``, whom they are counted for."""
        chosen = [sql.label(name) for name, sql in columns.items()]
        around: Sequence[Any] = ()
        if self.owner is not None:
            chosen.append(self.owner.counting.label("k"))
            around = self.owner.source
        source = [*around, *self.row.source()]
        return select(*chosen).select_from(*source).where(both(self.condition, *more))

    def keys(self, source: Any) -> list[ColumnElement[Any]]:
        """``k`` of rows selected so; nothing where they are counted for one object."""
        return [] if self.owner is None else [source.c.k]

    def text(
        self, statement: Statement, text: ColumnElement[str], source: Any, empty: str
    ) -> ColumnElement[str]:
        """A text made of all rows of ``source``, ``empty`` where nobody has any."""
        if self.owner is None:
            return select(text).select_from(source).scalar_subquery()
        name = f"b{statement.number()}"
        each = select(source.c.k, text.label("o")).select_from(source).group_by(source.c.k)
        level = statement.level(name, each)
        found = select(literal_column(f"{name}.o", sa.Text())).select_from(level)
        mine = found.where(literal_column(f"{name}.k") == self.owner.key).scalar_subquery()
        return func.coalesce(mine, text_literal(empty))


class PageRow:
    """An object of a page, whose key the page knows; its table is read for more than that."""

    def __init__(self, row: BaseRow, key: Attribute, known: ColumnElement[int]) -> None:
        self.row, self.key, self.known = row, key, known

    def __getitem__(self, attribute: Attribute) -> ColumnElement[Any]:
        return self.known if attribute is self.key else self.row[attribute]

    def condition(self) -> ColumnElement[bool]:
        """What makes the row of the table that of the page, once all columns are named."""
        return self.row[self.key] == self.known if self.row.used else sa.true()

    def source(self) -> Sequence[Any]:
        return self.row.source() if self.row.used else ()


Rows = Callable[[], Counted]


def compile_stats(
    statement: Statement,
    item: Stats,
    parent: GraphQLObjectType,
    ours: Row,
    nodes: Sequence[FieldNode],
) -> tuple[Piece, int]:
    """A field of statistics over related objects, with a filter."""
    target = statement.catalogue.target(item.to)

    def read(arguments: dict[str, Any]) -> Arguments:
        where = WhereReader(statement.catalogue)
        shape = where.read(target, arguments.get("where") or {})
        return shape, tuple(where.values)

    shape, parameter = statement.arguments(parent, nodes[0], read)

    def rows() -> Counted:
        theirs = statement.row(target, link=item.link)
        together = isinstance(ours, BaseRow) and ours.among is not None
        theirs.form = "in" if together else form_of(item, ours)
        where = WhereCompiler(statement, parameter, theirs.form)
        condition = both(
            where.all_of(target, shape, theirs),
            statement.visible(target, theirs, theirs.form),
        )
        if not isinstance(ours, BaseRow) or ours.among is None:
            return Counted(theirs, both(item.on(ours, theirs), condition))
        page, key = ours.among()
        noun = statement.catalogue.nouns[parent.name]
        mine = PageRow(statement.row(noun), noun.key, key)
        condition = both(item.on(mine, theirs), mine.condition(), condition)
        return Counted(theirs, condition, Owner(ours[noun.key], key, [page, *mine.source()]))

    type_ = statement.field_type(parent, nodes[0].name.value)
    return stats_object(statement, target, type_, rows, nodes)


def stats_object(
    statement: Statement,
    target: Target,
    type_: GraphQLObjectType,
    rows: Rows,
    nodes: Sequence[FieldNode],
) -> tuple[Piece, int]:
    """The text of statistics over ``rows``."""
    statement.scans = True
    groups = {group_field(name): item for name, item in target.groups.items()}
    entries: list[list[Piece]] = []
    for key, same in statement.selector.collect(type_, nodes).items():
        name = same[0].name.value
        if name == "__typename":
            text: Piece = f'"{type_.name}"'
        elif name == "count":
            text = how_many(statement, rows())
        elif name in groups:
            group_type = statement.field_type(type_, name)
            text = grouped(statement, target, group_type, groups[name], rows, same)
        else:
            text = total(statement, target, type_, target.totals[name], rows, same)
        entries.append([f'"{key}":', text])
    return cat(["{", *joined(entries), "}"]), STATS_COST


def how_many(statement: Statement, counted: Counted) -> ColumnElement[str]:
    """The number of rows."""
    if counted.owner is None:
        return as_text(counted.select({"n": func.count()}).scalar_subquery())
    each = counted.select({}).subquery(f"s{statement.number()}")
    return counted.text(statement, as_text(func.count()), each, "0")


def total(
    statement: Statement,
    target: Target,
    type_: GraphQLObjectType,
    item: Amount,
    rows: Rows,
    nodes: Sequence[FieldNode],
) -> ColumnElement[str]:
    """The sums of an amount, one per currency."""
    counted = rows()
    minor, currency = sql_of(item.minor, counted.row), sql_of(item.currency, counted.row)
    may = readable(statement, target, item, counted.row)
    lines = counted.select({"c": currency, "s": func.sum(minor)}, minor.is_not(None), may)
    by = [currency, *([] if counted.owner is None else [counted.owner.counting])]
    sums = (
        lines.group_by(*by)
        .order_by(by_code_point(currency, sa.Text()))
        .subquery(f"s{statement.number()}")
    )
    selected = statement.selector.collect(statement.field_type(type_, item.name), nodes)
    money = money_object(selected, sums.c.s, sums.c.c)
    listed = folded_together(money, [by_code_point(sums.c.c, sa.Text())], statement.dialect)
    return counted.text(statement, cat(["[", or_empty(listed), "]"]), sums, "[]")


def grouped(
    statement: Statement,
    target: Target,
    type_: GraphQLObjectType,
    item: Value,
    rows: Rows,
    nodes: Sequence[FieldNode],
) -> ColumnElement[str]:
    """Counts and sums by a value, sorted by it, null last.

    Rows are counted per value and currency first; a window then puts the currencies of one value
    together, because a grouped list of texts has no order of its own on SQLite.
    """
    selected = statement.selector.collect(type_, nodes)
    totals = {
        key: (target.totals[name], same)
        for key, same in selected.items()
        if (name := same[0].name.value) in target.totals
    }
    number = statement.number()
    counted = rows()
    columns: dict[str, ColumnElement[Any]] = {
        "g": masked(statement, target, item, counted.row),
        "n": func.count(),
    }
    by = [1]
    if totals:
        columns["c"] = sql_of(next(iter(totals.values()))[0].currency, counted.row)
        by.append(3)
    for place, (amount, _) in enumerate(totals.values()):
        columns[f"s{place}"] = summed(statement, target, amount, counted.row)
    if counted.owner is not None:
        by.append(len(columns) + 1)
    sums = (
        counted.select(columns)
        .group_by(*(literal_column(str(place)) for place in by))
        .subquery(f"g{number}")
    )
    part = [sums.c.g, *counted.keys(sums)]
    one_line: list[ColumnElement[Any]] = [
        *part,
        func.sum(sums.c.n).over(partition_by=part).label("n"),
        func.row_number()
        .over(partition_by=part, order_by=sums.c.c if totals else sums.c.n)
        .label("r"),
    ]
    for place, (amount, same) in enumerate(totals.values()):
        money_type = statement.field_type(type_, amount.name)
        minor = sums.c[f"s{place}"]
        money = money_object(statement.selector.collect(money_type, same), minor, sums.c.c)
        joined_text = folded_together(money, [], statement.dialect).filter(minor.is_not(None))
        whole = joined_text.over(
            partition_by=part,
            order_by=by_code_point(sums.c.c, sa.Text()),
            rows=(None, None),
        )
        one_line.append(whole.label(f"m{place}"))
    lines = select(*one_line).select_from(sums).subquery(f"w{number}")
    values = by_code_point(lines.c.g, item.type)
    chosen = (
        select(*lines.c)
        .where(lines.c.r == ONE)
        .order_by(values.asc().nulls_last())
        .subquery(f"d{number}")
    )
    entries: list[list[Piece]] = []
    places = {key: place for place, key in enumerate(totals)}
    for key, same in selected.items():
        name = same[0].name.value
        if key in places:
            text: Piece = cat(["[", or_empty(chosen.c[f"m{places[key]}"]), "]"])
        elif name == "count":
            text = as_text(chosen.c.n)
        elif name == "__typename":
            text = f'"{type_.name}"'
        else:
            text = json_value(chosen.c.g, item.type, nullable=True)
        entries.append([f'"{key}":', text])
    line = cat(["{", *joined(entries), "}"])
    sorting = by_code_point(chosen.c.g, item.type).asc().nulls_last()
    listed = folded_together(line, [sorting], statement.dialect)
    return counted.text(statement, cat(["[", or_empty(listed), "]"]), chosen, "[]")


def summed(
    statement: Statement, target: Target, amount: Amount, row: BaseRow
) -> ColumnElement[Any]:
    """The sum of an amount over the rows where the reader may read it."""
    minor: Any = func.sum(statement.access.sql(amount.minor, row))
    may = readable(statement, target, amount, row)
    if not is_true(may):
        minor = minor.filter(sa.false() if is_false(may) else may)
    shown: ColumnElement[Any] = minor
    return shown


def readable(
    statement: Statement, target: Target, item: Amount | Value, row: Row
) -> ColumnElement[bool]:
    if not isinstance(target, Bound):
        return sa.true()
    return statement.access.open(target, item.name, item.level, row)


def masked(statement: Statement, target: Target, item: Value, row: Row) -> ColumnElement[Any]:
    """The value to count by; null where the reader may not read it."""
    value = statement.access.sql(item.source, row)
    may = readable(statement, target, item, row)
    return value if is_true(may) else case((may, value))
