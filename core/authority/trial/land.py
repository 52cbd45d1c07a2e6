"""The tree and the conditions as sets of objects, to reckon with many people at once.

A set of objects is an integer with one bit for each object of the tree: what a person reaches is
put together of such sets at the cost of a few machine instructions an object.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, literal, null, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.authority.appointment import Appointment
from core.authority.conditions import ConditionRegistry, Place, holds_on, kind_is
from core.authority.rules import ANY_REGION, NO_CONDITION, Relation, speaks_of
from core.places.region import Region
from core.tree.node import Node, NodeClosure, NodeKind

FEW = 32
"""Objects that are entered one by one: most roles are held at leaves."""

Positions = int | tuple[int, ...]

UNITS = (NodeKind.STATE_BODY, NodeKind.ORGANIZATION_UNIT)


@dataclass(frozen=True, slots=True)
class Spot:
    """A node, as far as relations ask. What lies in it are the ``size`` objects from its position,
    itself the first of them."""

    position: int
    size: int
    parent: int | None
    kind: NodeKind
    region: str
    body: int | None
    program: int | None


@dataclass(slots=True)
class Land:
    """All objects of the tree, what lies in another behind it, and the sets rules speak of.

    ``near`` tells what the places asked about reach while a condition is true.
    """

    ids: list[int]
    spots: dict[int, Spot]
    regions: dict[str, int] = field(default_factory=dict)
    programs: dict[int, int] = field(default_factory=dict)
    bodies: dict[int, int] = field(default_factory=dict)
    units: dict[int, int] = field(default_factory=dict)
    serving: dict[int, int] = field(default_factory=dict)
    served: dict[int, int] = field(default_factory=dict)
    near: dict[tuple[Relation, str], dict[int, Positions]] = field(default_factory=dict)
    everywhere: dict[str, int] = field(default_factory=dict)

    @property
    def whole(self) -> int:
        """All objects."""
        return (1 << len(self.ids)) - 1

    def set_of(self, positions: Iterable[int]) -> int:
        """The set of the objects at these positions."""
        found = bytearray(len(self.ids) // 8 + 1)
        for position in positions:
            found[position >> 3] |= 1 << (position & 7)
        return int.from_bytes(found, "little")

    def nodes(self, found: int) -> Iterator[int]:
        """The keys of the objects of a set, in their order."""
        while found:
            lowest = found & -found
            yield self.ids[lowest.bit_length() - 1]
            found ^= lowest

    def within(self, pattern: str) -> int:
        """The objects a rule with this region speaks of."""
        if pattern == ANY_REGION:
            return self.whole
        found = 0
        for code, nodes in self.regions.items():
            if speaks_of(pattern, code):
                found |= nodes
        return found

    def reached(self, relation: Relation, condition: str, places: Iterable[int]) -> int:
        """The objects that roles held at these places reach, while the condition is true."""
        if condition == NO_CONDITION and relation in (Relation.TREE, Relation.SELF):
            return self.inside(places, deep=relation is Relation.TREE)
        found = 0
        for held_at in places:
            there = (
                self.one_by_one(self.near[relation, condition].get(held_at, ()))
                if condition != NO_CONDITION
                else self.related(relation, held_at)
            )
            if there:
                found |= there
        return found

    def inside(self, places: Iterable[int], *, deep: bool) -> int:
        """The places themselves, and what lies in them or serves them."""
        single = bytearray(len(self.ids) // 8 + 1)
        found = 0
        for held_at in places:
            spot = self.spots[held_at]
            size = spot.size if deep else 1
            if size > FEW:
                found |= ((1 << size) - 1) << spot.position
            else:
                for position in range(spot.position, spot.position + size):
                    single[position >> 3] |= 1 << (position & 7)
            if deep and held_at in self.served:
                found |= self.served[held_at]
        return found | int.from_bytes(single, "little")

    def one_by_one(self, found: Positions) -> int:
        if isinstance(found, int):
            return found
        together = 0
        for position in found:
            together |= 1 << position
        return together

    def related(self, relation: Relation, held_at: int) -> int:
        """The objects that lie so to one place."""
        spot = self.spots[held_at]
        at_body = spot.kind is NodeKind.STATE_BODY
        found = 0
        match relation:
            case Relation.UP:
                while spot.parent is not None:
                    spot = self.spots[spot.parent]
                    found |= 1 << spot.position
            case Relation.REGION:
                found = self.regions[spot.region] if spot.region else 0
            case Relation.PROGRAM | Relation.PRIORITY:
                by_program, by_body = (
                    (self.programs, self.bodies)
                    if relation is Relation.PROGRAM
                    else (self.serving, self.serving)
                )
                if spot.program is not None:
                    found = by_program.get(spot.program, 0)
                if at_body:
                    found |= by_body.get(held_at, 0)
            case Relation.BODY:
                if spot.body is not None and (at_body or spot.program is not None):
                    found = self.units.get(spot.body, 0)
        return found


async def survey(session: AsyncSession) -> Land:
    """Everything the tree itself tells."""
    connection = await session.connection()
    rows: Any = await connection.execute(
        select(
            Node.id,
            Node.kind,
            Region.code,
            Node.state_body_id,
            Node.program_scope_id,
            Node.parent_id,
        )
        .outerjoin(Region, Region.id == Node.region_id)
        .order_by(Node.id)
    )
    by_key = {row[0]: row for row in rows}
    children: dict[int | None, list[int]] = defaultdict(list)
    for row in by_key.values():
        children[row[5]].append(row[0])
    ids, sizes = in_depth(children)
    land = Land(ids, {})
    groups: dict[str, dict[Any, list[int]]] = {
        name: defaultdict(list)
        for name in ("regions", "programs", "bodies", "units", "serving", "served")
    }
    for position, key in enumerate(ids):
        _, kind, region, body, program, parent = by_key[key]
        land.spots[key] = Spot(position, sizes[key], parent, kind, region or "", body, program)
        groups["regions"][region or ""].append(position)
        if program is not None:
            groups["programs"][program].append(position)
            groups["bodies"][body].append(position)
        if kind in UNITS:
            groups["units"][body].append(position)
    services: Any = await connection.execute(
        select(NodeClosure.ancestor_id, NodeClosure.descendant_id)
        .join(Node, Node.id == NodeClosure.descendant_id)
        .where(NodeClosure.service.is_(True), Node.kind == NodeKind.PROGRAM)
    )
    for priority, served in services:
        spot, program = land.spots[priority], land.spots[served]
        groups["served"][priority] += range(program.position, program.position + program.size)
        groups["serving"][served].append(spot.position)
        groups["serving"][program.body].append(spot.position)
    for name, sets in groups.items():
        getattr(land, name).update({key: land.set_of(found) for key, found in sets.items()})
    return land


def in_depth(children: Mapping[int | None, Sequence[int]]) -> tuple[list[int], dict[int, int]]:
    """All keys, each before what lies in it, and of how many objects each consists."""
    ids: list[int] = []
    sizes: dict[int, int] = {}
    started: dict[int, int] = {}
    stack = [(key, False) for key in reversed(children.get(None, ()))]
    while stack:
        key, done = stack.pop()
        if done:
            sizes[key] = len(ids) - started[key]
            continue
        started[key] = len(ids)
        ids.append(key)
        stack.append((key, True))
        stack.extend((child, False) for child in reversed(children.get(key, ())))
    return ids, sizes


async def explore(
    session: AsyncSession,
    land: Land,
    conditions: ConditionRegistry,
    relation: Relation,
    condition: str,
    roles: Collection[str],
    today: date,
) -> None:
    """Learn what places where somebody holds one of the roles reach while a condition is true."""
    day = literal(today, Date())
    seats = (
        select(Appointment.node_id)
        .where(Appointment.role.in_(sorted(roles)), holds_on(Appointment, day))
        .distinct()
    )
    found: dict[int, list[int]] = defaultdict(list)
    for held_at, node, statement in related(relation, seats):
        rows: Any = await (await session.connection()).execute(
            statement.where(conditions[condition].sql(Place(node, held_at, day)))
        )
        for seat, reached in rows:
            found[seat].append(land.spots[reached].position)
    land.near[relation, condition] = {
        seat: tuple({*positions}) if len(positions) <= FEW else land.set_of(positions)
        for seat, positions in found.items()
    }


async def explore_everywhere(
    session: AsyncSession, land: Land, conditions: ConditionRegistry, condition: str, today: date
) -> None:
    """Learn where a condition is true for what is held by being somebody."""
    if condition == NO_CONDITION:
        land.everywhere[condition] = land.whole
        return
    place = Place(Node.id.__clause_element__(), null(), literal(today, Date()))
    nodes = await session.scalars(select(Node.id).where(conditions[condition].sql(place)))
    land.everywhere[condition] = land.set_of(land.spots[node].position for node in nodes)


Related = tuple[ColumnElement[Any], ColumnElement[Any], Select[Any]]
"""The column of the place, that of the object, and the statement of both."""


def related(relation: Relation, seats: Select[Any]) -> Iterator[Related]:
    """Which objects lie so to which of the places."""
    closure: Any = aliased(NodeClosure)
    holder: Any = aliased(Node)
    target: Any = aliased(Node)

    def pair(held_at: Any, node: Any, *on: Any) -> Related:
        return held_at, node, select(held_at, node).where(held_at.in_(seats), *on)

    at_body = kind_is(holder.kind, NodeKind.STATE_BODY)
    match relation:
        case Relation.TREE:
            yield pair(closure.ancestor_id, closure.descendant_id)
        case Relation.SELF:
            yield pair(target.id, target.id)
        case Relation.UP:
            yield pair(
                closure.descendant_id,
                closure.ancestor_id,
                closure.depth > 0,
                closure.service.is_(False),
            )
        case Relation.REGION:
            yield pair(holder.id, target.id, target.region_id == holder.region_id)
        case Relation.PROGRAM:
            yield pair(holder.id, target.id, target.program_scope_id == holder.program_scope_id)
            yield pair(
                holder.id,
                target.id,
                at_body,
                target.state_body_id == holder.id,
                target.program_scope_id.is_not(None),
            )
        case Relation.BODY:
            yield pair(
                holder.id,
                target.id,
                or_(at_body, holder.program_scope_id.is_not(None)),
                target.state_body_id == holder.state_body_id,
                kind_is(target.kind, *UNITS),
            )
        case Relation.PRIORITY:
            served = (
                closure.descendant_id == target.id,
                closure.service.is_(True),
                kind_is(target.kind, NodeKind.PROGRAM),
            )
            for served_by in (
                [target.id == holder.program_scope_id],
                [at_body, target.state_body_id == holder.id],
            ):
                yield pair(holder.id, closure.ancestor_id, *served, *served_by)
