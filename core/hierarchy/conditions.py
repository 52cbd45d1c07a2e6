"""The core's conditions, and the policy set that uses them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import cache

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.authority.catalogue import core_catalogue
from core.authority.conditions import (
    ONE,
    About,
    Asked,
    Condition,
    ConditionRegistry,
    Place,
    authority_conditions,
)
from core.authority.policies.effective import Ground
from core.authority.policy import PolicySet
from core.hierarchy.project import Project
from core.work import Profile


def core_conditions() -> ConditionRegistry:
    """A new registry with every condition of the core; plugins register theirs in it."""
    registry = authority_conditions()
    registry.register(Condition("contractual_relations", contractual_sql, contractual, About.ROLE))
    return registry


def core_policy(profile: Profile = Profile.R2023) -> PolicySet:
    """The default policy set of the core, without plugins."""
    return core_ground(profile).policy([])


@cache
def core_ground(profile: Profile = Profile.R2023) -> Ground:
    """The rules of the core, without plugins, for administrators to change."""
    return Ground.of(core_catalogue(), core_conditions(), profile)


def contractual_sql(place: Place) -> ColumnElement[bool]:
    project = aliased(Project)
    found = (
        select(ONE)
        .select_from(project)
        .where(project.id == place.held_at, project.contractual.is_(True))
        .correlate_except(project)
    )
    return exists(found)


async def contractual(
    session: AsyncSession, asked: Collection[Asked], today: date
) -> frozenset[Asked]:
    """Customer and contractor have a contract within the project [R2023 §88]."""
    rows = await session.execute(
        select(Project.id, Project.contractual).where(
            Project.id.in_({each.held_at for each in asked})
        )
    )
    with_contract = {project_id for project_id, contract in rows if contract}
    return frozenset(each for each in asked if each.held_at in with_contract)
