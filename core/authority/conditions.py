"""Conditions of rules: each with a side in SQL, for lists, and a side in Python, for one check.

A registry is an object handed to the policy when it is built. Conditions over tables of a higher
floor are registered there (:mod:`core.hierarchy.conditions`), those of a plugin by the plugin.
"""

from __future__ import annotations

import enum
from collections.abc import (
    Awaitable,
    Callable,
    Collection,
    Hashable,
    Iterable,
    Iterator,
    Sequence,
)
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BinaryExpression,
    Boolean,
    ColumnElement,
    Integer,
    and_,
    exists,
    false,
    literal_column,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql import operators

from core.authority.appointment import Appointment
from core.tree.lineage import Lineage, lineages
from core.tree.node import Node, NodeClosure, NodeKind


@dataclass(frozen=True, slots=True)
class Place:
    """What a condition is asked about, as SQL: columns of the statement it becomes part of.

    ``node_id`` is the node asked about, ``held_at`` the node of the role that would count (NULL for
    a role that is implied everywhere), ``today`` a date.
    """

    node_id: ColumnElement[Any]
    held_at: ColumnElement[Any]
    today: ColumnElement[date]


@dataclass(frozen=True, slots=True)
class Asked:
    """The same for one node and one role."""

    node_id: int
    held_at: int | None


SqlSide = Callable[[Place], ColumnElement[bool]]
PythonSide = Callable[[AsyncSession, Collection[Asked], date], Awaitable[frozenset[Asked]]]
"""Returns those of the questions for which the condition is true; one or two statements for all."""


LineageSide = Callable[[Lineage], bool]
"""The Python side of a condition about nothing but where the node lies."""


class About(enum.Enum):
    """What the answer depends on besides the day: asked once in a unit of work for each of it."""

    PAIR = "the node asked about, and where the role is held"
    ROLE = "where the role is held"
    NODE = "the node asked about"
    REGION = "the region of the node asked about"


@dataclass(frozen=True, slots=True)
class Condition:
    """A named condition. ``sql`` must never be NULL and must bind nothing but ``Place``."""

    name: str
    sql: SqlSide
    python: PythonSide
    about: About = About.PAIR
    lineage: LineageSide | None = None

    @classmethod
    def of_lineage(cls, name: str, sql: SqlSide, lineage: LineageSide) -> Condition:
        """A condition that asks nothing but where the node lies, which every decision knows."""

        async def python(
            session: AsyncSession, asked: Collection[Asked], _today: date
        ) -> frozenset[Asked]:
            nodes = await lineages(session, {each.node_id for each in asked})
            return frozenset(
                each for each in asked if each.node_id in nodes and lineage(nodes[each.node_id])
            )

        return cls(name, sql, python, About.NODE, lineage)

    def topic(self, asked: Asked, node: Lineage) -> Hashable:
        """Equal for questions that have the same answer."""
        match self.about:
            case About.PAIR:
                return asked
            case About.ROLE:
                return asked.held_at
            case About.NODE:
                return asked.node_id
            case About.REGION:
                return node.region_id


class ConditionRegistry:
    """The conditions an installation knows, by name."""

    def __init__(self, conditions: Iterable[Condition] = ()) -> None:
        self._conditions: dict[str, Condition] = {}
        for condition in conditions:
            self.register(condition)

    def register_condition(
        self, name: str, *, sql: SqlSide, python: PythonSide, about: About = About.PAIR
    ) -> None:
        """Add a condition of its parts. Raises :class:`ValueError` when the name is taken."""
        self.register(Condition(name, sql, python, about))

    def register(self, condition: Condition) -> None:
        """Add a condition. Raises :class:`ValueError` when the name is taken."""
        if condition.name in self._conditions:
            raise ValueError(f"the condition {condition.name} is registered already")
        self._conditions[condition.name] = condition

    def __getitem__(self, name: str) -> Condition:
        return self._conditions[name]

    def __contains__(self, name: object) -> bool:
        return name in self._conditions

    def __iter__(self) -> Iterator[Condition]:
        return iter(self._conditions.values())


def authority_conditions() -> ConditionRegistry:
    """A new registry with the conditions that need only nodes and appointments."""
    return ConditionRegistry(
        [
            Condition(
                "bd_headed_by_other_deputy",
                other_deputy_heads_sql,
                other_deputy_heads,
                About.ROLE,
            ),
            Condition("no_governing_council", no_council_sql, no_council, About.ROLE),
            Condition.of_lineage("no_project_group", no_project_group_sql, no_project_group),
            Condition.of_lineage("outside_project", outside_project_sql, outside_project),
        ]
    )


ONE: ColumnElement[int] = literal_column("1", Integer)
"""What an EXISTS selects."""

DIRECTION_HEADS = ("bd_head", "standard_bd_head")


def kind_is(column: Any, *kinds: NodeKind) -> ColumnElement[bool]:
    """``column`` is one of these kinds, written out: the text of a predicate binds no constants."""
    return is_one_of(column, [kind.name for kind in kinds])


def role_is(column: Any, roles: Iterable[str]) -> ColumnElement[bool]:
    """``column`` is one of these roles, written out; codes were checked when the rule was made."""
    return is_one_of(column, sorted(roles))


def is_one_of(column: Any, names: Sequence[str]) -> ColumnElement[bool]:
    if not names:
        return false()
    literals = [f"'{name}'" for name in names]
    if len(literals) == 1:
        same: ColumnElement[bool] = column == literal_column(literals[0])
        return same
    # Predicates name forty roles at a time: one piece of text instead of as many elements.
    listed: ColumnElement[Any] = literal_column(f"({', '.join(literals)})")
    return BinaryExpression(
        column, listed, operators.in_op, type_=Boolean(), negate=operators.not_in_op
    )


def holds_on(appointment: Any, today: ColumnElement[date] | date) -> ColumnElement[bool]:
    """The appointment holds on this day; both its first and its last day count."""
    return and_(
        appointment.valid_from <= today,
        (appointment.valid_to.is_(None)) | (appointment.valid_to >= today),
    )


def other_deputy_heads_sql(place: Place) -> ColumnElement[bool]:
    curator, head = aliased(Appointment), aliased(Appointment)
    above, direction = aliased(NodeClosure), aliased(Node)
    heads_it = (
        select(ONE)
        .select_from(above)
        .join(direction, direction.id == above.ancestor_id)
        .join(head, head.node_id == direction.id)
        .where(
            above.descendant_id == place.held_at,
            kind_is(direction.kind, NodeKind.BASIC_DIRECTION),
            role_is(head.role, DIRECTION_HEADS),
            holds_on(head, place.today),
        )
    )
    curates = (
        select(ONE)
        .select_from(curator)
        .where(
            curator.node_id == place.held_at,
            role_is(curator.role, ["pg_curator"]),
            holds_on(curator, place.today),
            curator.person_id == head.person_id,
        )
        .correlate_except(curator)
    )
    other = heads_it.where(~exists(curates)).correlate_except(above, direction, head)
    return exists(other)


async def other_deputy_heads(
    session: AsyncSession, asked: Collection[Asked], today: date
) -> frozenset[Asked]:
    """The direction a curated group lies in is headed by somebody who does not curate the group.

    Without a head nobody else heads it, and the condition is false [R2023 §62].
    """
    groups = {each.held_at for each in asked if each.held_at is not None}
    heads: dict[int, set[int]] = {group: set() for group in groups}
    rows = await session.execute(
        select(
            NodeClosure.descendant_id,
            Appointment.person_id,
            Appointment.valid_from,
            Appointment.valid_to,
        )
        .join(Node, Node.id == NodeClosure.ancestor_id)
        .join(Appointment, Appointment.node_id == Node.id)
        .where(
            NodeClosure.descendant_id.in_(groups),
            Node.kind == NodeKind.BASIC_DIRECTION,
            Appointment.role.in_(DIRECTION_HEADS),
        )
    )
    for head in rows:
        if valid_on(head, today):
            heads[head.descendant_id].add(head.person_id)
    curators: dict[int, set[int]] = {group: set() for group in groups}
    for curator in await appointments_at(session, "pg_curator", groups):
        if valid_on(curator, today):
            curators[curator.node_id].add(curator.person_id)
    return frozenset(
        each
        for each in asked
        if each.held_at is not None and heads[each.held_at] - curators[each.held_at]
    )


async def appointments_at(
    session: AsyncSession, role: str, node_ids: Collection[int]
) -> Iterable[Any]:
    """Node, person and days of every appointment to a role at these nodes."""
    return await session.execute(
        select(
            Appointment.node_id,
            Appointment.person_id,
            Appointment.valid_from,
            Appointment.valid_to,
        ).where(Appointment.node_id.in_(node_ids), Appointment.role == role)
    )


def no_council_sql(place: Place) -> ColumnElement[bool]:
    member = aliased(Appointment)
    seated = (
        select(ONE)
        .select_from(member)
        .where(
            member.node_id == place.held_at,
            role_is(member.role, ["governing_council_member"]),
            holds_on(member, place.today),
        )
        .correlate_except(member)
    )
    return ~exists(seated)


async def no_council(
    session: AsyncSession, asked: Collection[Asked], today: date
) -> frozenset[Asked]:
    """The priority has no member of a governing council; the curator decides [R2023 §29]."""
    priorities = {each.held_at for each in asked if each.held_at is not None}
    members = await appointments_at(session, "governing_council_member", priorities)
    with_council = {member.node_id for member in members if valid_on(member, today)}
    return frozenset(each for each in asked if each.held_at not in with_council)


def no_project_group_sql(place: Place) -> ColumnElement[bool]:
    node, parent = aliased(Node), aliased(Node)
    found = (
        select(ONE)
        .select_from(node)
        .join(parent, parent.id == node.parent_id)
        .where(
            node.id == place.node_id,
            kind_is(node.kind, NodeKind.PROJECT),
            kind_is(parent.kind, NodeKind.BASIC_DIRECTION),
        )
        .correlate_except(node, parent)
    )
    return exists(found)


def no_project_group(node: Lineage) -> bool:
    """The project lies directly in a basic direction [R2023 §2(27)]."""
    return node.kind is NodeKind.PROJECT and node.parent_kind is NodeKind.BASIC_DIRECTION


def outside_project_sql(place: Place) -> ColumnElement[bool]:
    above, project = aliased(NodeClosure), aliased(Node)
    inside = (
        select(ONE)
        .select_from(above)
        .join(project, project.id == above.ancestor_id)
        .where(above.descendant_id == place.node_id, kind_is(project.kind, NodeKind.PROJECT))
        .correlate_except(above, project)
    )
    return ~exists(inside)


def outside_project(node: Lineage) -> bool:
    """Neither a project nor anything inside one [R2023 §48]."""
    return all(above.kind is not NodeKind.PROJECT for above in node.above)


def valid_on(appointment: Any, today: date) -> bool:
    """An appointment, or a row with its days, holds on this day; the last day counts too."""
    return days_hold(appointment.valid_from, appointment.valid_to, today)


def days_hold(starts: date, ends: date | None, today: date) -> bool:
    """The day is one of those from the first to the last; without a last, they go on."""
    return starts <= today and (ends is None or today <= ends)
