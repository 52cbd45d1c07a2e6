"""What of a row the reader may read, as SQL: the one place that asks the policy."""

from __future__ import annotations

import enum
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import AsBoolean, False_, True_

from core.people.person import Person
from core.plugins.gate import enabled_anywhere, enabled_at
from core.tree.node import Node
from schema.planner.binding import Expression, Level
from schema.planner.fragment import ACTIONS, ROWS, VALUES, Build, Fragments, Holes, Made, Template
from schema.planner.registry import Bound, Group
from schema.planner.row import Attribute, BaseRow, Form, Row, sql_of


class Reader(Protocol):
    """Who reads: :class:`core.authority.policy.Reader`."""

    @property
    def person_id(self) -> int | None: ...

    @property
    def national_roles(self) -> frozenset[str]: ...

    @property
    def scopes(self) -> frozenset[str] | None: ...


class Policy(Protocol):
    """What the planner asks of :class:`core.authority.policy.PolicySet`."""

    @property
    def version(self) -> str: ...

    def predicate(
        self,
        action: str,
        node_id: ColumnElement[int],
        reader: Any,
        *,
        form: Form = "exists",
        owner: ColumnElement[Any] | None = None,
        kind: Any = None,
    ) -> ColumnElement[bool]: ...


WIDEST_FIRST = (Level.FULL, Level.BASIC)
"""Most rows somebody sees they may read, and what holds first is what is paid for."""


@dataclass(frozen=True)
class Access:
    """The policy's answers for one reader. Conditions name ``reader_person``, ``reader_today``.

    With ``fragments`` each is put together once for all statements of readers with these rights.
    """

    policy: Policy
    reader: Reader
    fragments: Fragments | None = None
    made: dict[Hashable, Made] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        if self.fragments is not None:
            rights = (self.policy.version, self.reader.national_roles, self.reader.scopes)
            object.__setattr__(self, "made", self.fragments.of(rights))

    def once(
        self, question: Hashable, row: Row, build: Build, layer: str = ROWS
    ) -> ColumnElement[Any]:
        """The answer to a question about ``row`` that depends on nothing but its columns, and on
        the rights of the reader, but for those of the layer of values."""
        if self.fragments is None:
            return build(row)
        kept = self.fragments.values if layer == VALUES else self.made
        found = kept.get(question)
        if found is None:
            holes = Holes()
            found = kept[question] = self.fragments.made(bare(build(holes)), holes, layer)
        return found.over(row) if isinstance(found, Template) else found

    def sql(self, source: Attribute | Expression, row: Row) -> ColumnElement[Any]:
        """A column of ``row``, or an expression over it."""
        if isinstance(source, InstrumentedAttribute):
            return row[source]
        return self.once(source, row, source, layer=VALUES)

    def gate(self, plugin: str | None, noun: Bound, row: Row) -> ColumnElement[bool]:
        """The plugin is on at the row; always, where no plugin is asked about."""
        if plugin is None or (isinstance(row, BaseRow) and On(plugin) in row.known):
            return true()
        question = (plugin, noun.name)
        return self.once(question, row, lambda row: gate(plugin, noun, row), layer=VALUES)

    def holds(
        self,
        action: str,
        node_id: ColumnElement[Any],
        form: Form = "exists",
        owner: ColumnElement[Any] | None = None,
        kind: enum.Enum | None = None,
    ) -> ColumnElement[bool]:
        """The reader may do ``action`` at the node, which is of a ``kind``, to a row about
        ``owner``."""
        if form == "exists":
            kind = None  # A list of what is reached is kept to a kind; a question needs no list.
        about: dict[Attribute, Any] = {Node.id: node_id, Person.id: owner}

        def may(row: Row) -> ColumnElement[bool]:
            of = None if owner is None else row[Person.id]
            return self.policy.predicate(
                action, row[Node.id], self.reader, form=form, owner=of, kind=kind
            )

        return self.once(("holds", action, form, kind, owner is None), about, may, layer=ACTIONS)

    def visible(self, noun: Bound, row: Row, form: Form = "exists") -> ColumnElement[bool]:
        """The row is there for the reader: its plugin is on, and the reader may see it."""
        return both(self.gate(noun.gate, noun, row), self.allowed(noun, row, form))

    def allowed(self, noun: Bound, row: Row, form: Form = "exists") -> ColumnElement[bool]:
        """The reader may see that the row exists: at the basic or the full level."""
        binding = noun.binding
        if not binding.levels:
            return true()
        if Level.BASIC in binding.levels and known(row, Level.FULL):
            # Who may read the whole row sees it. With one level only nobody was asked yet.
            return true()
        return self.once(
            ("visible", noun.name, form), row, lambda row: self.visible_anywhere(noun, row, form)
        )

    def visible_anywhere(self, noun: Bound, row: Row, form: Form) -> ColumnElement[bool]:
        """:meth:`allowed` for a row of which nothing is known."""
        binding = noun.binding
        if binding.holds is not None:
            return either(
                binding.holds(self, row, binding.levels[level], form)
                for level in WIDEST_FIRST
                if level in binding.levels
            )
        return self.visible_at(noun, *place(noun, row), form)

    def visible_at(
        self,
        noun: Bound,
        node_id: ColumnElement[Any],
        owner: ColumnElement[Any] | None,
        form: Form = "exists",
    ) -> ColumnElement[bool]:
        """:meth:`allowed` for a row whose node is known."""
        levels = noun.binding.levels
        return either(
            self.holds(levels[level], node_id, form, owner, kind_at(noun))
            for level in WIDEST_FIRST
            if level in levels
        )

    def visible_member(self, group: Group, row: Row, form: Form = "exists") -> ColumnElement[bool]:
        """A row of an interface's table is there for the reader, by the rules of its kind."""
        kind = group.interface.kind
        if kind is None:
            raise LookupError(f"{group.name} has no kinds")

        def any_kind(row: Row) -> ColumnElement[bool]:
            node_id = row[group.key]
            return either(
                both(
                    row[kind] == member.binding.kind,
                    self.gate(member.gate, member, row),
                    self.visible_at(member, node_id, None, form)
                    if member.binding.levels
                    else true(),
                )
                for member in group.members.values()
            )

        return self.once(("member", group.name, form), row, any_kind)

    def open(self, noun: Bound, name: str, level: Level | str, row: Row) -> ColumnElement[bool]:
        """A field or filter of a visible row holds something for the reader."""
        return both(self.gate(noun.gate_of(name), noun, row), self.readable(noun, level, row))

    def readable(self, noun: Bound, level: Level | str, row: Row) -> ColumnElement[bool]:
        """The reader may read a field of this level, given that the row is visible."""
        binding = noun.binding
        if known(row, level):
            return true()
        if isinstance(level, str):
            action = level
        elif (
            level not in binding.levels
            or level is Level.BASIC
            or (level is Level.FULL and Level.BASIC not in binding.levels)
        ):
            return true()
        else:
            action = binding.levels[level]
        form = row.form if isinstance(row, BaseRow) else "exists"

        def may(row: Row) -> ColumnElement[bool]:
            if binding.holds is not None:
                return binding.holds(self, row, action, form)
            node_id, owner = place(noun, row)
            return self.holds(action, node_id, form, owner, kind_at(noun))

        return self.once(("may", noun.name, action, form), row, may)


@dataclass(frozen=True)
class On:
    """Known of a row: the plugin is on where it lies."""

    plugin: str


def gate(plugin: str, noun: Bound, row: Row) -> ColumnElement[bool]:
    """The plugin is on at the row."""
    region = noun.binding.region
    if region is None:
        return enabled_anywhere(plugin)
    return enabled_at(plugin, sql_of(region, row))


def known(row: Row, level: Level | str) -> bool:
    """Whether the statement lets through only rows that the reader may read at this level."""
    return isinstance(row, BaseRow) and level in row.known


def place(noun: Bound, row: Row) -> tuple[ColumnElement[Any], ColumnElement[Any] | None]:
    """The node whose authority counts for a row, and the person the row is about."""
    binding = noun.binding
    if binding.node is None:
        raise LookupError(f"{noun.name} has levels, but no node to ask at")
    return row[binding.node], None if binding.owner is None else row[binding.owner]


def kind_at(noun: Bound) -> enum.Enum | None:
    """The kind of the nodes where the authority over a noun is asked, if it is one."""
    return noun.binding.kind if noun.binding.node is noun.binding.key else None


def is_true(condition: ColumnElement[Any]) -> bool:
    return isinstance(bare(condition), True_)


def is_false(condition: ColumnElement[Any]) -> bool:
    return isinstance(bare(condition), False_)


def bare(condition: ColumnElement[Any]) -> ColumnElement[Any]:
    """A condition without what SQLAlchemy wraps a constant into when it is all that is left."""
    wrapped = isinstance(condition, AsBoolean) and condition.operator is operators.is_true
    return condition.element if wrapped else condition


def either(conditions: Iterable[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Any of them; constants drop out."""
    given = [condition for condition in conditions if not is_false(condition)]
    if any(is_true(condition) for condition in given):
        return true()
    return or_(*given) if given else false()


def both(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """All of them; constants drop out."""
    given = [condition for condition in conditions if not is_true(condition)]
    if any(is_false(condition) for condition in given):
        return false()
    return and_(*given) if given else true()
