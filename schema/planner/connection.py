"""Lists in pages: Relay connections as one subselect each.

The page selects keys and what it is sorted by, nothing else; objects are put together outside it,
for the rows of the page only. Row numbers are counted only where ``pageInfo`` asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from graphql import FieldNode, GraphQLObjectType
from sqlalchemy import ColumnElement, case, exists, func, literal_column, select

from core.errors import InvalidInput
from schema.planner.access import both, gate
from schema.planner.aggregate import stats_object
from schema.planner.binding import Connection
from schema.planner.elements import (
    NULL,
    Piece,
    as_text,
    cat,
    folded_together,
    joined,
    json_value,
    or_empty,
    text_literal,
)
from schema.planner.filters import ONE, WhereCompiler, WhereReader
from schema.planner.order import (
    OrderShape,
    SortKey,
    beyond,
    cursor,
    read_cursor,
    read_order,
    sort_keys,
    tag,
)
from schema.planner.registry import Bound, Catalogue, Page, Target
from schema.planner.row import BaseRow, Form, Row, form_of
from schema.planner.selection import Arguments
from schema.planner.statement import Statement, View

LARGEST_PAGE = 100
USUAL_PAGE = 50

ZERO: ColumnElement[int] = literal_column("0")

TOTAL_COST = 1
"""A count of all rows touches no objects; it is bounded by the statement's time."""


@dataclass(frozen=True)
class PageShape:
    """What of a connection's arguments decides the text of its statement.

    ``after`` and ``before`` are the null patterns of the cursors, with the number of the first
    parameter of each; the values of ``where`` come first.
    """

    size: int
    backward: bool
    order: OrderShape
    where: Any
    after: tuple[int, tuple[bool, ...]] | None
    before: tuple[int, tuple[bool, ...]] | None


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
        return Arguments(PageShape(size, backward, order, shape, *ends), tuple(values))

    return read


@dataclass(frozen=True)
class Listing:
    """The rows of a connection: all that are related, visible and pass the filter."""

    statement: Statement
    target: Target
    item: Connection | Page
    ours: Row | None
    shape: PageShape
    parameter: Callable[..., ColumnElement[Any]]

    @property
    def form(self) -> Form:
        return form_of(self.item, self.ours)

    def rows(self) -> tuple[BaseRow, ColumnElement[bool]]:
        """Fresh aliases of the listed rows, and the condition that makes them the listed ones."""
        link = self.item.link if isinstance(self.item, Connection) else None
        theirs = self.statement.row(self.target, link=link)
        theirs.form = self.form
        where = WhereCompiler(self.statement, self.parameter, self.form)
        condition = both(
            sa.true()
            if self.ours is None or isinstance(self.item, Page)
            else self.item.on(self.ours, theirs),
            where.all_of(self.target, self.shape.where, theirs),
            self.statement.visible(self.target, theirs, self.form),
            self.gate(theirs),
        )
        return theirs, condition

    def gate(self, row: BaseRow) -> ColumnElement[bool]:
        """A plugin's list of somebody else's objects leaves out those where it is off."""
        if not isinstance(self.item, Page) or not isinstance(self.target, Bound):
            return sa.true()
        plugin = self.statement.catalogue.root_gate(self.item.name)
        return gate(plugin if plugin != self.target.gate else None, self.target, row)

    def keys(self, row: Row) -> list[SortKey]:
        """What the list is sorted by, the key last, running the way the last of them runs."""
        keys = sort_keys(
            self.target, self.shape.order, row, self.statement.access, self.statement.language
        )
        falls = keys[-1].descending if keys else False
        return [*keys, SortKey(row[self.target.key], sa.BigInteger(), False, falls)]

    def beyond(
        self, end: tuple[int, tuple[bool, ...]], keys: Sequence[SortKey], *, before: bool
    ) -> ColumnElement[bool]:
        """Rows strictly after the cursor ``after``, or strictly before ``before``."""
        start, nulls = end
        values = [self.parameter(start + place, key.type) for place, key in enumerate(keys)]
        return beyond(keys, nulls, values, before=before)

    def count(self) -> ColumnElement[str]:
        """``totalCount``: of the whole list, wherever the page stands."""
        row, condition = self.rows()
        counted = select(func.count()).select_from(*row.source()).where(condition)
        return as_text(counted.scalar_subquery())

    def exists_outside(self, end: tuple[int, tuple[bool, ...]], *, before: bool) -> Any:
        """Whether rows lie on the far side of a cursor, its own row included."""
        row, condition = self.rows()
        inside = self.beyond(end, self.keys(row), before=before)
        # Not merely NOT: where a null makes the comparison unknown, the row is outside.
        outside = both(condition, case((inside, ZERO), else_=ONE) == ONE)
        return exists(select(ONE).select_from(*row.source()).where(outside))


class Items:
    """The rows of one page, with the texts that edges and nodes need of them.

    ``folded`` says that something was asked that makes one line of them all.
    """

    def __init__(self, listing: Listing, *, numbered: bool) -> None:
        self.listing = listing
        self.statement = listing.statement
        self.numbered = numbered
        self.folded = False
        self.size = listing.shape.size
        number = self.statement.number()
        self.page_name, self.name = f"p{number}", f"i{number}"
        row, condition = listing.rows()
        keys = listing.keys(row)
        for end, before in ((listing.shape.after, False), (listing.shape.before, True)):
            if end is not None:
                condition = both(condition, listing.beyond(end, keys, before=before))
        limit = self.size + 1 if numbered else self.size
        page = (
            select(*(key.sql.label(f"k{place}") for place, key in enumerate(keys)))
            .select_from(*row.source())
            .where(condition)
            .order_by(*(key.clause(backward=listing.shape.backward) for key in keys))
        )
        # An expression as LIMIT adds a bound OFFSET on SQLite, a parameter spoils PostgreSQL's
        # plan.
        self.page = page.suffix_with(f"LIMIT {limit}").subquery(self.page_name)
        self.keys = [
            replace(key, sql=literal_column(f"{self.page_name}.k{place}", key.sql.type))
            for place, key in enumerate(keys)
        ]
        self.source: Any = self.page
        self.columns: dict[str, ColumnElement[Any]] = {}

    def text(self, view: View) -> ColumnElement[str]:
        """The text of the row's object; ask once for each level."""
        same = view[self.listing.target.key] == self.keys[-1].sql
        self.source = self.source.join(view.cte(), same)
        return self.column(f"o{len(self.columns)}", view.text)

    def cursor(self) -> ColumnElement[str]:
        shape = self.listing.shape
        tagged = tag(self.listing.target, shape.order, self.statement.language)
        return self.column("c", cursor(tagged, self.keys[:-1], self.keys[-1].sql))

    def column(self, name: str, sql: ColumnElement[Any]) -> ColumnElement[Any]:
        self.columns[name] = sql
        return literal_column(f"{self.name}.{name}", sql.type)

    def subquery(self) -> Any:
        """All rows of the page in order; ask for it last."""
        ordered = [key.clause() for key in self.keys]
        columns = [sql.label(name) for name, sql in self.columns.items()]
        columns += [key.sql.label(f"k{place}") for place, key in enumerate(self.keys)]
        if self.numbered:
            backward = self.listing.shape.backward
            paged = [key.clause(backward=backward) for key in self.keys]
            columns.append(func.row_number().over(order_by=paged).label("n"))
            columns.append(func.count().over().label("m"))
        statement = select(*columns).select_from(self.source)
        if self.statement.dialect == "sqlite":
            statement = statement.order_by(*ordered)
        return statement.subquery(self.name)

    def listed(self, text: ColumnElement[str]) -> ColumnElement[str]:
        """All texts of the page with commas between them."""
        ordered = [
            replace(key, sql=literal_column(f"{self.name}.k{place}")).clause()
            for place, key in enumerate(self.keys)
        ]
        self.folded = True
        folded = folded_together(text, ordered, self.statement.dialect)
        if self.numbered:
            folded = folded.filter(self.place <= literal_column(str(self.size)))
        return or_empty(folded)

    @property
    def place(self) -> ColumnElement[int]:
        """The number of a row in the direction of paging, from 1."""
        return literal_column(f"{self.name}.n", sa.Integer())

    @property
    def fetched(self) -> ColumnElement[int]:
        """How many rows there are, at most one more than the page holds."""
        return literal_column(f"{self.name}.m", sa.Integer())

    def more(self) -> ColumnElement[bool]:
        """Whether the list goes on in the direction of paging."""
        self.folded = True
        return func.coalesce(func.max(self.place), ZERO) > literal_column(str(self.size))

    def end(self, *, opening: bool) -> ColumnElement[str]:
        """The cursor of the page's first or last row, as JSON."""
        self.folded = True
        of_cursor = literal_column(f"{self.name}.c", sa.Text())
        size: ColumnElement[int] = literal_column(str(self.size))
        nearest = self.place == ONE
        farthest = self.place == case((self.fetched > size, size), else_=self.fetched)
        wanted = nearest if opening is not self.listing.shape.backward else farthest
        found = func.max(of_cursor).filter(wanted)
        return func.coalesce(cat(['"', found, '"']), text_literal(NULL))


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
    # At the root, and below an object met once, a list may be as long as its table.
    statement.scans |= listing.form == "in"
    type_ = statement.field_type(parent, nodes[0].name.value)
    selected = statement.selector.collect(type_, nodes)
    names = {same[0].name.value for same in selected.values()}
    paged = bool(names & {"edges", "nodes", "pageInfo"})
    items = Items(listing, numbered="pageInfo" in names) if paged else None
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
                statement, target, statement.field_type(type_, name), listing.rows, same
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


def node_list(items: Items, nodes: Sequence[FieldNode]) -> tuple[Piece, int]:
    """``nodes``."""
    view, cost = items.statement.reference(items.listing.target, nodes)
    return cat(["[", items.listed(items.text(view)), "]"]), cost


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
            view, inner = items.statement.reference(items.listing.target, same)
            cost += inner - 1
            entries.append([f'"{key}":', items.text(view)])
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
