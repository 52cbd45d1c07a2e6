"""The rows of a list: which they are, in what order, and one page of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import sqlalchemy as sa
from graphql import FieldNode
from sqlalchemy import ColumnElement, case, exists, func, literal_column, select

from schema.planner.access import both
from schema.planner.aggregate import Counted
from schema.planner.binding import Connection
from schema.planner.elements import (
    NULL,
    Coalesce,
    as_text,
    cat,
    folded_together,
    in_order,
    or_empty,
    text_literal,
)
from schema.planner.filters import ONE, WhereCompiler
from schema.planner.order import OrderShape, SortKey, beyond, cursor, sort_keys, tag
from schema.planner.registry import Bound, Page, Target
from schema.planner.row import BaseRow, Form, Row, form_of
from schema.planner.statement import Statement

INLINE_LISTS = 3
"""Lists inside each other in objects made in their page; each nests the statement deeper."""

ZERO: ColumnElement[int] = literal_column("0")


class PageShape(NamedTuple):
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

    @property
    def form_of_all(self) -> Form:
        """The same where every row of the list is met, whatever the list belongs to."""
        large = isinstance(self.item, Connection) and self.item.large
        return "in" if large else self.form

    def may_be_inline(self, row: BaseRow) -> bool:
        """Whether the objects may be made where their rows are sorted.

        Not where a long list would have to bring along a table it is not filtered by; where its
        own holds most of that, the rest is looked up for the rows of the page.
        """
        if self.ours is None or not isinstance(self.item, Connection):
            return False
        if self.statement.dialect != "postgresql" or not isinstance(self.target, Bound):
            return False
        brought = row.joined is None or row.joined in row.used
        return not self.item.large or brought or bool(row.copies)

    def rows(self, form: Form | None = None) -> tuple[BaseRow, ColumnElement[bool]]:
        """Fresh aliases of the listed rows, and the condition that makes them the listed ones.

        Predicates are spelled in the list's own form unless there is another.
        """
        form = form or self.form
        link = self.item.link if isinstance(self.item, Connection) else None
        theirs = self.statement.row(self.target, link=link)
        theirs.form = form
        where = WhereCompiler(self.statement, self.parameter, form)
        condition = both(
            sa.true()
            if self.ours is None or isinstance(self.item, Page)
            else self.item.on(self.ours, theirs),
            where.all_of(self.target, self.shape.where, theirs),
            self.statement.visible(self.target, theirs, form),
            self.gate(theirs),
        )
        return theirs, condition

    def gate(self, row: BaseRow) -> ColumnElement[bool]:
        """A plugin's list of somebody else's objects leaves out those where it is off."""
        if not isinstance(self.item, Page) or not isinstance(self.target, Bound):
            return sa.true()
        plugin = self.statement.catalogue.root_gate(self.item.name)
        other = plugin if plugin != self.target.gate else None
        return self.statement.access.gate(other, self.target, row)

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

    def counted(self) -> Counted:
        """What statistics of the whole list count."""
        return Counted(*self.rows(self.form_of_all))

    def count(self) -> ColumnElement[str]:
        """``totalCount``: of the whole list, wherever the page stands."""
        row, condition = self.rows(self.form_of_all)
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

    The page selects keys and what it is sorted by, nothing else; objects are put together outside
    it, for the rows of the page only. PostgreSQL makes those that hang from another object in the
    page itself, which reads every row once instead of twice: it works out long texts after
    sorting and only for the rows kept. SQLite does not.

    ``below`` is how many lists lie inside each other in one of the objects.

    ``folded`` says that something was asked that makes one line of them all.
    """

    def __init__(self, listing: Listing, *, numbered: bool, below: int) -> None:
        self.listing = listing
        self.statement = listing.statement
        self.numbered = numbered
        self.folded = False
        self.size = listing.shape.size
        number = self.statement.number()
        self.page_name, self.name = f"p{number}", f"i{number}"
        self.row, self.condition = listing.rows()
        self.sorted = listing.keys(self.row)
        for end, before in ((listing.shape.after, False), (listing.shape.before, True)):
            if end is not None:
                beyond = listing.beyond(end, self.sorted, before=before)
                self.condition = both(self.condition, beyond)
        self.inline = below <= INLINE_LISTS and not numbered and listing.may_be_inline(self.row)
        self.row.form = "exists"
        # Looking up comes after sorting, and only for the rows kept; a join comes before.
        self.row.apart = (
            self.inline and bool(self.row.copies) and self.row.joined not in self.row.used
        )
        self.keys = self.sorted if self.inline else self.keys_of(self.page_name, self.sorted)
        self.objects: list[tuple[Any, ColumnElement[bool]]] = []
        self.columns: dict[str, ColumnElement[Any]] = {}

    def keys_of(self, name: str, keys: Sequence[SortKey]) -> list[SortKey]:
        """What a subquery of this name brings along to sort by."""
        return [
            replace(key, sql=literal_column(f"{name}.k{place}", key.sql.type))
            for place, key in enumerate(keys)
        ]

    def page(self, columns: Sequence[ColumnElement[Any]] = ()) -> Any:
        """The rows of the page: what they are sorted by, and ``columns``."""
        limit = self.size + 1 if self.numbered else self.size
        keys = [key.sql.label(f"k{place}") for place, key in enumerate(self.sorted)]
        page = (
            select(*columns, *keys)
            .select_from(*self.row.source())
            .where(self.condition)
            .order_by(*(key.clause(backward=self.listing.shape.backward) for key in self.sorted))
        )
        # An expression as LIMIT adds a bound OFFSET on SQLite, a parameter spoils PostgreSQL's
        # plan.
        return page.suffix_with(f"LIMIT {limit}")

    def object(self, nodes: Sequence[FieldNode]) -> tuple[ColumnElement[str], int]:
        """The text of the row's object, and its cost."""
        statement, target = self.statement, self.listing.target
        name = f"o{len(self.columns)}"
        if self.inline:
            text, cost = statement.inline(target, self.row, nodes)
            return self.column(name, text), cost
        view, cost = statement.reference(target, nodes)
        same = view[target.key] == self.keys[-1].sql
        self.objects.append((view.source(), same))
        return self.column(name, view.text), cost

    def cursor(self) -> ColumnElement[str]:
        shape = self.listing.shape
        tagged = tag(self.listing.target, shape.order, self.statement.language)
        return self.column("c", cursor(tagged, self.keys[:-1], self.keys[-1].sql))

    def column(self, name: str, sql: ColumnElement[Any]) -> ColumnElement[Any]:
        self.columns[name] = sql
        return literal_column(f"{self.name}.{name}", sql.type)

    def subquery(self) -> Any:
        """All rows of the page in order; ask for it last."""
        columns = [sql.label(name) for name, sql in self.columns.items()]
        if self.inline:
            return self.page(columns).subquery(self.name)
        columns += [key.sql.label(f"k{place}") for place, key in enumerate(self.keys)]
        if self.numbered:
            backward = self.listing.shape.backward
            paged = [key.clause(backward=backward) for key in self.keys]
            columns.append(func.row_number().over(order_by=paged).label("n"))
            columns.append(func.count().over().label("m"))
        source: Any = self.page().subquery(self.page_name)
        for level, same in self.objects:
            source = source.join(level, same)
        statement = select(*columns).select_from(source)
        order = [key.clause() for key in self.keys]
        return in_order(statement, order, self.statement.dialect).subquery(self.name)

    def listed(self, text: ColumnElement[str]) -> ColumnElement[str]:
        """All texts of the page with commas between them."""
        ordered = [key.clause() for key in self.keys_of(self.name, self.sorted)]
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
        return Coalesce(cat(['"', found, '"']), text_literal(NULL))
