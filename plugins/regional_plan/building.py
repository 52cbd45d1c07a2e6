"""Real projects in regional plans, to try them with: copies of what was imported from elsewhere.

Which region's projects go into which plan is made up, and so is the group they go to: the copies
say that they are fictitious. What was imported stays as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from plugins.regional_plan.info import INFO
from plugins.regional_plan.plan.plan import RegionalPlan, RegionalPlanGroup
from zhoba.api import (
    PRODUCT_DEFAULT,
    AdministrativeUnit,
    Node,
    NodeKind,
    ProjectCopy,
    ProjectLocation,
    Region,
    Work,
    copy_projects,
    enabled_at,
)

SUFFIX = {"kk": " (ойдан шығарылған)", "ru": " (вымышленный)", "en": " (fictitious)"}
"""Stands behind the name of every copy."""


@dataclass(slots=True)
class Target:
    """A running plan with its groups and the units of its region."""

    plan: RegionalPlan
    code: str
    groups: Sequence[int]
    units: Sequence[int]


@dataclass(frozen=True, slots=True)
class Share:
    """What goes from a region of the source into a plan; ``fresh``: not copied before."""

    source: str
    target: Target
    copies: Sequence[ProjectCopy]
    fresh: int


def system_of(system: str) -> str:
    """The system copies are recognised by."""
    return f"copy of {system}"


async def shares(session: AsyncSession, system: str) -> list[Share]:
    """What would be copied: regions of the source by their codes onto plans by theirs, in turn."""
    targets = await targets_of(session)
    if not targets:
        return []
    by_region = await sources_of(session, system)
    made = set(
        await session.scalars(select(Node.origin_id).where(Node.origin_system == system_of(system)))
    )
    found = []
    for place, (code, sources) in enumerate(sorted(by_region.items())):
        target = targets[place % len(targets)]
        copies = [copy_of(source_id, parent_id, target) for source_id, parent_id in sources]
        fresh = sum(str(each.source_id) not in made for each in copies)
        found.append(Share(code, target, copies, fresh))
    return found


def copy_of(source_id: int, parent_id: int | None, target: Target) -> ProjectCopy:
    """Where a project goes: what lay together stays together, units take turns."""
    group_id = target.groups[crc32(str(parent_id).encode()) % len(target.groups)]
    unit_id = target.units[source_id % len(target.units)] if target.units else None
    return ProjectCopy(source_id, group_id, target.plan.region_id, unit_id)


async def sources_of(session: AsyncSession, system: str) -> dict[str, list[tuple[int, int | None]]]:
    """Key and parent of the living projects of a system, by the code of their first region."""
    first = (
        select(ProjectLocation.project_id, func.min(ProjectLocation.id).label("id"))
        .where(ProjectLocation.region_id.is_not(None))
        .group_by(ProjectLocation.project_id)
        .subquery()
    )
    rows = await session.execute(
        select(Region.code, Node.id, Node.parent_id)
        .join(first, first.c.project_id == Node.id)
        .join(ProjectLocation, ProjectLocation.id == first.c.id)
        .join(Region, Region.id == ProjectLocation.region_id)
        .where(
            Node.kind == NodeKind.PROJECT,
            Node.origin_system == system,
            Node.archived_at.is_(None),
        )
        .order_by(Node.id)
    )
    found: dict[str, list[tuple[int, int | None]]] = defaultdict(list)
    for code, node_id, parent_id in rows:
        found[code].append((node_id, parent_id))
    return found


async def targets_of(session: AsyncSession) -> list[Target]:
    """The running plans of regions where the plugin is on, by the code of the region."""
    plans = await session.execute(
        select(RegionalPlan, Region.code)
        .join(Region, Region.id == RegionalPlan.region_id)
        .where(RegionalPlan.ended_at.is_(None), enabled_at(INFO.id, Region.id))
        .order_by(Region.code)
    )
    groups: dict[int, list[int]] = defaultdict(list)
    for plan_id, group_id in await session.execute(
        select(RegionalPlanGroup.plan_id, RegionalPlanGroup.id)
        .join(Node, Node.id == RegionalPlanGroup.id)
        .where(RegionalPlanGroup.locked, Node.archived_at.is_(None))
        .order_by(RegionalPlanGroup.code)
    ):
        groups[plan_id].append(group_id)
    units: dict[int, list[int]] = defaultdict(list)
    for region_id, unit_id in await session.execute(
        select(AdministrativeUnit.region_id, AdministrativeUnit.id).order_by(AdministrativeUnit.id)
    ):
        units[region_id].append(unit_id)
    return [
        Target(plan, code, groups[plan.id], units[plan.region_id])
        for plan, code in plans
        if groups[plan.id]
    ]


async def build(work: Work, system: str) -> list[Share]:
    """Copy what is not there yet; what each plan got is in its history."""
    found = await shares(work.session, system)
    for share in found:
        if share.fresh:
            made = await copy_projects(work, share.copies, system=system_of(system), suffix=SUFFIX)
            work.record(
                "regionalPlanFilled",
                share.target.plan,
                node_id=share.target.plan.id,
                after={"system": system, "from": share.source, "copies": made, "fictitious": True},
                clause=PRODUCT_DEFAULT,
            )
    return found
