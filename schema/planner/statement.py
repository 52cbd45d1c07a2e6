"""One statement in the making: aliases, parameters and arguments that its levels share."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from graphql import FieldNode, GraphQLObjectType, get_named_type
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    bindparam,
    literal_column,
    table,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect as SqlDialect

from core.db.driver import to_driver
from core.db.engine import Dialect
from core.errors import InvalidInput
from schema.planner.access import Access, is_true
from schema.planner.elements import text_literal
from schema.planner.level import Columns, CommonTable
from schema.planner.marks import Denial, locations_of
from schema.planner.registry import Bound, Catalogue, Target
from schema.planner.row import Attribute, BaseRow, Form, Row, column_of, table_of
from schema.planner.selection import Read, Selector, Site, arguments_of, variables_in
from schema.planner.working import Work

TEXT = sa.Text()

MOST_VIEWS = 500
"""Object levels of one statement; 0.2 s of putting together and some megabytes of text. Product
default."""


class Derived:
    """Rows under a name of their own, of which references ask for columns; ``condition`` says which
    rows there are."""

    def __init__(
        self,
        name: str,
        row: BaseRow,
        levels: list[CommonTable],
        condition: ColumnElement[bool] | None = None,
    ) -> None:
        self.name = name
        self.row = row
        self.levels = levels
        self.condition = condition
        self.asked: dict[str, ColumnElement[Any]] = {}
        self._source: FromClause | None = None

    def __getitem__(self, attribute: Attribute) -> ColumnElement[Any]:
        """A column of the row, seen from outside."""
        inner = self.row[attribute]
        column = column_of(attribute)
        label = f"{self.row.aliases[column.table][0]}_{column.name}"
        self.asked[label] = inner
        return literal_column(f"{self.name}.{label}", inner.type)

    def columns(self) -> Columns:
        return [(sql, label) for label, sql in self.asked.items()]

    def source(self) -> FromClause:
        """The level itself; ask for it last."""
        if self._source is None:
            columns = self.columns() or [(literal_column("1"), "o")]
            self.levels.append(CommonTable(self.name, columns, self.row, self.condition))
            self._source = table(self.name)
        return self._source


class View(Derived):
    """One object level, whose text is its column ``o``."""

    def __init__(self, name: str, row: BaseRow, levels: list[CommonTable]) -> None:
        super().__init__(name, row, levels)
        self.text: ColumnElement[str] = literal_column(f"{name}.o", TEXT)
        self.object: ColumnElement[str] = text_literal("{}")

    def columns(self) -> Columns:
        return [(self.object, "o"), *super().columns()]


class Linked:
    """A level together with the table that links it to the one referring to it."""

    def __init__(self, view: View, link: sa.Table | None, alias: str) -> None:
        self.view = view
        self.link = None if link is None else link.alias(alias)
        self.table = link
        self.alias = alias

    def __getitem__(self, attribute: Attribute) -> ColumnElement[Any]:
        column = column_of(attribute)
        if column.table is not self.table:
            return self.view[attribute]
        quoted = self.view.row.preparer.quote(column.name)
        return literal_column(f"{self.alias}.{quoted}", column.type)

    def source(self) -> list[Any]:
        """What to select from; ask for it last."""
        return [self.view.source(), *([] if self.link is None else [self.link])]


@dataclass(frozen=True)
class Parameter:
    """A parameter of a statement, and how its value is made fit for the driver."""

    bind: BindParameter[Any]
    prepare: Callable[[Any], Any]


@dataclass
class Statement:
    """What the levels of one statement share while it is put together.

    ``levels`` are its CTEs, inner ones first: compiled in that order none is reached through
    another, which would take Python's stack. ``walked``: the executor will walk the answer, so
    objects behind an interface must say what they are; ``untagged`` turns true where one does not.
    ``denials`` are the fields that may be denied, ``worked`` those to be worked out in Python, both
    as the marks in the text number them. ``scans`` turns true when it may read far more rows than
    it shows, ``personal`` when it reads what only few may.
    """

    catalogue: Catalogue
    access: Access
    dialect: Dialect
    sql: SqlDialect
    language: str
    selector: Selector
    reference: Callable[..., tuple[View, int]] = field(init=False)
    inline: Callable[..., tuple[ColumnElement[str], int]] = field(init=False)
    walked: bool = False
    untagged: bool = False
    personal: bool = False
    scans: bool = False
    denials: dict[Denial, int] = field(default_factory=dict)
    worked: list[Work] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    constants: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    levels: list[CommonTable] = field(default_factory=list)
    numbers: int = 0
    views: int = 0

    def work(self, work: Work) -> int:
        """The number of a field to be worked out."""
        self.worked.append(work)
        return len(self.worked) - 1

    def denial(self, action: str, nodes: Sequence[FieldNode]) -> int:
        """The number of a field that may be denied for lack of a permission."""
        return self.denials.setdefault(Denial(action, locations_of(nodes)), len(self.denials))

    def tags(self) -> bool:
        """Whether objects behind an interface say what they are; asked where there is one."""
        self.untagged |= not self.walked
        return self.walked

    def view(self, target: Target) -> View:
        """A new level for objects of a noun or an interface.

        Raises :class:`~core.errors.InvalidInput` where there are too many to put together.
        """
        self.views += 1
        if self.views > MOST_VIEWS:
            raise InvalidInput("TOO_MANY_BRANCHES", limit=MOST_VIEWS)
        return View(f"v{self.number()}", self.row(target), self.levels)

    def those(self, row: BaseRow, condition: ColumnElement[bool]) -> Derived:
        """A new level for the rows of a noun that meet a condition."""
        given = None if is_true(condition) else condition
        return Derived(f"f{self.number()}", row, self.levels, given)

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    def row(self, target: Target, *, link: Any = None) -> BaseRow:
        """The tables of a noun, or of an interface, under aliases nobody else has."""
        if isinstance(target, Bound):
            own, joined = target.binding.model, target.binding.joined
        elif target.interface.model is not None:
            own, joined = target.interface.model, None
        else:
            raise LookupError(f"{target.name} has no table")
        return BaseRow(
            self.number(),
            self.sql.identifier_preparer,
            table_of(own),
            joined=None if joined is None else table_of(joined),
            link=None if link is None else table_of(link),
        )

    def linked(self, view: View, link: Any) -> Linked:
        table = None if link is None else table_of(link)
        return Linked(view, table, f"l{self.number()}")

    def visible(self, target: Target, row: Row, form: Form = "exists") -> ColumnElement[bool]:
        """The row is there for the reader."""
        if isinstance(target, Bound):
            return self.access.visible(target, row, form)
        return self.access.visible_member(target, row, form)

    def type(self, name: str) -> GraphQLObjectType:
        found = self.selector.schema.type_map[name]
        if not isinstance(found, GraphQLObjectType):
            raise TypeError(f"{name} is no object type")
        return found

    def field_type(self, parent: GraphQLObjectType, name: str) -> GraphQLObjectType:
        """The object type a field leads to."""
        return self.type(get_named_type(parent.fields[name].type).name)

    def arguments(
        self, parent: GraphQLObjectType, node: FieldNode, read: Read
    ) -> tuple[Any, Callable[..., BindParameter[Any]]]:
        """The shape of a field's arguments, and a maker of parameters for their values."""
        definition = parent.fields[node.name.value]
        arguments = arguments_of(definition, node, self.selector.variables)
        shape, values = read(arguments)
        number = self.number()
        names = tuple(f"a{number}_{slot}" for slot in range(len(values)))
        if variables_in(node):
            self.sites.append(Site.of(definition, node, read, shape, names))
        else:
            self.constants.update(zip(names, values, strict=True))

        def parameter(
            slot: int, type_: sa.types.TypeEngine[Any], many: bool = False
        ) -> BindParameter[Any]:
            return self.parameter(names[slot], type_, many=many)

        return shape, parameter

    def parameter(
        self, name: str, type_: sa.types.TypeEngine[Any], *, many: bool = False
    ) -> BindParameter[Any]:
        """A parameter; a list is one too: an array on PostgreSQL, JSON text on SQLite."""
        if name not in self.parameters:
            one = preparer(type_, self.sql)
            if not many:
                self.parameters[name] = Parameter(bindparam(name, None, type_=type_), one)
            elif self.dialect == "postgresql":
                # An enumeration is text there; an array of it would be processed twice.
                inner = sa.Text() if isinstance(type_, sa.String) else type_
                bind = bindparam(name, None, type_=postgresql.ARRAY(inner))
                self.parameters[name] = Parameter(bind, lambda values: [*map(one, values)])
            else:
                bind = bindparam(name, None, type_=sa.Text())
                self.parameters[name] = Parameter(
                    bind, lambda values: json.dumps([*map(one, values)], ensure_ascii=False)
                )
        return self.parameters[name].bind


def preparer(type_: sa.types.TypeEngine[Any], dialect: SqlDialect) -> Callable[[Any], Any]:
    """What turns a value into what the driver takes."""
    return to_driver(type_, dialect) or unchanged


def unchanged(value: Any) -> Any:
    return value
