"""Statistics: counts, and sums of money by currency, of the rows a reader sees.

Sums count only rows that the reader may read at the level of the amount, where its plugin is on;
groups by a value the reader may not read, or of a plugin that is off, fall under null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
)
from schema.planner.filters import ONE, WhereCompiler, WhereReader
from schema.planner.order import by_code_point
from schema.planner.registry import Bound, Target, group_field
from schema.planner.row import BaseRow, Row, form_of, sql_of
from schema.planner.selection import Arguments
from schema.planner.statement import Statement

STATS_COST = 10
"""A statistic touches many rows and returns few; counted like a short list."""

Rows = Callable[[], tuple[BaseRow, ColumnElement[bool]]]
"""Fresh aliases of the rows counted, and the condition that makes them the counted ones."""


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
        return Arguments(shape, tuple(where.values))

    shape, parameter = statement.arguments(parent, nodes[0], read)

    def rows() -> tuple[BaseRow, ColumnElement[bool]]:
        theirs = statement.row(target, link=item.link)
        theirs.form = form_of(item, ours)
        where = WhereCompiler(statement, parameter, theirs.form)
        condition = both(
            item.on(ours, theirs),
            where.all_of(target, shape, theirs),
            statement.visible(target, theirs, theirs.form),
        )
        return theirs, condition

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
            row, condition = rows()
            counted = select(func.count()).select_from(*row.source()).where(condition)
            text = as_text(counted.scalar_subquery())
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
    row, condition = rows()
    minor, currency = sql_of(item.minor, row), sql_of(item.currency, row)
    condition = both(condition, minor.is_not(None), readable(statement, target, item, row))
    sums = (
        select(currency.label("c"), func.sum(minor).label("s"))
        .select_from(*row.source())
        .where(condition)
        .group_by(currency)
        .order_by(by_code_point(currency, sa.Text()))
        .subquery(f"s{statement.number()}")
    )
    selected = statement.selector.collect(statement.field_type(type_, item.name), nodes)
    money = money_object(selected, sums.c.s, sums.c.c)
    listed = folded_together(money, [by_code_point(sums.c.c, sa.Text())], statement.dialect)
    return select(cat(["[", or_empty(listed), "]"])).select_from(sums).scalar_subquery()


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
    row, condition = rows()
    value = masked(statement, target, item, row)
    columns: dict[str, ColumnElement[Any]] = {"g": value, "n": func.count()}
    by: list[ColumnElement[Any]] = [value]
    if totals:
        currency = sql_of(next(iter(totals.values()))[0].currency, row)
        columns["c"] = currency
        by.append(currency)
    for place, (amount, _) in enumerate(totals.values()):
        summed: Any = func.sum(sql_of(amount.minor, row))
        may = readable(statement, target, amount, row)
        if is_false(may):
            summed = summed.filter(sa.false())
        elif not is_true(may):
            summed = summed.filter(may)
        columns[f"s{place}"] = summed
    counted = (
        select(*(sql.label(name) for name, sql in columns.items()))
        .select_from(*row.source())
        .where(condition)
        .group_by(*(literal_column(str(place)) for place in positions(columns, by)))
        .subquery(f"g{number}")
    )
    one_line: list[ColumnElement[Any]] = [
        counted.c.g.label("g"),
        func.sum(counted.c.n).over(partition_by=counted.c.g).label("n"),
        func.row_number()
        .over(partition_by=counted.c.g, order_by=counted.c.c if totals else counted.c.n)
        .label("r"),
    ]
    for place, (amount, same) in enumerate(totals.values()):
        money_type = statement.field_type(type_, amount.name)
        sums = counted.c[f"s{place}"]
        money = money_object(statement.selector.collect(money_type, same), sums, counted.c.c)
        joined_text = folded_together(money, [], statement.dialect).filter(sums.is_not(None))
        whole = joined_text.over(
            partition_by=counted.c.g,
            order_by=by_code_point(counted.c.c, sa.Text()),
            rows=(None, None),
        )
        one_line.append(whole.label(f"m{place}"))
    lines = select(*one_line).select_from(counted).subquery(f"w{number}")
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
    return select(cat(["[", or_empty(listed), "]"])).select_from(chosen).scalar_subquery()


def positions(columns: Mapping[str, Any], by: Sequence[ColumnElement[Any]]) -> list[int]:
    """Places of the grouping columns in the select list, from 1."""
    return [place for place, sql in enumerate(columns.values(), 1) if any(sql is b for b in by)]


def readable(
    statement: Statement, target: Target, item: Amount | Value, row: Row
) -> ColumnElement[bool]:
    if not isinstance(target, Bound):
        return sa.true()
    return statement.access.open(target, item.name, item.level, row)


def masked(statement: Statement, target: Target, item: Value, row: Row) -> ColumnElement[Any]:
    """The value to count by; null where the reader may not read it."""
    value = sql_of(item.source, row)
    may = readable(statement, target, item, row)
    return value if is_true(may) else case((may, value))
