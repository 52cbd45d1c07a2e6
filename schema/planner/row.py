"""The tables one object is read from, and how their columns are written in a statement.

Columns are written as text (``t3.name_kk``) with their type, never as columns of a FROM: every
alias has a name of its own, so a subquery reaches any level around it without correlation, which
SQLAlchemy would work out for one level only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from sqlalchemy import ColumnElement, FromClause, Table, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import IdentifierPreparer

from core.tree.copied import copies_in, kind_of

Attribute = InstrumentedAttribute[Any]
Model = type[Any]


Form = Literal["exists", "in"]
"""How a predicate is spelled: ``in`` for long lists that are met once, or of which every row is
counted, else ``exists``.

SQLite rebuilds an uncorrelated IN wherever it stands (1 216 µs against 24 for an object by id), so
it pays from some fifty rows on.
"""


class Row(Protocol):
    """Something whose columns an expression may name: ``row[Project.number]``."""

    def __getitem__(self, attribute: Attribute) -> ColumnElement[Any]:
        """The column, as this statement writes it."""


def column_of(attribute: Attribute) -> Any:
    """The table column behind a mapped attribute."""
    return attribute.property.columns[0]


def sql_of(source: Any, row: Row) -> ColumnElement[Any]:
    """A column of ``row``, or an expression over it."""
    sql: ColumnElement[Any] = (
        row[source] if isinstance(source, InstrumentedAttribute) else source(row)
    )
    return sql


def table_of(model: Model) -> Table:
    table: Table = model.__table__
    return table


class BaseRow:
    """A noun's own table, the node it shares its key with, and a link, under fresh aliases.

    A table that no expression names stays out of the FROM, except the noun's own. What the noun's
    own table holds of the node (:mod:`core.tree.copied`) is read there; ``apart``: the rest is
    looked up, the node is not joined.
    ``form`` is how predicates over the row are spelled; ``once`` says that the statement meets just
    one such row.
    ``known`` are the levels at which the reader may read any row that the statement lets through,
    and the plugins that are on there.
    """

    form: Form = "exists"
    once: bool = False
    apart: bool = False

    def __init__(
        self,
        number: int,
        preparer: IdentifierPreparer,
        own: Table,
        *,
        joined: Table | None = None,
        link: Table | None = None,
    ) -> None:
        self.preparer = preparer
        self.own = own
        self.joined = joined
        self.link = link
        self.copies = copies_in(own)
        self.aliases = {own: f"t{number}"}
        if joined is not None:
            self.aliases[joined] = f"n{number}"
        if link is not None:
            self.aliases[link] = f"l{number}"
        self.used: set[Table] = set()
        self.known: set[object] = set()

    def __getitem__(self, attribute: Attribute) -> ColumnElement[Any]:
        return self.column(column_of(attribute))

    def column(self, column: Any) -> ColumnElement[Any]:
        if column.table not in self.aliases:
            raise LookupError(f"{column} is no column of {', '.join(map(str, self.aliases))}")
        if self.joined is not None and column.table is self.joined:
            if column is self.joined.c.id:
                column = self.own.c.id  # The same key, without the other table.
            elif column is self.joined.c.kind and (kind := kind_of(self.own)) is not None:
                # Typed, for a bare text may not stand in GROUP BY or ORDER BY.
                return literal_column(f"CAST('{kind.name}' AS VARCHAR)", column.type)
            else:
                column = self.copies.get(column, column)
            if self.apart and column.table is self.joined:
                return self.looked_up(column)
        self.used.add(column.table)
        return literal_column(
            f"{self.aliases[column.table]}.{self.preparer.quote(column.name)}", column.type
        )

    def looked_up(self, column: Any) -> ColumnElement[Any]:
        """A column of the other table for this row alone: worked out for the rows kept."""
        assert self.joined is not None
        alias = self.aliases[self.joined]
        name = literal_column(f"{alias}.{self.preparer.quote(column.name)}", column.type)
        return (
            select(name)
            .select_from(self.joined.alias(alias))
            .where(literal_column(f"{alias}.id") == self.column(self.own.c.id))
            .correlate(None)
            .scalar_subquery()
        )

    def source(self) -> Sequence[FromClause]:
        """What to select from. Ask for it last, when every expression has named its columns."""
        own: FromClause = self.own.alias(self.aliases[self.own])
        if self.joined is not None and self.joined in self.used:
            own = own.join(
                self.joined.alias(self.aliases[self.joined]),
                literal_column(f"{self.aliases[self.joined]}.id") == self.column(self.own.c.id),
            )
        if self.link is None:
            return [own]
        return [own, self.link.alias(self.aliases[self.link])]


def form_of(item: Any, ours: object) -> Form:
    """How predicates over the rows of a list are spelled; ``ours`` is the row it belongs to."""
    if ours is None:
        return "in"
    met_once = isinstance(ours, BaseRow) and ours.once
    return "in" if met_once and item.large else "exists"
