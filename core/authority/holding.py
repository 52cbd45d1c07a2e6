"""What a person holds at nodes: every role, and how its node lies to the node asked about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.authority.acting import Substitution
from core.authority.appointment import Appointment
from core.authority.conditions import valid_on
from core.authority.memory import memory_of
from core.authority.rules import Relation
from core.places.region import Region
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
    """A node asked about, and what the person holds there. Shared: nobody changes it."""

    node_id: int
    kind: NodeKind
    region: str
    holdings: list[Holding] = field(default_factory=list)
    _pairs: frozenset[tuple[str, str]] | None = None

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


@dataclass(frozen=True, slots=True)
class Placed:
    """A node, as far as relations ask where it lies."""

    id: int
    kind: NodeKind
    region_id: int | None
    body_id: int | None
    program_id: int | None


@dataclass(frozen=True, slots=True)
class Source:
    """A valid appointment with its node."""

    id: int
    act_id: int | None
    role: str
    node: Placed
    via: Via | None

    def holding(
        self, relation: Relation, distance: int | None = None, *, service: bool = False
    ) -> Holding:
        return Holding(
            self.role,
            relation,
            self.id,
            self.act_id,
            self.node.id,
            distance,
            service,
            via=self.via,
        )


PLACE = (Node.id, Node.kind, Node.region_id, Node.state_body_id, Node.program_scope_id)
CLOSURE = (
    NodeClosure.ancestor_id,
    NodeClosure.descendant_id,
    NodeClosure.depth,
    NodeClosure.service,
)

DEARER = frozenset({Relation.UP, Relation.PRIORITY})
"""Relations that take a statement of their own, sent only when a rule speaks of them."""


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
    that the rows asked about are the person's own; of the :data:`DEARER` relations only those in
    ``relations`` are looked for. The number of statements does not depend on the number of nodes:
    one for the person's appointments and one for the nodes, each once in a unit of work
    (:mod:`core.authority.memory`), and one for each dearer relation.
    """
    dearer = relations & DEARER
    key = (person_id, today, personnel, own, dearer)
    known = memory_of(session).held.get(key, {})
    missing = [node_id for node_id in node_ids if node_id not in known]
    if missing:
        found = await look(session, person_id, missing, today, personnel, own, dearer)
        known = memory_of(session).held.setdefault(key, {})
        known.update((node_id, found.get(node_id)) for node_id in missing)
    answer = {node_id: known[node_id] for node_id in node_ids}
    return {node_id: held for node_id, held in answer.items() if held is not None}


async def look(
    session: AsyncSession,
    person_id: int | None,
    node_ids: Collection[int],
    today: date,
    personnel: frozenset[str],
    own: bool,
    dearer: frozenset[Relation],
) -> dict[int, Held]:
    """:func:`held_at` for nodes the unit of work has not asked about."""
    everywhere = [Holding(ANYONE, Relation.TREE)]
    if person_id is not None:
        everywhere.append(Holding(REGISTERED, Relation.TREE))
        if own:
            everywhere.append(Holding(ONESELF, Relation.OWN))
    sources = await valid_appointments(session, person_id, today) if person_id is not None else []
    by_node: dict[int, list[Source]] = {}
    for source in sources:
        by_node.setdefault(source.node.id, []).append(source)
    targets: dict[int, tuple[Placed, Held]] = {}
    rows = await session.execute(
        select(*PLACE, Region.code, NodeClosure.ancestor_id, NodeClosure.depth, NodeClosure.service)
        .join(NodeClosure, NodeClosure.descendant_id == Node.id)
        .outerjoin(Region, Region.id == Node.region_id)
        .where(Node.id.in_(node_ids))
    )
    for key, kind, region_id, body_id, program_id, region, ancestor, depth, service in rows:
        if key not in targets:
            place = Placed(key, kind, region_id, body_id, program_id)
            targets[key] = place, Held(key, kind, region or "", list(everywhere))
        for source in by_node.get(ancestor, ()):
            holdings = targets[key][1].holdings
            holdings.append(source.holding(Relation.TREE, depth, service=service))
            if depth == 0:
                holdings.append(source.holding(Relation.SELF, 0))
    if sources:
        if Relation.UP in dearer:
            await hold_above(session, person_id, by_node, targets)
        programs: dict[int, list[tuple[int, int | None]]] = {}
        if Relation.PRIORITY in dearer:
            programs = await served_programs(
                session,
                [
                    each.id
                    for each, _ in targets.values()
                    if each.kind is NodeKind.NATIONAL_PRIORITY
                ],
            )
        for node, held in targets.values():
            for source in sources:
                if node.region_id is not None and source.node.region_id == node.region_id:
                    held.holdings.append(source.holding(Relation.REGION))
                if source.role in personnel:
                    held.holdings.extend(as_personnel(source, node, programs.get(node.id, ())))
    return {node_id: held for node_id, (_, held) in targets.items()}


async def hold_above(
    session: AsyncSession,
    person_id: int | None,
    by_node: Mapping[int, Sequence[Source]],
    targets: Mapping[int, tuple[Placed, Held]],
) -> None:
    """Add what the person holds below the targets."""
    for below in await session.execute(
        select(*CLOSURE).where(
            NodeClosure.ancestor_id.in_(targets),
            NodeClosure.depth > 0,
            NodeClosure.service.is_(False),
            NodeClosure.descendant_id.in_(
                select(Appointment.node_id).where(Appointment.person_id == person_id)
            ),
        )
    ):
        for source in by_node.get(below.descendant_id, ()):
            targets[below.ancestor_id][1].holdings.append(source.holding(Relation.UP, below.depth))


async def valid_appointments(session: AsyncSession, person_id: int, today: date) -> list[Source]:
    """The person's appointments that hold on this day, acting ones last; asked once in a unit of
    work."""
    known = memory_of(session).sources
    if (person_id, today) in known:
        return known[person_id, today]
    replaced = aliased(Appointment)
    rows = await session.execute(
        select(
            *PLACE,
            Appointment.id,
            Appointment.act_id,
            Appointment.role,
            Substitution.id,
            replaced.person_id,
        )
        .join(Node, Node.id == Appointment.node_id)
        .outerjoin(Substitution, Substitution.id == Appointment.id)
        .outerjoin(replaced, replaced.id == Substitution.replaced_id)
        .where(
            Appointment.person_id == person_id,
            Appointment.valid_from <= today,
            or_(Appointment.valid_to.is_(None), Appointment.valid_to >= today),
        )
        .order_by(Substitution.id.is_not(None), Appointment.id)
    )
    found = [
        Source(
            key,
            act_id,
            role,
            Placed(node_id, kind, region_id, body_id, program_id),
            None if substitution_id is None else Via(substitution_id, absent_id),
        )
        for (
            node_id, kind, region_id, body_id, program_id, key, act_id, role,
            substitution_id, absent_id,
        ) in rows
    ]  # fmt: skip
    memory_of(session).sources[person_id, today] = found
    return found


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
    source: Source, node: Placed, programs: Iterable[tuple[int, int | None]]
) -> Iterable[Holding]:
    """What being project personnel by this appointment means at the node."""
    at_body = source.node.kind is NodeKind.STATE_BODY
    program = source.node.program_id
    relations = {
        Relation.PROGRAM: node.program_id is not None
        and (node.program_id == program or (at_body and node.body_id == source.node.id)),
        Relation.BODY: node.kind in (NodeKind.STATE_BODY, NodeKind.ORGANIZATION_UNIT)
        and node.body_id == source.node.body_id
        and (at_body or program is not None),
        Relation.PRIORITY: any(
            served == program or (at_body and body == source.node.id) for served, body in programs
        ),
    }
    for relation, holds in relations.items():
        if holds:
            yield Holding(
                PERSONNEL,
                relation,
                source.id,
                source.act_id,
                source.node.id,
                follows_from=source.role,
                via=source.via,
            )


async def national_roles(session: AsyncSession, person_id: int, today: date) -> frozenset[str]:
    """The roles the person holds at the country on this day."""
    rows = await session.execute(
        select(Appointment.role, Appointment.valid_from, Appointment.valid_to)
        .join(Node, Node.id == Appointment.node_id)
        .where(Appointment.person_id == person_id, Node.kind == NodeKind.COUNTRY)
    )
    return frozenset(row.role for row in rows if valid_on(row, today))
