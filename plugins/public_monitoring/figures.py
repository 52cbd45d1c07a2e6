"""Figures of public monitoring by state body, and what is monitored.

Anybody reads both of a region that shows them (setting ``public_list``, off by default: the Rules
say nothing of it); of other regions, who works with applications of the body. Nobody is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from plugins.public_monitoring.access import FIGURES
from plugins.public_monitoring.models import MonitoringApplication, Target
from plugins.public_monitoring.observing import MonitoringRecommendation, MonitoringVisit
from plugins.public_monitoring.settings import INFO, settings_in
from plugins.public_monitoring.states import ADMITTED, AWAITED
from plugins.public_monitoring.states import MonitoringApplicationState as State
from plugins.public_monitoring.states import MonitoringRecommendationState as Advice
from plugins.public_monitoring.states import MonitoringVisitState as Visit
from zhoba.api import (
    PRODUCT_DEFAULT,
    Node,
    Project,
    ProjectGroup,
    Region,
    RuleRefused,
    StateBody,
    Work,
    switched_on,
)

Names = tuple[str | None, str | None, str | None]

IN_TERM = ("submitted", "answered", "answered_in_time", "overdue", "active", "refused", "revoked")
ADVICE = ("recommendations", "taken", "not_accepted", "done", "reopened")


@dataclass(frozen=True, slots=True)
class BodyFigures:
    """The figures of one body; ``counts`` by the names of :data:`COUNTS`."""

    body_id: int
    names: Names
    counts: dict[str, int]


COUNTS = (*IN_TERM, "visits", *ADVICE)


async def body_figures(
    session: AsyncSession, region_id: int | None, bodies: Collection[int] | None, today: date
) -> list[BodyFigures]:
    """The figures of the bodies of a region that were ever addressed. One statement."""
    statement = figures_by_body(today).where(
        in_region(OF_BODY, region_id), among(StateBody.id, bodies)
    )
    rows = await session.execute(statement)
    return [
        BodyFigures(row.id, (row.name_kk, row.name_ru, row.name_en), counts_of(row)) for row in rows
    ]


@dataclass(frozen=True, slots=True)
class RegionFigures:
    """The figures of all bodies of a region together; None: of the republic."""

    region_id: int | None
    names: Names
    counts: dict[str, int]


async def region_figures(session: AsyncSession, today: date) -> list[RegionFigures]:
    """The figures of every region that shows them to anybody. One statement."""
    region: Any = aliased(Region)
    bodies = (
        figures_by_body(today)
        .add_columns(OF_BODY.region_id)
        .where(switched_on(INFO.id, "public_list", OF_BODY.region_id))
        .order_by(None)
        .subquery()
    )
    names = region.name_kk, region.name_ru, region.name_en
    rows = await session.execute(
        select(
            bodies.c.region_id, *names, *(func.sum(bodies.c[name]).label(name) for name in COUNTS)
        )
        .outerjoin(region, region.id == bodies.c.region_id)
        .group_by(bodies.c.region_id, *names)
        .order_by(bodies.c.region_id)
    )
    return [
        RegionFigures(row.region_id, (row.name_kk, row.name_ru, row.name_en), counts_of(row))
        for row in rows
    ]


def counts_of(row: Any) -> dict[str, int]:
    return {name: int(getattr(row, name) or 0) for name in COUNTS}


OF_BODY: Any = aliased(Node)


def figures_by_body(today: date) -> Select[Any]:
    applied, visited, advised = applications(today), visits(), recommendations()
    return (
        select(
            StateBody.id,
            StateBody.name_kk,
            StateBody.name_ru,
            StateBody.name_en,
            *(applied.c[name] for name in IN_TERM),
            visited.c.visits,
            *(advised.c[name] for name in ADVICE),
        )
        .join(OF_BODY, OF_BODY.id == StateBody.id)
        .join(applied, applied.c.body_id == StateBody.id)
        .outerjoin(visited, visited.c.body_id == StateBody.id)
        .outerjoin(advised, advised.c.body_id == StateBody.id)
        .order_by(StateBody.id)
    )


def counted(name: str, condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0)).label(name)


def applications(today: date) -> Subquery:
    """Applications that were submitted, by body."""
    one = MonitoringApplication
    answered = one.answered_on.is_not(None)
    return (
        select(
            one.body_id,
            func.count().label("submitted"),
            counted("answered", answered),
            counted("answered_in_time", and_(answered, one.answered_in_time.is_(True))),
            counted("overdue", and_(one.state.in_(AWAITED), one.due_on < today)),
            counted("active", one.state.in_(ADMITTED)),
            counted("refused", one.state == State.REFUSED),
            counted("revoked", one.state == State.REVOKED),
        )
        .where(one.submitted_at.is_not(None))
        .group_by(one.body_id)
        .subquery()
    )


def visits() -> Subquery:
    """Visits that were held, by body."""
    return (
        select(MonitoringApplication.body_id, func.count().label("visits"))
        .join(MonitoringVisit, MonitoringVisit.application_id == MonitoringApplication.id)
        .where(MonitoringVisit.state == Visit.HELD)
        .group_by(MonitoringApplication.body_id)
        .subquery()
    )


def recommendations() -> Subquery:
    """Recommendations that were sent, by body; one opened again had been taken before."""
    one = MonitoringRecommendation
    reopened = one.reopened_at.is_not(None)
    return (
        select(
            MonitoringApplication.body_id,
            func.count().label("recommendations"),
            counted("taken", or_(one.state.in_((Advice.TAKEN, Advice.DONE)), reopened)),
            counted("not_accepted", one.state == Advice.NOT_ACCEPTED),
            counted("done", one.state == Advice.DONE),
            counted("reopened", reopened),
        )
        .join(MonitoringApplication, MonitoringApplication.id == one.application_id)
        .where(one.sent_at.is_not(None))
        .group_by(MonitoringApplication.body_id)
        .subquery()
    )


@dataclass(frozen=True, slots=True)
class Monitored:
    """A project or project group with the groups of citizens that monitor it now."""

    node_id: int
    number: str | None
    names: Names
    body_names: Names
    groups: int
    recommendations: int


async def monitored_objects(
    session: AsyncSession,
    region_id: int | None,
    bodies: Collection[int] | None,
    *,
    after: int,
    limit: int,
) -> list[Monitored]:
    """What is monitored in a region, in the order of keys. One statement."""
    project, group = aliased(Project), aliased(ProjectGroup)
    body, node = aliased(StateBody), aliased(Node)
    advised = (
        select(func.count())
        .select_from(MonitoringRecommendation)
        .where(
            MonitoringRecommendation.node_id == Target.node_id,
            MonitoringRecommendation.sent_at.is_not(None),
        )
        .correlate(Target)
        .scalar_subquery()
    )
    columns = (
        Target.node_id, project.number, *either(project, group),
        body.name_kk, body.name_ru, body.name_en,
    )  # fmt: skip
    rows = await session.execute(
        select(*columns, func.count(), advised)
        .join(MonitoringApplication, MonitoringApplication.id == Target.application_id)
        .join(node, node.id == Target.node_id)
        .join(body, body.id == node.state_body_id)
        .outerjoin(project, project.id == Target.node_id)
        .outerjoin(group, group.id == Target.node_id)
        .where(
            MonitoringApplication.state.in_(ADMITTED),
            node.archived_at.is_(None),
            in_region(node, region_id),
            among(node.state_body_id, bodies),
            Target.node_id > after,
        )
        .group_by(*columns)
        .order_by(Target.node_id)
        .limit(limit)
    )
    return [
        Monitored(key, number, (kk, ru, en), (body_kk, body_ru, body_en), groups, recommendations)
        for key, number, kk, ru, en, body_kk, body_ru, body_en, groups, recommendations in rows
    ]


def either(project: Any, group: Any) -> Iterable[ColumnElement[Any]]:
    """The names of whichever it is."""
    for name in ("name_kk", "name_ru", "name_en"):
        yield func.coalesce(getattr(project, name), getattr(group, name)).label(name)


async def readable_bodies(work: Work, region_id: int | None) -> list[int] | None:
    """The bodies of a region whose figures the actor may read; None: all of them.

    Raises ``MONITORING_NOT_PUBLIC`` where the region shows none and the actor works with none.
    """
    if (await settings_in(work.session, region_id)).public_list:
        return None
    addressed = await work.session.scalars(
        select(Node.id)
        .where(
            in_region(Node, region_id),
            Node.id.in_(select(MonitoringApplication.body_id).distinct()),
        )
        .order_by(Node.id)
    )
    found = [each for each in addressed.all() if (await work.may(FIGURES, each)).allowed]
    if not found:
        raise RuleRefused("MONITORING_NOT_PUBLIC", clause=PRODUCT_DEFAULT, field="region")
    return found


def in_region(node: Any, region_id: int | None) -> ColumnElement[bool]:
    found: ColumnElement[bool] = (
        node.region_id.is_(None) if region_id is None else node.region_id == region_id
    )
    return found


def among(body_id: Any, bodies: Collection[int] | None) -> ColumnElement[bool]:
    found: ColumnElement[bool] = true() if bodies is None else body_id.in_(bodies)
    return found
