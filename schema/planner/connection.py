"""Lists in pages: Relay connections as one subselect each.

Row numbers are counted only where ``pageInfo`` asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from graphql import FieldNode, GraphQLObjectType
from sqlalchemy import ColumnElement, select

from core.errors import InvalidInput
from schema.planner.aggregate import stats_object
from schema.planner.binding import Connection
from schema.planner.elements import Piece, cat, joined, json_value
from schema.planner.filters import WhereReader
from schema.planner.order import read_cursor, read_order
from schema.planner.page import Items, Listing, PageShape
from schema.planner.registry import Bound, Catalogue, Page, Target
from schema.planner.row import Row
from schema.planner.selection import Arguments
from schema.planner.statement import Statement

LARGEST_PAGE = 100
USUAL_PAGE = 50

TOTAL_COST = 1
"""A count of all rows touches no objects; it is bounded by the statement's time."""


def page_size(arguments: Mapping[str, Any]) -> tuple[int, bool]:
    """How many, and whether from the end.

    Raises :class:`~core.errors.InvalidInput` ``BAD_PAGE_SIZE`` outside 1 to 100 or for both ends
    at once.
    """
    first, last = arguments.get("first"), arguments.get("last")
    if first is not None and last is not None:
        raise InvalidInput("BAD_PAGE_SIZE", field="last", largest=LARGEST_PAGE)
    size = last if last is not None else first if first is not None else USUAL_PAGE
    if not 1 <= size <= LARGEST_PAGE:
        field = "first" if last is None else "last"
        raise InvalidInput("BAD_PAGE_SIZE", field=field, largest=LARGEST_PAGE)
    return size, last is not None


def page_reader(
    catalogue: Catalogue, target: Target, language: str
) -> Callable[[dict[str, Any]], Arguments]:
    """Reads the arguments of a connection over ``target``."""

    def read(arguments: dict[str, Any]) -> Arguments:
        size, backward = page_size(arguments)
        where = WhereReader(catalogue)
        shape = where.read(target, arguments.get("where") or {})
        order = read_order(target, arguments.get("orderBy"))
        values = list(where.values)
        ends: list[tuple[int, tuple[bool, ...]] | None] = []
        for name in ("after", "before"):
            text = arguments.get(name)
            if text is None:
                ends.append(None)
                continue
            stands_at = read_cursor(text, target, order, language, field=name)
            ends.append((len(values), tuple(value is None for value in stands_at)))
            values.extend(stands_at)
        return PageShape(size, backward, order, shape, *ends), tuple(values)

    return read


def compile_connection(
    statement: Statement,
    item: Connection | Page,
    parent: GraphQLObjectType,
    ours: Row | None,
    nodes: Sequence[FieldNode],
) -> tuple[Piece, int]:
    """The text of a connection, and its cost."""
    target = statement.catalogue.target(item.to)
    read = page_reader(statement.catalogue, target, statement.language)
    shape, parameter = statement.arguments(parent, nodes[0], read)
    listing = Listing(statement, target, item, ours, shape, parameter)
    # At the root, and where a list is declared so, it may be as long as its table.
    statement.scans |= ours is None or (isinstance(item, Connection) and item.large)
    type_ = statement.field_type(parent, nodes[0].name.value)
    selected = statement.selector.collect(type_, nodes)
    names = {same[0].name.value for same in selected.values()}
    paged = bool(names & {"edges", "nodes", "pageInfo"})
    items = None
    if paged:
        objects = objects_of(statement, selected, type_)
        below = max((lists_below(statement, target, each) for each in objects), default=0)
        items = Items(listing, numbered="pageInfo" in names, below=below)
    cost = 0
    entries: list[list[Piece]] = []
    for key, same in selected.items():
        name = same[0].name.value
        if name == "__typename":
            text: Piece = f'"{type_.name}"'
        elif name == "totalCount":
            text = listing.count()
            cost += TOTAL_COST
        elif name == "stats":
            text, inner = stats_object(
                statement, target, statement.field_type(type_, name), listing.counted, same
            )
            cost += inner
        elif items is None:
            raise LookupError(name)
        elif name == "pageInfo":
            text = page_info(statement, statement.field_type(type_, name), items, same)
        else:
            text, inner = (
                node_list(items, same)
                if name == "nodes"
                else edge_list(items, statement.field_type(type_, name), same)
            )
            cost += shape.size * inner
        entries.append([f'"{key}":', text])
    whole = cat(["{", *joined(entries), "}"])
    if items is None:
        return whole, cost
    if not items.folded:
        # Nothing asked of the page itself: without an aggregate an empty page would be no line.
        return whole, max(cost, 1)
    return select(whole).select_from(items.subquery()).scalar_subquery(), max(cost, 1)


def objects_of(
    statement: Statement, selected: Mapping[str, Sequence[FieldNode]], type_: GraphQLObjectType
) -> Iterator[Sequence[FieldNode]]:
    """Every selection of the objects of a list."""
    for same in selected.values():
        name = same[0].name.value
        if name == "nodes":
            yield same
        elif name == "edges":
            edge = statement.field_type(type_, name)
            for inner in statement.selector.collect(edge, same).values():
                if inner[0].name.value == "node":
                    yield inner


def lists_below(statement: Statement, target: Target, nodes: Sequence[FieldNode]) -> int:
    """How many lists lie inside each other in an object."""
    if not isinstance(target, Bound):
        return 0
    type_ = statement.type(target.name)
    deepest = 0
    for same in statement.selector.collect(type_, nodes).values():
        item = target.fields.get(same[0].name.value)
        if isinstance(item, Connection):
            inner_type = statement.field_type(type_, item.name)
            selected = statement.selector.collect(inner_type, same)
            inner_target = statement.catalogue.target(item.to)
            for objects in objects_of(statement, selected, inner_type):
                deepest = max(deepest, 1 + lists_below(statement, inner_target, objects))
    return deepest


def node_list(items: Items, nodes: Sequence[FieldNode]) -> tuple[Piece, int]:
    """``nodes``."""
    text, cost = items.object(nodes)
    return cat(["[", items.listed(text), "]"]), cost


def edge_list(
    items: Items, type_: GraphQLObjectType, nodes: Sequence[FieldNode]
) -> tuple[Piece, int]:
    """``edges``."""
    cost = 1
    entries: list[list[Piece]] = []
    for key, same in items.statement.selector.collect(type_, nodes).items():
        name = same[0].name.value
        if name == "__typename":
            entries.append([f'"{key}":"{type_.name}"'])
        elif name == "cursor":
            entries.append([f'"{key}":"', items.cursor(), '"'])
        else:
            text, inner = items.object(same)
            cost += inner - 1
            entries.append([f'"{key}":', text])
    edge = cat(["{", *joined(entries), "}"])
    return cat(["[", items.listed(edge), "]"]), cost


def page_info(
    statement: Statement,
    type_: GraphQLObjectType,
    items: Items,
    nodes: Sequence[FieldNode],
) -> ColumnElement[str]:
    """``pageInfo``: whether there is more on either side, and the cursors to go on from."""
    shape = items.listing.shape
    entries: list[list[Piece]] = []
    for key, same in statement.selector.collect(type_, nodes).items():
        name = same[0].name.value
        if name == "__typename":
            text: Piece = '"PageInfo"'
        elif name in ("startCursor", "endCursor"):
            items.cursor()
            text = items.end(opening=name == "startCursor")
        else:
            forward = name == "hasNextPage"
            sides: list[ColumnElement[bool]] = []
            if forward is not shape.backward:
                sides.append(items.more())
            edge = shape.before if forward else shape.after
            if edge is not None:
                sides.append(items.listing.exists_outside(edge, before=forward))
            truth = sa.or_(*sides) if sides else sa.false()
            text = json_value(truth, sa.Boolean(), nullable=False) if sides else "false"
        entries.append([f'"{key}":', text])
    return cat(["{", *joined(entries), "}"])
