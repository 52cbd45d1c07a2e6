"""A version of the architecture as it is in the database."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from plugins.regional_plan.template.contents import Direction, Group
from plugins.regional_plan.template.template import (
    RegionalTemplateDirection,
    RegionalTemplateGroup,
)
from zhoba.api import Named, Names


def names_of(row: Named) -> Names:
    """The stored name of a row."""
    return Names(kk=row.name_kk, ru=row.name_ru, en=row.name_en)


async def content_of(session: AsyncSession, template_id: int) -> tuple[Direction, ...]:
    """Its directions with their groups, in their order."""
    return (await contents_of(session, (template_id,)))[template_id]


async def contents_of(
    session: AsyncSession, template_ids: Collection[int]
) -> dict[int, tuple[Direction, ...]]:
    """The same of several versions, in two statements."""
    directions = await session.scalars(
        select(RegionalTemplateDirection)
        .where(RegionalTemplateDirection.template_id.in_(template_ids))
        .order_by(RegionalTemplateDirection.position, RegionalTemplateDirection.id)
    )
    groups = await session.scalars(
        select(RegionalTemplateGroup)
        .where(RegionalTemplateGroup.template_id.in_(template_ids))
        .order_by(RegionalTemplateGroup.position, RegionalTemplateGroup.id)
    )
    inside: dict[int, list[Group]] = {}
    for group in groups:
        inside.setdefault(group.direction_id, []).append(Group(group.code, names_of(group)))
    found: dict[int, list[Direction]] = {template_id: [] for template_id in template_ids}
    for each in directions:
        found[each.template_id].append(
            Direction(each.code, names_of(each), tuple(inside.get(each.id, ())))
        )
    return {template_id: tuple(content) for template_id, content in found.items()}
