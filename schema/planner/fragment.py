"""Fragments: expressions over a row, compiled once and written wherever they are met.

Building and compiling the predicate of a type takes milliseconds, and a statement asks it at every
level. Its text depends on the policy and on what the reader holds nationally, never on the
statement, but for the names of the row's columns: those are holes, filled where it is used.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import BindParameter, ColumnElement
from sqlalchemy.engine import Dialect as SqlDialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import False_, Grouping, True_, UnaryExpression
from sqlalchemy.sql.operators import OperatorType

from schema.planner.elements import spelled
from schema.planner.row import Attribute, Row, column_of

KEPT_READERS = 16
"""Sets of rights whose fragments are remembered, up to 900 KB each; readers with other national
roles or scopes have plans of their own anyhow. Product default."""


class Hole(ColumnElement[Any]):
    """A column of a row that is not known yet."""

    __visit_name__ = "hole"
    inherit_cache = False

    def __init__(self, type_: sa.types.TypeEngine[Any]) -> None:
        self.type = type_


class Holes:
    """A row all of whose columns are holes."""

    def __init__(self) -> None:
        self.places: dict[Attribute, Hole] = {}

    def __getitem__(self, attribute: Attribute) -> ColumnElement[Any]:
        if attribute not in self.places:
            self.places[attribute] = Hole(column_of(attribute).type)
        return self.places[attribute]


@dataclass(frozen=True, slots=True)
class Template:
    """The text of an expression, and what stands in it: columns of a row, and parameters.

    ``operator`` is its outermost one, which says where it needs parentheses.
    """

    texts: tuple[str, ...]
    inside: tuple[Attribute | BindParameter[Any], ...]
    operator: OperatorType | None
    type: sa.types.TypeEngine[Any]

    def over(self, row: Row) -> Fragment:
        """The expression over the columns of ``row``."""
        columns: dict[Attribute, ColumnElement[Any]] = {}
        filled: list[ColumnElement[Any]] = []
        for each in self.inside:
            if isinstance(each, BindParameter):
                filled.append(each)
            else:
                if each not in columns:
                    columns[each] = row[each]
                filled.append(columns[each])
        return Fragment(self, filled)


class Fragment(ColumnElement[Any]):
    """An expression whose text is known."""

    __visit_name__ = "fragment"
    inherit_cache = False

    def __init__(self, template: Template, filled: list[ColumnElement[Any]]) -> None:
        self.template, self.filled, self.type = template, filled, template.type

    def self_group(self, against: OperatorType | None = None) -> Any:
        """In parentheses where the operator around it binds closer; its text is a condition on
        both databases, so that is all."""
        own = self.template.operator
        if own is None or against is None or not operators.is_precedent(own, against):
            return self
        return Grouping(self)

    def _negate(self) -> ColumnElement[bool]:
        return UnaryExpression(Grouping(self), operator=operators.inv, type_=sa.Boolean())


@compiles(Fragment)
def written(element: Fragment, compiler: SQLCompiler, **options: Any) -> str:
    first, *others = element.template.texts
    # The same few columns and parameters come again and again.
    known: dict[ColumnElement[Any], str] = {}
    pieces = [first]
    for each, text in zip(element.filled, others, strict=True):
        if each not in known:
            known[each] = spelled(each, compiler, options)
        pieces += (known[each], text)
    return "".join(pieces)


class Marking:
    """A compiler that writes a mark in place of each hole and parameter, and notes them.

    Aliases without a name of their own get one that no other statement gives: a fragment may stand
    inside a statement whose tables have such aliases, and fill its holes with their columns.
    """

    names: str

    @cached_property
    def marked(self) -> list[Hole | BindParameter[Any]]:
        return []

    def visit_hole(self, element: Hole, **_options: Any) -> str:
        return self.mark(element)

    def visit_bindparam(self, element: BindParameter[Any], **_options: Any) -> str:
        return self.mark(element)

    def _truncated_identifier(self, ident_class: str, name: Any) -> str:
        found: str = super()._truncated_identifier(ident_class, name)  # type: ignore[misc]
        return f"{self.names}{found}" if ident_class == "alias" else found

    def mark(self, element: Hole | BindParameter[Any]) -> str:
        self.marked.append(element)
        return f"\0{len(self.marked) - 1}\0"


MARK = re.compile("\0([0-9]+)\0")
"""No SQL holds it."""


def template_of(condition: ColumnElement[Any], holes: Holes, compiler: Marker) -> Template:
    """The expression over ``holes`` as text."""
    # As the operand of another operator: SQLite then compares a bare truth value with 1.
    condition = condition.self_group(against=operators._asbool)
    compiled = compiler(condition)
    attributes = {hole: attribute for attribute, hole in holes.places.items()}
    texts = MARK.split(compiled.string)
    marked = [compiled.marked[int(place)] for place in texts[1::2]]
    inside = [attributes[each] if isinstance(each, Hole) else each for each in marked]
    return Template(tuple(texts[::2]), tuple(inside), outermost(condition), condition.type)


def outermost(condition: ColumnElement[Any]) -> OperatorType | None:
    """The operator that binds an expression together."""
    if isinstance(condition, Fragment):
        return condition.template.operator
    found: OperatorType | None = getattr(condition, "operator", None)
    return found


Made = Template | True_ | False_
Marker = Callable[[ColumnElement[Any]], Any]
Build = Callable[[Row], ColumnElement[Any]]

ACTIONS, ROWS, VALUES = "a", "r", "v"
"""Layers: what an action is allowed on, conditions of rows, which are made of those, and what is
the same for all readers: expressions of bindings, and gates of plugins."""


@dataclass
class Fragments:
    """The templates of one planner, by whose rights they are about and what they ask."""

    dialect: SqlDialect
    kept: OrderedDict[Hashable, dict[Hashable, Made]] = field(default_factory=OrderedDict)
    values: dict[Hashable, Made] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    compilers: Mapping[str, Marker] = field(init=False)

    def __post_init__(self) -> None:
        base: Any = self.dialect.statement_compiler
        self.compilers = {
            layer: partial(type("Marking", (Marking, base), {"names": f"{layer}_"}), self.dialect)
            for layer in (ACTIONS, ROWS, VALUES)
        }

    def made(self, condition: ColumnElement[Any], holes: Holes, layer: str) -> Made:
        """What is remembered of an expression over ``holes``."""
        if isinstance(condition, True_ | False_):
            return condition
        return template_of(condition, holes, self.compilers[layer])

    def of(self, rights: Hashable) -> dict[Hashable, Made]:
        """What is known of one set of rights."""
        with self.lock:
            found = self.kept.setdefault(rights, {})
            self.kept.move_to_end(rights)
            while len(self.kept) > KEPT_READERS:
                self.kept.popitem(last=False)
            return found
