"""A plugin's additions to authority: a role, permissions, grants of every sort, a condition."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.authority.authoring import grant, permission, role
from core.authority.conditions import ONE, Asked, Condition, Place
from core.authority.joining import Addition, Policies
from core.places.region import Region
from core.plugins.plugin_region import PluginRegion
from core.tree.node import Node, NodeKind
from tests.factories import MADE_AT


def not_archived_sql(place: Place) -> ColumnElement[bool]:
    node = aliased(Node)
    return exists(
        select(ONE)
        .select_from(node)
        .where(node.id == place.node_id, node.archived_at.is_(None))
        .correlate_except(node)
    )


async def not_archived(
    session: AsyncSession, asked: Collection[Asked], today: date
) -> frozenset[Asked]:
    found = set(
        await session.scalars(
            select(Node.id).where(
                Node.id.in_({each.node_id for each in asked}), Node.archived_at.is_(None)
            )
        )
    )
    return frozenset(each for each in asked if each.node_id in found)


LEAD = role(
    "survey_lead",
    labels={"kk": "сауалнама жетекшісі", "ru": "руководитель опроса", "en": "survey lead"},
    at=NodeKind.PROJECT,
    appointers=["bd_head"],
)

SURVEY = Addition(
    owner="survey",
    permissions=[
        permission("survey.read", "read surveys"),
        permission("survey.plan", "plan a survey"),
    ],
    roles=[LEAD],
    policies=Policies(
        grants={
            "survey_lead": [
                grant("survey.read", "project.read", "lessons_log.edit"),
                grant("survey.plan", condition="survey_open"),
                grant("project.read_basic", relation="up"),
            ],
            "bd_head": [grant("survey.read"), grant("lessons_log.edit", condition="survey_open")],
            "auditor": [grant("survey.read")],
            "project_customer": [
                grant("survey.plan", "lessons_log.edit", condition="contractual_relations")
            ],
        },
        conditions=[Condition("survey_open", not_archived_sql, not_archived)],
    ),
)


async def switch_on(session: AsyncSession, *regions: Region | None) -> None:
    """The plugin is on in these regions; None: for the republic."""
    for region in regions:
        session.add(
            PluginRegion(
                plugin="survey",
                region_id=region.id if region else None,
                enabled=True,
                settings={},
                changed_at=MADE_AT,
            )
        )
    await session.flush()
