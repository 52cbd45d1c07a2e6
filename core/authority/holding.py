"""What a person holds at nodes: every role, and how its node lies to the node asked about."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy import ClauseElement, Date, bindparam, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.authority.acting import Substitution
from core.authority.appointment import Appointment
from core.authority.conditions import days_hold
from core.authority.memory import memory_of
from core.authority.rules import Relation
from core.db.base import Key
from core.db.direct import Direct, any_key
from core.db.lookup import Lookup, Source
from core.tree.lineage import Lineage, lineages
from core.tree.node import Node, NodeClosure, NodeKind

ANYONE = "anyone"
REGISTERED = "registered_person"
ONESELF = "oneself"
PERSONNEL = "program_personnel"


@dataclass(frozen=True, slots=True)
class Via:
    """By which substitution a role is held: nobody's key where the place is vacant."""

    substitution_id: int
    absent_person_id: int | None


@dataclass(frozen=True, slots=True)
class Holding:
    """One role that counts at a node.

    ``appointment_id``, ``act_id``, ``held_at``: where it comes from (none: from being somebody);
    ``distance`` is the number of levels between the two nodes, ``service`` says that a national
    priority lies between them. ``follows_from`` is the role an implied role follows from, ``via``
    the substitution by which somebody acts in it.
    """

    role: str
    relation: Relation
    appointment_id: int | None = None
    act_id: int | None = None
    held_at: int | None = None
    distance: int | None = None
    service: bool = False
    follows_from: str | None = None
    via: Via | None = None


@dataclass(slots=True)
class Held:
    """A node asked about, and what the person holds there: roles of their own before those they
    only act in. Shared: nobody changes it."""

    lineage: Lineage
    holdings: list[Holding] = field(default_factory=list)
    _pairs: frozenset[tuple[str, str]] | None = None

    @property
    def node_id(self) -> int:
        return self.lineage.id

    @property
    def region(self) -> str:
        """Code of the region the node lies in; empty: the republic."""
        return self.lineage.region

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """(role, relation) of everything held."""
        if self._pairs is None:
            self._pairs = frozenset((one.role, one.relation.value) for one in self.holdings)
        return self._pairs

    @property
    def main_pairs(self) -> frozenset[tuple[str, str]]:
        """The same without roles the person only acts in."""
        return frozenset((one.role, one.relation.value) for one in self.holdings if not one.via)


class Seat(NamedTuple):
    """A valid appointment, and where its node lies."""

    id: int
    act_id: int | None
    role: str
    node_id: int
    kind: NodeKind
    region_id: int | None
    body_id: int | None
    program_id: int | None
    via: Via | None

    def holding(
        self, relation: Relation, distance: int | None = None, *, service: bool = False
    ) -> Holding:
        return Holding(
            self.role,
            relation,
            self.id,
            self.act_id,
            self.node_id,
            distance,
            service,
            via=self.via,
        )


class Seats:
    """The seats of a person, found by where they are: somebody may have thousands."""

    def __init__(self, seats: Iterable[Seat], personnel: frozenset[str]) -> None:
        self.acting = False
        self.by_node: dict[int, list[Seat]] = {}
        self.by_region: dict[int, list[Seat]] = {}
        self.staff: list[Seat] = []
        self.staff_by_program: dict[int, list[Seat]] = {}
        self.staff_by_body: dict[int, list[Seat]] = {}
        self.staff_at_body: dict[int, list[Seat]] = {}
        for seat in seats:
            self.acting = self.acting or seat.via is not None
            self.by_node.setdefault(seat.node_id, []).append(seat)
            if seat.region_id is not None:
                self.by_region.setdefault(seat.region_id, []).append(seat)
            if seat.role not in personnel:
                continue
            self.staff.append(seat)
            if seat.program_id is not None:
                self.staff_by_program.setdefault(seat.program_id, []).append(seat)
            if seat.body_id is not None:
                self.staff_by_body.setdefault(seat.body_id, []).append(seat)
            if seat.kind is NodeKind.STATE_BODY:
                self.staff_at_body.setdefault(seat.node_id, []).append(seat)

    def near(self, node: Lineage) -> Iterable[Seat]:
        """Personnel that may be personnel at the node, the first appointed first, acting last."""
        if node.kind is NodeKind.NATIONAL_PRIORITY:
            return self.staff
        found = list(self.staff_by_program.get(node.program_id or 0, ()))
        if node.kind in BODIES:
            found += self.staff_by_body.get(node.body_id or 0, ())
        found += self.staff_at_body.get(node.body_id or 0, ())
        return sorted(set(found), key=lambda seat: (seat.via is not None, seat.id))


BODIES = (NodeKind.STATE_BODY, NodeKind.ORGANIZATION_UNIT)

DEARER = frozenset({Relation.UP, Relation.PRIORITY})
"""Relations that take a statement of their own, sent only when a rule speaks of them."""

IMPLIED = frozenset({Relation.PROGRAM, Relation.BODY, Relation.PRIORITY})
"""Relations of personnel."""

SOUGHT = DEARER | IMPLIED | {Relation.REGION}
"""Relations looked for only when a rule speaks of them."""


def seats_statement(_dialect: str) -> ClauseElement:
    replaced = aliased(Appointment)
    today = bindparam("today", type_=Date())
    return (
        select(
            Appointment.id, Appointment.act_id, Appointment.role, Node.id, Node.kind,
            Node.region_id, Node.state_body_id, Node.program_scope_id, Substitution.id,
            replaced.person_id,
        )
        .join(Node, Node.id == Appointment.node_id)
        .outerjoin(Substitution, Substitution.id == Appointment.id)
        .outerjoin(replaced, replaced.id == Substitution.replaced_id)
        .where(
            Appointment.person_id == bindparam("person", type_=Key),
            Appointment.valid_from <= today,
            or_(Appointment.valid_to.is_(None), Appointment.valid_to >= today),
        )
        .order_by(Substitution.id.is_not(None), Appointment.id)
    )  # fmt: skip


def above_statement(dialect: str) -> ClauseElement:
    """The nodes above which the person holds something: those, and where."""
    below = select(Appointment.node_id).where(
        Appointment.person_id == bindparam("person", type_=Key)
    )
    return select(NodeClosure.ancestor_id, NodeClosure.descendant_id, NodeClosure.depth).where(
        any_key(NodeClosure.ancestor_id, dialect),
        NodeClosure.depth > literal_column("0"),
        NodeClosure.service.is_(False),
        NodeClosure.descendant_id.in_(below),
    )


SEATS, ABOVE = Direct(seats_statement), Direct(above_statement)


async def held_at(
    session: AsyncSession,
    person_id: int | None,
    node_ids: Collection[int],
    today: date,
    *,
    personnel: frozenset[str],
    own: bool = False,
    relations: frozenset[Relation] = frozenset(Relation),
) -> dict[int, Held]:
    """What the person holds at each of these nodes on this day; a node that is absent is left out.

    ``personnel`` are the roles that make somebody project personnel of a program; ``own`` says
    that the rows asked about are the person's own; of the relations that are :data:`SOUGHT` only
    those in ``relations`` are. The number of statements does not depend on the number of nodes:
    one for the person's appointments and one for the nodes, each once in a unit of work
    (:mod:`core.authority.memory`), and one for each dearer relation.
    """
    sought = relations & SOUGHT
    key = (person_id, today, personnel, own, sought)
    known = memory_of(session).held.get(key, {})
    missing = [node_id for node_id in node_ids if node_id not in known]
    if missing:
        found = await look(session, person_id, missing, today, personnel, own, sought)
        known = memory_of(session).held.setdefault(key, {})
        known.update(found)
    return {node_id: known[node_id] for node_id in node_ids if node_id in known}


async def look(
    session: AsyncSession,
    person_id: int | None,
    node_ids: Collection[int],
    today: date,
    personnel: frozenset[str],
    own: bool,
    sought: frozenset[Relation],
) -> dict[int, Held]:
    """:func:`held_at` for nodes the unit of work has not asked about."""
    everywhere = [Holding(ANYONE, Relation.TREE)]
    seats = None
    if person_id is not None:
        everywhere.append(Holding(REGISTERED, Relation.TREE))
        if own:
            everywhere.append(Holding(ONESELF, Relation.OWN))
        seats = await seats_of(session, person_id, today, personnel)
    nodes = await known_lineages(session, node_ids)
    found = {key: Held(node, list(everywhere)) for key, node in nodes.items()}
    if not seats or not seats.by_node:
        return found
    for held in found.values():
        held.holdings.extend(in_line(seats, held.lineage))
    if Relation.UP in sought and found:
        for above, below, depth in await ABOVE.fetch(session, person=person_id, keys=list(found)):
            for seat in seats.by_node.get(below, ()):
                found[above].holdings.append(seat.holding(Relation.UP, depth))
    programs: dict[int, list[tuple[int, int | None]]] = {}
    if Relation.PRIORITY in sought:
        priorities = [key for key, n in nodes.items() if n.kind is NodeKind.NATIONAL_PRIORITY]
        programs = await served_programs(session, priorities)
    for key, held in found.items():
        node = held.lineage
        if Relation.REGION in sought and node.region_id is not None:
            for seat in seats.by_region.get(node.region_id, ()):
                held.holdings.append(seat.holding(Relation.REGION))
        if sought & IMPLIED:
            for seat in seats.near(node):
                held.holdings.extend(as_personnel(seat, node, programs.get(key, ())))
        if seats.acting:
            held.holdings.sort(key=lambda one: one.via is not None)
    return found


def in_line(seats: Seats, node: Lineage) -> Iterable[Holding]:
    """What is held at the node and above it."""
    for above in node.above:
        for seat in seats.by_node.get(above.id, ()):
            yield seat.holding(Relation.TREE, above.depth, service=above.service)
            if above.depth == 0:
                yield seat.holding(Relation.SELF, 0)


async def known_lineages(session: AsyncSession, node_ids: Collection[int]) -> dict[int, Lineage]:
    """The lineages of these nodes, each asked for once in a unit of work."""
    known = memory_of(session).lineages
    missing = [node_id for node_id in node_ids if node_id not in known]
    if missing:
        found = await lineages(session, missing)
        known = memory_of(session).lineages
        known.update((node_id, found.get(node_id)) for node_id in missing)
    return {key: node for key in node_ids if (node := known[key]) is not None}


async def seats_of(
    session: AsyncSession, person_id: int, today: date, personnel: frozenset[str]
) -> Seats:
    """The person's appointments that hold on this day, acting ones last; asked once in a unit of
    work."""
    key = (person_id, today, personnel)
    known = memory_of(session).seats.get(key)
    if known is None:
        rows = await SEATS.fetch(session, person=person_id, today=today)
        known = Seats((seat_of(*row) for row in rows), personnel)
        memory_of(session).seats[key] = known
    return known


def seat_of(
    key: int, act_id: int | None, role: str, node_id: int, kind: str, region_id: int | None,
    body_id: int | None, program_id: int | None, substitution_id: int | None,
    absent_id: int | None,
) -> Seat:  # fmt: skip
    via = None if substitution_id is None else Via(substitution_id, absent_id)
    return Seat(key, act_id, role, node_id, NodeKind[kind], region_id, body_id, program_id, via)


async def served_programs(
    session: AsyncSession, priorities: Collection[int]
) -> dict[int, list[tuple[int, int | None]]]:
    """The programs that serve each priority, with their bodies."""
    found: dict[int, list[tuple[int, int | None]]] = {}
    if priorities:
        rows = await session.execute(
            select(NodeClosure.ancestor_id, Node.id, Node.state_body_id)
            .join(Node, Node.id == NodeClosure.descendant_id)
            .where(
                NodeClosure.ancestor_id.in_(priorities),
                NodeClosure.service.is_(True),
                Node.kind == NodeKind.PROGRAM,
            )
        )
        for priority, program, body in rows:
            found.setdefault(priority, []).append((program, body))
    return found


def as_personnel(
    seat: Seat, node: Lineage, programs: Iterable[tuple[int, int | None]]
) -> Iterable[Holding]:
    """What being project personnel by this appointment means at the node."""
    at_body = seat.kind is NodeKind.STATE_BODY
    relations = {
        Relation.PROGRAM: node.program_id is not None
        and (node.program_id == seat.program_id or (at_body and node.body_id == seat.node_id)),
        Relation.BODY: node.kind in BODIES
        and node.body_id == seat.body_id
        and (at_body or seat.program_id is not None),
        Relation.PRIORITY: any(
            served == seat.program_id or (at_body and body == seat.node_id)
            for served, body in programs
        ),
    }
    for relation, holds in relations.items():
        if holds:
            yield Holding(
                PERSONNEL,
                relation,
                seat.id,
                seat.act_id,
                seat.node_id,
                follows_from=seat.role,
                via=seat.via,
            )


NATIONAL = Lookup(
    select(Appointment.role, Appointment.valid_from, Appointment.valid_to)
    .join(Node, Node.id == Appointment.node_id)
    .where(Appointment.person_id == bindparam("person_id"), Node.kind == NodeKind.COUNTRY)
)


async def national_roles(source: Source, person_id: int, today: date) -> frozenset[str]:
    """The roles the person holds at the country on this day."""
    rows = await NATIONAL.rows(source, person_id=person_id)
    return frozenset(role for role, starts, ends in rows if days_hold(starts, ends, today))
