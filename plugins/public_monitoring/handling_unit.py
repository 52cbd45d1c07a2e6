"""Which unit of a body answers for an object (product default: that of the project group)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from zhoba.api import Appointment, Node, NodeClosure, NodeKind, Person, ProjectGroup


async def handling_unit(session: AsyncSession, body_id: int, node_id: int, today: date) -> int:
    """The responsible unit of the nearest project group that has one, else the unit of the head of
    the nearest group, else the body itself, whose project office then names a unit."""
    groups = (
        select(ProjectGroup.id, ProjectGroup.responsible_unit_id)
        .join(NodeClosure, NodeClosure.ancestor_id == ProjectGroup.id)
        .where(NodeClosure.descendant_id == node_id, NodeClosure.service.is_(False))
        .order_by(NodeClosure.depth)
    )
    above = (await session.execute(groups)).all()
    candidates = [unit for _, unit in above]
    for group, _ in above:
        candidates.append(
            await session.scalar(
                select(Person.organization_unit_id)
                .join(Appointment, Appointment.person_id == Person.id)
                .where(
                    Appointment.node_id == group,
                    Appointment.role == "pg_head",
                    Appointment.valid_from <= today,
                    or_(Appointment.valid_to.is_(None), Appointment.valid_to >= today),
                )
                .order_by(Appointment.id)
                .limit(1)
            )
        )
    for unit in candidates:
        if unit is not None and await is_unit_of(session, unit, body_id):
            return int(unit)
    return body_id


async def is_unit_of(session: AsyncSession, unit_id: int, body_id: int) -> bool:
    """Whether a unit is one of a body."""
    unit = await session.get(Node, unit_id)
    return (
        unit is not None
        and unit.kind is NodeKind.ORGANIZATION_UNIT
        and unit.state_body_id == body_id
    )
