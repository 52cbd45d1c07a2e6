"""Rules as SQL: which rows may the reader act on, inside the statement that lists them.

The text depends on the policy, never on the person: appointments are read live, the reader and the
day are the parameters ``reader_person`` and ``reader_today``. ``held_at`` and the matcher say the
same in Python, a property test holds the two together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    and_,
    false,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy import exists as sql_exists
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from core.authority.appointment import Appointment
from core.authority.conditions import (
    ONE,
    ConditionRegistry,
    Place,
    holds_on,
    is_one_of,
    kind_is,
    role_is,
)
from core.authority.holding import ANYONE, REGISTERED
from core.authority.reader import READER_PERSON, READER_TODAY
from core.authority.rules import ANY_REGION, NO_CONDITION, Relation, Rule, excepted
from core.places.region import Region
from core.tree.node import Node, NodeClosure, NodeKind

Form = Literal["exists", "in"]
"""``exists`` for nested and by-id objects, ``in`` for the page of a root connection: SQLite would
rebuild an uncorrelated IN at every occurrence."""

IMPLIED_RELATIONS = frozenset({Relation.PROGRAM, Relation.BODY, Relation.PRIORITY})


@dataclass(frozen=True, slots=True)
class Arm:
    """Rules that differ in nothing but the role, as one SELECT of the nodes they reach."""

    relation: Relation
    condition: str
    region: str
    roles: frozenset[str]


def arms_of(rules: Iterable[Rule]) -> list[Arm]:
    """Group rules into arms, in a stable order."""
    roles: dict[tuple[Relation, str, str], set[str]] = defaultdict(set)
    for rule in rules:
        roles[rule.relation, rule.condition, rule.region].add(rule.role)
    return [
        Arm(relation, condition, region, frozenset(held))
        for (relation, condition, region), held in roles.items()
    ]


HELD, HOLDER, TARGET, CLOSURE, PLACED, REGION = (
    model.__table__.alias() for model in (Appointment, Node, Node, NodeClosure, Node, Region)
)
"""Tables under names of their own, the same for all predicates, none of which contains another:
aliases of mapped classes take milliseconds to make, and SELECTs of them as much to compile."""

_Reached = tuple[Select[Any], Any, tuple[Any, ...], Any]
"""A SELECT of node ids, the column of the ids, its own tables, and the column of the kind of what
is found, where one of them knows it."""


class OfKind(FunctionElement[bool]):
    """A list is kept to one kind, where that shortens the work: what is asked about is of that kind
    anyhow. SQLite looks at the kind before anything else when it is told one, and reads all of it.
    """

    name = "of_kind"
    type = Boolean()
    inherit_cache = True


@compiles(OfKind, "postgresql")
def _kept_to_a_kind(element: OfKind, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(OfKind, "sqlite")
def _of_any_kind(element: OfKind, compiler: SQLCompiler, **options: Any) -> str:
    return "1"


@dataclass(frozen=True, slots=True)
class Reach:
    """Builds the SQL of arms. ``personnel`` are the roles project personnel follows from."""

    conditions: ConditionRegistry
    personnel: frozenset[str]
    _selects: dict[Arm, list[_Reached]] = field(default_factory=dict)
    """Building aliases costs milliseconds; they do not depend on where the predicate is used."""

    def allowed(
        self, arms: Sequence[Arm], node_id: ColumnElement[Any], form: Form,
        owner: ColumnElement[Any] | None, kind: NodeKind | None = None,
    ) -> ColumnElement[bool]:  # fmt: skip
        """True where one of the arms reaches ``node_id``, or the row's ``owner`` reads.

        ``kind`` is that of all nodes asked about: few of those below anything are of one kind, so
        the list of what is reached is much shorter.
        """
        selects: list[_Reached] = []
        plain: list[ColumnElement[bool]] = []
        for arm in arms:
            if arm.relation is Relation.OWN:
                if owner is not None:
                    plain.append(and_(owner == READER_PERSON, *self.where(arm, node_id)))
                continue
            everywhere = arm.roles & {ANYONE, REGISTERED}
            for role in sorted(everywhere) if arm.relation is Relation.TREE else ():
                signed_in = true() if role == ANYONE else READER_PERSON.is_not(None)
                plain.append(and_(signed_in, *self.where(arm, node_id)))
            if arm.roles - everywhere:
                if arm not in self._selects:
                    self._selects[arm] = list(self.selects(arm, arm.roles - everywhere))
                selects.extend(self._selects[arm])
        if form == "in" and selects:
            listed = [
                found
                if kind is None or of_kind is None
                else found.where(OfKind(kind_is(of_kind, kind)))
                for found, _, _, of_kind in selects
            ]
            plain.append(node_id.in_(union_all(*listed)))
        elif selects:
            plain.extend(
                sql_exists(
                    found.with_only_columns(ONE).where(column == node_id).correlate_except(*tables)
                )
                for found, column, tables, _ in selects
            )
        return or_(*plain) if plain else false()

    def denied(
        self, arms: Sequence[Arm], node_id: ColumnElement[Any], owner: ColumnElement[Any] | None
    ) -> ColumnElement[bool]:
        """True where one of the arms of denials reaches ``node_id``.

        Most readers hold none of the roles an arm is about. Each arm asks that first: it does not
        depend on the row, so the databases ask it once, and never look at the nodes.
        """
        found: list[ColumnElement[bool]] = []
        for arm in arms:
            reaches = self.allowed([arm], node_id, "exists", owner)
            roles = self.personnel if arm.relation in IMPLIED_RELATIONS else arm.roles
            if arm.relation is Relation.OWN:
                # Nobody reads, or the row is about nobody: unknown, which denies nothing.
                found.append(func.coalesce(reaches, false()))
                continue
            if not roles.isdisjoint({ANYONE, REGISTERED}):
                found.append(reaches)
                continue
            holds = sql_exists(
                select(ONE)
                .select_from(HELD)
                .where(
                    HELD.c.person_id == READER_PERSON,
                    role_is(HELD.c.role, roles),
                    holds_on(HELD.c, READER_TODAY),
                )
                .correlate_except(HELD)
            )
            found.append(and_(holds, reaches))
        return or_(*found) if found else false()

    def where(
        self, arm: Arm, node_id: ColumnElement[Any], held_at: ColumnElement[Any] | None = None
    ) -> list[ColumnElement[bool]]:
        """The condition and the region of an arm."""
        found: list[ColumnElement[bool]] = []
        if arm.condition != NO_CONDITION:
            place = Place(node_id, held_at if held_at is not None else null(), READER_TODAY)
            found.append(self.conditions[arm.condition].sql(place))
        if arm.region != ANY_REGION:
            codes = excepted(arm.region)
            in_one = sql_exists(
                select(ONE)
                .select_from(PLACED)
                .join(REGION, REGION.c.id == PLACED.c.region_id)
                .where(PLACED.c.id == node_id, is_one_of(REGION.c.code, codes or (arm.region,)))
                .correlate_except(PLACED, REGION)
            )
            found.append(not_(in_one) if codes else in_one)
        return found

    def selects(self, arm: Arm, roles: frozenset[str]) -> Iterable[_Reached]:
        """The SELECTs of an arm: one, or two where an OR would hide an index."""
        appointment, holder, target, closure = HELD.c, HOLDER.c, TARGET.c, CLOSURE.c
        wanted = self.personnel if arm.relation in IMPLIED_RELATIONS else roles
        held = and_(
            appointment.person_id == READER_PERSON,
            role_is(appointment.role, wanted),
            holds_on(appointment, READER_TODAY),
        )

        def found(column: Any, *tables: Any, on: Sequence[Any]) -> Any:
            extra = self.where(arm, column, appointment.node_id)
            tables = (HELD, *tables)
            statement = select(column).select_from(*tables).where(held, *on, *extra)
            of_kind = None
            if column is closure.descendant_id:
                of_kind = closure.kind
            elif column is target.id:
                of_kind = target.kind
            return statement.correlate_except(*tables), column, tables, of_kind

        at_holder = holder.id == appointment.node_id
        at_body = kind_is(holder.kind, NodeKind.STATE_BODY)

        def same(ours: Any, theirs: Any, *on: Any, also: Sequence[Any] = ()) -> Any:
            """Nodes with the same ``ours`` as a holder's node has ``theirs``.

            Somebody with thousands of roles holds them in few places: those are gathered first.
            A condition is about one role at a time, so it needs the pairs.
            """
            if arm.condition != NO_CONDITION:
                return found(target.id, HOLDER, TARGET, on=[at_holder, *on, ours == theirs, *also])
            places = (
                select(theirs)
                .select_from(HELD, HOLDER)
                .where(held, at_holder, *on)
                .correlate_except(HELD, HOLDER)
            )
            statement = select(target.id).where(
                ours.in_(places), *also, *self.where(arm, target.id)
            )
            return statement.correlate_except(TARGET), target.id, (TARGET,), target.kind

        match arm.relation:
            case Relation.TREE:
                yield found(
                    closure.descendant_id, CLOSURE, on=[closure.ancestor_id == appointment.node_id]
                )
            case Relation.SELF:
                yield found(target.id, TARGET, on=[target.id == appointment.node_id])
            case Relation.UP:
                yield found(
                    closure.ancestor_id, CLOSURE,
                    on=[
                        closure.descendant_id == appointment.node_id,
                        closure.depth > literal_column("0"),
                        closure.service.is_(False),
                    ],
                )  # fmt: skip
            case Relation.REGION:
                yield same(target.region_id, holder.region_id)
            case Relation.PROGRAM:
                yield same(target.program_scope_id, holder.program_scope_id)
                yield same(
                    target.state_body_id, holder.id, at_body,
                    also=[target.program_scope_id.is_not(None)],
                )  # fmt: skip
            case Relation.BODY:
                yield same(
                    target.state_body_id, holder.state_body_id,
                    or_(at_body, holder.program_scope_id.is_not(None)),
                    also=[kind_is(target.kind, NodeKind.STATE_BODY, NodeKind.ORGANIZATION_UNIT)],
                )  # fmt: skip
            case Relation.PRIORITY:
                served = [
                    at_holder,
                    closure.descendant_id == target.id,
                    closure.service.is_(True),
                    kind_is(target.kind, NodeKind.PROGRAM),
                ]
                for served_by in (
                    [target.id == holder.program_scope_id],
                    [at_body, target.state_body_id == holder.id],
                ):
                    yield found(
                        closure.ancestor_id, HOLDER, TARGET, CLOSURE, on=[*served, *served_by]
                    )
