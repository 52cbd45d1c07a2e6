"""Who considers a recommendation: the head of the direction, or the group's curator [R2023 §62]."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from zhoba.api import Appointment, Node, NodeClosure, NodeKind, Work, holds_on

HEADS = ("bd_head", "standard_bd_head")


@dataclass(frozen=True, slots=True)
class Route:
    """Where a recommendation goes today; ``curators`` are those of its groups."""

    direction_id: int | None
    role: str
    addressee_id: int | None
    copy_to_id: int | None
    curators: frozenset[int] = frozenset()


async def route_of(work: Work, node_id: int) -> Route:
    """To the head of the direction. Where somebody else than the curator of the group heads the
    direction the group lies in, to the curator, with a copy to the head."""
    rows = await work.session.execute(
        select(Node.kind, Node.id, NodeClosure.depth, Appointment.role, Appointment.person_id)
        .join(NodeClosure, NodeClosure.ancestor_id == Node.id)
        .outerjoin(
            Appointment,
            (Appointment.node_id == Node.id)
            & Appointment.role.in_((*HEADS, "pg_curator"))
            & holds_on(Appointment, work.today),
        )
        .where(
            NodeClosure.descendant_id == node_id,
            NodeClosure.service.is_(False),
            Node.kind.in_((NodeKind.BASIC_DIRECTION, NodeKind.PROJECT_GROUP)),
        )
        .order_by(NodeClosure.depth, Appointment.id)
    )
    direction: int | None = None
    head: tuple[str, int] | None = None
    curators: list[int] = []
    for kind, key, _, role, person in rows:
        if kind is NodeKind.BASIC_DIRECTION:
            direction = key
            if role in HEADS:
                head = head or (role, person)
        elif role == "pg_curator":
            curators.append(person)
    if head is not None and curators and head[1] not in curators:
        return Route(direction, "pg_curator", curators[0], head[1], frozenset(curators))
    if head is None:
        return Route(direction, HEADS[0], None, None, frozenset(curators))
    return Route(direction, *head, None, frozenset(curators))


async def lies_in(session: AsyncSession, node_id: int, above: Collection[int]) -> bool:
    """Whether an object is one of others, or lies below one of them."""
    found = await session.scalar(
        select(NodeClosure.ancestor_id)
        .where(
            NodeClosure.descendant_id == node_id,
            NodeClosure.ancestor_id.in_(above),
            NodeClosure.service.is_(False),
        )
        .limit(1)
    )
    return found is not None
