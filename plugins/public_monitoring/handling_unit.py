"""Which unit of a body answers for an object (product default: that of the project group)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from zhoba.api import Appointment, Node, NodeClosure, NodeKind, Person, ProjectGroup, holds_on

UNIT_HEAD = "unit_head"


async def handling_unit(
    session: AsyncSession, body_id: int, node_id: int, members: Collection[int], today: date
) -> int:
    """The responsible unit of the nearest project group that has one, else the unit of the head of
    the nearest group, else the body itself, whose project office then names a unit; none headed by
    a member of the group that applies."""
    groups = (
        select(ProjectGroup.id, ProjectGroup.responsible_unit_id)
        .join(NodeClosure, NodeClosure.ancestor_id == ProjectGroup.id)
        .where(NodeClosure.descendant_id == node_id, NodeClosure.service.is_(False))
        .order_by(NodeClosure.depth)
    )
    above = (await session.execute(groups)).all()
    for _, unit in above:
        if unit is not None and await may_handle(session, unit, body_id, members, today):
            return int(unit)
    for group, _ in above:
        unit = await unit_of_head(session, group, today)
        if unit is not None and await may_handle(session, unit, body_id, members, today):
            return unit
    return body_id


async def unit_of_head(session: AsyncSession, group_id: int, today: date) -> int | None:
    """The unit of whoever heads a project group today."""
    found: int | None = await session.scalar(
        select(Person.organization_unit_id)
        .join(Appointment, Appointment.person_id == Person.id)
        .where(
            Appointment.node_id == group_id,
            Appointment.role == "pg_head",
            holds_on(Appointment, today),
        )
        .order_by(Appointment.id)
        .limit(1)
    )
    return found


async def may_handle(
    session: AsyncSession, unit_id: int, body_id: int, members: Collection[int], today: date
) -> bool:
    """Whether a unit is one of a body, and no member of the group that applies heads it."""
    return await is_unit_of(session, unit_id, body_id) and not await is_headed_by(
        session, unit_id, members, today
    )


async def is_headed_by(
    session: AsyncSession, unit_id: int, members: Collection[int], today: date
) -> bool:
    """Whether one of these people heads a unit, or one above it, now or later."""
    found = await session.scalar(
        select(Appointment.id)
        .join(NodeClosure, NodeClosure.ancestor_id == Appointment.node_id)
        .where(
            NodeClosure.descendant_id == unit_id,
            NodeClosure.service.is_(False),
            Appointment.person_id.in_(members),
            Appointment.role == UNIT_HEAD,
            or_(Appointment.valid_to.is_(None), Appointment.valid_to >= today),
        )
        .limit(1)
    )
    return found is not None


async def is_unit_of(session: AsyncSession, unit_id: int, body_id: int) -> bool:
    """Whether a unit is one that a body has now."""
    unit = await session.get(Node, unit_id)
    return (
        unit is not None
        and unit.kind is NodeKind.ORGANIZATION_UNIT
        and unit.state_body_id == body_id
        and unit.archived_at is None
    )
