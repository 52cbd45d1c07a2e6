"""Who may do what."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from tests.dummy_plugin.models import OPEN, Inspection
from zhoba.api import Asked, Condition, NodeKind, Place, Policies, grant, permission, role

READ = "inspections.read"
PLAN = "inspections.plan"
RECORD = "inspections.record"
INSPECTOR = "inspections_inspector"

PERMISSIONS = (
    permission(READ, "Read inspections of a project."),
    permission(PLAN, "Plan an inspection of a project."),
    permission(RECORD, "Record what an inspection found."),
)

ROLES = (
    role(
        INSPECTOR,
        labels={"kk": "тексеруші", "ru": "проверяющий", "en": "inspector"},
        at=NodeKind.PROJECT,
        appointers=("pg_head", "bd_head"),
    ),
)


def awaited_sql(place: Place) -> ColumnElement[bool]:
    """As :func:`awaited`; it may bind no constants, so it asks for a verdict, not for a state."""
    open_one = aliased(Inspection)
    return exists(
        select(open_one.id)
        .where(open_one.project_id == place.node_id, open_one.verdict.is_(None))
        .correlate_except(open_one)
    )


async def awaited(session: AsyncSession, asked: Collection[Asked], today: date) -> frozenset[Asked]:
    """The project awaits an inspection."""
    rows = await session.scalars(
        select(Inspection.project_id).where(
            Inspection.project_id.in_({each.node_id for each in asked}), Inspection.state.in_(OPEN)
        )
    )
    projects = set(rows)
    return frozenset(each for each in asked if each.node_id in projects)


AWAITED = Condition("inspections_awaited", awaited_sql, awaited)

POLICIES = Policies(
    grants={
        INSPECTOR: [
            grant(READ, "project.read", "person.read"),
            grant(RECORD, condition=AWAITED.name),
        ],
        "project_manager": [grant(READ)],
        "pg_head": [grant(READ, PLAN)],
        "bd_head": [grant(READ, PLAN)],
    },
    conditions=(AWAITED,),
)
