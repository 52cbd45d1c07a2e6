"""A plan's directions and groups as they stand, read for an upgrade."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from plugins.regional_plan.plan.plan import RegionalPlan, RegionalPlanDirection, RegionalPlanGroup
from plugins.regional_plan.template.reading import names_of
from zhoba.api import BasicDirection, Names, Node, NodeClosure, NodeKind, ProjectGroup, Stage

KINDS = (NodeKind.BASIC_DIRECTION, NodeKind.PROJECT_GROUP)
AT_REST = (None, Stage.INITIATION, Stage.CLOSED)
"""Stages in which the core archives."""


@dataclass(slots=True)
class Part:
    """A living direction or group of a plan.

    ``code`` is that of the template it came from, ``locked`` whether the plan's version still has
    it. ``projects`` counts those inside, ``alive`` everything that lies in it directly.
    """

    node_id: int
    parent_id: int | None
    kind: NodeKind
    stage: Stage | None
    version: int
    names: Names
    code: str | None = None
    locked: bool = False
    projects: int = 0
    alive: int = 0


@dataclass(slots=True)
class Standing:
    """All living directions and groups of a plan, by key and by code."""

    parts: dict[int, Part]
    directions: dict[str, Part] = field(default_factory=dict)
    groups: dict[str, Part] = field(default_factory=dict)

    def fingerprint(self, *versions: int) -> int:
        """A number that is another one as soon as somebody has changed any of it."""
        rows = sorted(
            (each.node_id, each.version, each.parent_id or 0, each.alive, each.projects)
            for each in self.parts.values()
        )
        return zlib.crc32(repr((versions, rows)).encode()) & 0x7FFFFFFF


async def standings(
    session: AsyncSession, plan_ids: Collection[int], *, lock: bool = False
) -> dict[int, Standing]:
    """What the plans consist of now; with ``lock`` it stays so until the unit of work ends."""
    chosen = (
        select(Node)
        .where(
            Node.program_scope_id.in_(plan_ids), Node.kind.in_(KINDS), Node.archived_at.is_(None)
        )
        .order_by(Node.id)
        .execution_options(populate_existing=True)
    )
    nodes = (await session.scalars(chosen.with_for_update() if lock else chosen)).all()
    found: dict[int, Standing] = {plan_id: Standing({}) for plan_id in plan_ids}
    parts: dict[int, Part] = {}
    for node in nodes:
        part = Part(node.id, node.parent_id, node.kind, node.stage, node.version, Names())
        parts[node.id] = part
        found[node.program_scope_id or 0].parts[node.id] = part
    for model in (BasicDirection, ProjectGroup):
        await add_names(session, model, plan_ids, parts)
    await add_marks(session, RegionalPlanDirection, found, parts)
    await add_marks(session, RegionalPlanGroup, found, parts)
    await add_counts(session, plan_ids, parts)
    return found


async def add_names(
    session: AsyncSession, model: Any, plan_ids: Collection[int], parts: dict[int, Part]
) -> None:
    rows = await session.scalars(
        select(model)
        .join(Node, Node.id == model.id)
        .where(Node.program_scope_id.in_(plan_ids), Node.archived_at.is_(None))
    )
    for row in rows:
        if row.id in parts:
            parts[row.id].names = names_of(row)


async def add_marks(
    session: AsyncSession, model: Any, found: dict[int, Standing], parts: dict[int, Part]
) -> None:
    rows = await session.execute(
        select(model.id, model.plan_id, model.code, model.locked)
        .join(RegionalPlan, RegionalPlan.id == model.plan_id)
        .where(model.plan_id.in_(found))
    )
    for row in rows:
        part = parts.get(row.id)
        if part is None or row.id not in found[row.plan_id].parts:
            continue
        part.code, part.locked = row.code, row.locked
        standing = found[row.plan_id]
        by_code = standing.directions if model is RegionalPlanDirection else standing.groups
        by_code[row.code] = part


async def add_counts(
    session: AsyncSession, plan_ids: Collection[int], parts: dict[int, Part]
) -> None:
    """What lies in each part: directly, of any kind; and projects at any depth."""
    directly = await session.execute(
        select(Node.parent_id, func.count())
        .where(Node.program_scope_id.in_(plan_ids), Node.archived_at.is_(None))
        .group_by(Node.parent_id)
    )
    for parent_id, count in directly:
        if parent_id in parts:
            parts[parent_id].alive = count
    project, above = aliased(Node), aliased(NodeClosure)
    inside = await session.execute(
        select(above.ancestor_id, func.count())
        .select_from(project)
        .join(above, above.descendant_id == project.parent_id)
        .where(
            project.program_scope_id.in_(plan_ids),
            project.kind == NodeKind.PROJECT,
            project.archived_at.is_(None),
            above.kind.in_(KINDS),
        )
        .group_by(above.ancestor_id)
    )
    for ancestor_id, count in inside:
        if ancestor_id in parts:
            parts[ancestor_id].projects = count
