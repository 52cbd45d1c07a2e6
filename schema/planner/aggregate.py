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
from sqlalchemy import ColumnElement, Subquery, case, func, literal_column, select

from core.db.engine import Dialect
from schema.planner.access import both, is_false, is_true
from schema.planner.binding import Amount, Stats, Value
from schema.planner.elements import (
    Piece,
    as_text,
    cat,
    folded_together,
    in_order,
    joined,
    json_value,
    money_object,
    or_empty,
)
from schema.planner.filters import ONE, WhereCompiler, WhereReader
from schema.planner.order import by_code_point
from schema.planner.registry import Bound, Target, group_field
from schema.planner.row import BaseRow, Row, sql_of
from schema.planner.selection import Arguments
from schema.planner.statement import Statement

STATS_COST = 10
"""A statistic touches many rows and returns few; counted like a short list."""


@dataclass(frozen=True)
class Counted:
    """The rows counted, under fresh aliases, and the condition that makes them those."""

    row: BaseRow
    condition: ColumnElement[bool]

    def select(
        self, columns: Mapping[str, ColumnElement[Any]], *more: ColumnElement[bool]
    ) -> sa.Select[Any]:
        """The rows with these columns."""
        named = (sql.label(name) for name, sql in columns.items())
        return select(*named).select_from(*self.row.source()).where(both(self.condition, *more))


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
        theirs.form = "in" if item.large else "exists"
        where = WhereCompiler(statement, parameter, theirs.form)
        condition = both(
            item.on(ours, theirs),
            where.all_of(target, shape, theirs),
            statement.visible(target, theirs, theirs.form),
        )
        return Counted(theirs, condition)

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
            text = as_text(rows().select({"n": func.count()}).scalar_subquery())
        elif name in groups:
            group_type = statement.field_type(type_, name)
            text = grouped(statement, target, group_type, groups[name], rows, same)
        else:
            text = total(statement, target, type_, target.totals[name], rows, same)
        entries.append([f'"{key}":', text])
    return cat(["{", *joined(entries), "}"]), STATS_COST


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
    order = by_code_point(currency, sa.Text())
    name = f"s{statement.number()}"
    sums = in_order(lines.group_by(currency), [order], statement.dialect).subquery(name)
    selected = statement.selector.collect(statement.field_type(type_, item.name), nodes)
    money = money_object(selected, sums.c.s, sums.c.c)
    return listed(statement, money, [by_code_point(sums.c.c, sa.Text())], sums)


def grouped(
    statement: Statement,
    target: Target,
    type_: GraphQLObjectType,
    item: Value,
    rows: Rows,
    nodes: Sequence[FieldNode],
) -> ColumnElement[str]:
    """Counts and sums by a value, sorted by it, null last.

    Rows are counted per value and currency first, then the currencies of a value put together.
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
    by: list[ColumnElement[Any]] = [literal_column("1")]
    if totals:
        columns["c"] = sql_of(next(iter(totals.values()))[0].currency, counted.row)
        by.append(literal_column("3"))
    for place, (amount, _) in enumerate(totals.values()):
        columns[f"s{place}"] = summed(statement, target, amount, counted.row)
    lines: Any = counted.select(columns).group_by(*by).subquery(f"g{number}")
    if totals:
        texts = {
            f"m{place}": money_text(statement, type_, amount, same, lines, f"s{place}")
            for place, (amount, same) in enumerate(totals.values())
        }
        lines = currencies_together(statement.dialect, lines, texts, f"w{number}")
    if statement.dialect == "sqlite":
        # One query around it and no more, for the parser's stack ends soon: which lines, in order.
        order = by_code_point(lines.c.g, item.type).asc().nulls_last()
        kept = select(*lines.c).order_by(order)
        lines = (kept.where(lines.c.r == ONE) if totals else kept).subquery(f"d{number}")
    entries: list[list[Piece]] = []
    places = {key: place for place, key in enumerate(totals)}
    for key, same in selected.items():
        name = same[0].name.value
        if key in places:
            text: Piece = cat(["[", or_empty(lines.c[f"m{places[key]}"]), "]"])
        elif name == "count":
            text = as_text(lines.c.n)
        elif name == "__typename":
            text = f'"{type_.name}"'
        else:
            text = json_value(lines.c.g, item.type, nullable=True)
        entries.append([f'"{key}":', text])
    line = cat(["{", *joined(entries), "}"])
    sorting = by_code_point(lines.c.g, item.type).asc().nulls_last()
    return listed(statement, line, [sorting], lines)


def money_text(
    statement: Statement,
    type_: GraphQLObjectType,
    amount: Amount,
    nodes: Sequence[FieldNode],
    sums: Any,
    column: str,
) -> Any:
    """The sums in a column with commas between them, in the order of their currencies."""
    selected = statement.selector.collect(statement.field_type(type_, amount.name), nodes)
    minor = sums.c[column]
    money = money_object(selected, minor, sums.c.c)
    by_currency = by_code_point(sums.c.c, sa.Text())
    return folded_together(money, [by_currency], statement.dialect).filter(minor.is_not(None))


def currencies_together(
    dialect: Dialect, sums: Any, texts: Mapping[str, Any], name: str
) -> Subquery:
    """One line per value ``g`` of ``sums``, which have one per currency ``c`` too.

    A grouped list of texts has no order of its own on SQLite; over a window it has. There the
    lines are still one per currency, alike but for their number ``r``, of which the first counts.
    """
    count = func.sum(sums.c.n)
    if dialect == "postgresql":
        columns = [text.label(column) for column, text in texts.items()]
        each = select(sums.c.g, count.label("n"), *columns).group_by(sums.c.g)
        return each.subquery(name)
    number = func.row_number().over(partition_by=sums.c.g, order_by=sums.c.c)
    windows = [
        text.over(
            partition_by=sums.c.g, order_by=by_code_point(sums.c.c, sa.Text()), rows=(None, None)
        ).label(column)
        for column, text in texts.items()
    ]
    n = count.over(partition_by=sums.c.g).label("n")
    return select(sums.c.g, n, number.label("r"), *windows).subquery(name)


def listed(
    statement: Statement, text: ColumnElement[str], order: Sequence[ColumnElement[Any]], lines: Any
) -> ColumnElement[str]:
    """The text of every line in a JSON list, in order."""
    folded = or_empty(folded_together(text, order, statement.dialect))
    return select(cat(["[", folded, "]"])).select_from(lines).scalar_subquery()


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
