"""By the clock: reminders, the end of access, and personal data whose time is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import case, func, or_, select

from plugins.public_monitoring.access import REVOKE_ACCESS
from plugins.public_monitoring.filing import erase_document
from plugins.public_monitoring.granting import call_off_visits, end_access
from plugins.public_monitoring.handling import noted
from plugins.public_monitoring.models import (
    MonitoringApplication,
    MonitoringDocument,
    MonitoringMember,
    Target,
)
from plugins.public_monitoring.observing import MonitoringRecommendation, MonitoringVisit
from plugins.public_monitoring.settings import settings_in
from plugins.public_monitoring.states import (
    APPLICATION,
    AWAITED,
    RUNNING,
    UNANSWERED,
    UNDECIDED,
)
from plugins.public_monitoring.states import MonitoringApplicationState as State
from plugins.public_monitoring.workdays import working_days_from
from zhoba.api import (
    PRODUCT_DEFAULT,
    Job,
    Node,
    Stage,
    StageMove,
    StageMoveState,
    Work,
    change,
)


def in_region(region_id: int | None) -> Any:
    """The applications to bodies of a region, held; None: of the republic."""
    return of_region(MonitoringApplication, region_id)


def of_region(model: Any, region_id: int | None) -> Any:
    """Applications to bodies of a region, or what belongs to such, held."""
    found = select(model)
    if model is not MonitoringApplication:
        found = found.join(MonitoringApplication, MonitoringApplication.id == model.application_id)
    return (
        found.join(Node, Node.id == MonitoringApplication.body_id)
        .where(Node.region_id.is_not_distinct_from(region_id))
        .order_by(model.id)
        .with_for_update(of=model)
    )


OWED: tuple[tuple[Any, Sequence[Any], str, str], ...] = (
    (MonitoringApplication, AWAITED, "node_id", "monitoringAnswerDue"),
    (MonitoringVisit, UNDECIDED, "project_id", "monitoringVisitDue"),
    (MonitoringRecommendation, UNANSWERED, "node_id", "monitoringRecommendationDue"),
)
"""What has a term: its states in which an answer is owed, the node it is told at, the reminder."""


async def remind(work: Work, region_id: int | None) -> None:
    """Remind, once for each term, of answers that are soon due or late already: of applications,
    of requests for a visit, of recommendations."""
    settings = await settings_in(work.session, region_id)
    until = await working_days_from(work.session, work.today, settings.reminder_days)
    for model, states, node, act in OWED:
        soon = of_region(model, region_id).where(
            model.state.in_(states), model.due_on <= until, model.reminded_on.is_(None)
        )
        for row in (await work.session.scalars(soon)).all():
            before, after = change(row, {"reminded_on": work.today})
            await work.session.flush()
            work.record(
                act,
                row,
                node_id=getattr(row, node),
                before=before,
                after={**after, "due_on": str(row.due_on)},
                clause=PRODUCT_DEFAULT,
            )


async def close_ended(work: Work, region_id: int | None) -> None:
    """Close what is over: the last day of access has passed, or the projects have been closed for
    as long as the region says. Access that ends before the answer is given leaves the application
    with the unit, which owes the answer."""
    settings = await settings_in(work.session, region_id)
    for application in (
        await work.session.scalars(
            in_region(region_id).where(
                MonitoringApplication.state.in_((*RUNNING, State.ACCESS_GRANTED))
            )
        )
    ).all():
        over = application.valid_to is not None and application.valid_to < work.today
        if application.state is State.ACCESS_GRANTED:
            if over:
                await end_access(work, application, REVOKE_ACCESS, "the last day has passed")
                await noted(work, application, "fallApart", "FellApart", valid_to=None)
        elif over or await closed_long_ago(work, application, settings.days_after_closing):
            await end_access(work, application, REVOKE_ACCESS, "monitoring is over")
            await call_off_visits(work, application)
            await noted(work, application, "close", "Closed", ended_on=work.today)


async def withdraw_forgotten(work: Work, region_id: int | None) -> None:
    """Take back what a group began, or got back, and never submitted, so that its documents and
    numbers do not stay for ever."""
    settings = await settings_in(work.session, region_id)
    days = timedelta(days=settings.draft_days)
    waiting = in_region(region_id).where(
        MonitoringApplication.state.in_(APPLICATION.move("withdraw").start),
        MonitoringApplication.created_at < work.now - days,
        or_(
            MonitoringApplication.returned_on.is_(None),
            MonitoringApplication.returned_on < work.today - days,
        ),
    )
    for application in (await work.session.scalars(waiting)).all():
        await noted(work, application, "withdraw", "Withdrawn", ended_on=work.today)


async def closed_long_ago(work: Work, application: MonitoringApplication, days: int) -> bool:
    """Whether all objects of an application were closed, or archived, so many days ago."""
    closed_at = (
        select(func.max(StageMove.decided_at))
        .where(
            StageMove.node_id == Node.id,
            StageMove.to_stage == Stage.CLOSED,
            StageMove.state == StageMoveState.CONFIRMED,
        )
        .correlate(Node)
        .scalar_subquery()
    )
    nodes = await work.session.execute(
        select(Node.archived_at, case((Node.stage == Stage.CLOSED, closed_at)))
        .join(Target, Target.node_id == Node.id)
        .where(Target.application_id == application.id)
    )
    limit = work.now - timedelta(days=days)
    return all(any(day is not None and day <= limit for day in ends) for ends in nodes)


async def erase(work: Work, region_id: int | None) -> None:
    """Delete documents of members, and later their numbers and addresses, when their time is over;
    the application stays without them [product default; R2023 §18].

    Like what ends applications, it happens where the plugin was switched off, too.
    """
    settings = await settings_in(work.session, region_id)
    ended = MonitoringApplication.ended_on
    last_document_day = work.today - timedelta(days=settings.document_days)
    last_member_moment = work.now - timedelta(days=settings.document_days)
    stale = (
        select(MonitoringDocument, MonitoringApplication)
        .join(MonitoringMember, MonitoringMember.id == MonitoringDocument.member_id)
        .join(MonitoringApplication, MonitoringApplication.id == MonitoringMember.application_id)
        .join(Node, Node.id == MonitoringApplication.body_id)
        .where(
            Node.region_id.is_not_distinct_from(region_id),
            or_(ended < last_document_day, MonitoringMember.left_at < last_member_moment),
            MonitoringDocument.file_id.is_not(None),
        )
        .order_by(MonitoringDocument.id)
    )
    for document, application in (await work.session.execute(stale)).all():
        await erase_document(work, application, document)
    last_identity_day = work.today - timedelta(days=settings.identity_days)
    due = in_region(region_id).where(
        ended < last_identity_day, MonitoringApplication.erased_at.is_(None)
    )
    await erase_who_left(work, region_id, settings.identity_days)
    for application in (await work.session.scalars(due)).all():
        members = await work.session.scalars(
            select(MonitoringMember).where(MonitoringMember.application_id == application.id)
        )
        for member in members:
            erase_identity(member)
        application.erased_at = work.now
        await work.session.flush()
        work.record(
            "monitoringPersonalDataErased",
            application,
            node_id=application.node_id,
            clause=PRODUCT_DEFAULT,
        )


def erase_identity(member: MonitoringMember) -> None:
    member.iin_sealed = member.iin_print = member.signature_sealed = None
    member.email = member.conflict = None


async def erase_who_left(work: Work, region_id: int | None, days: int) -> None:
    """The same for members who left their group before its application ended."""
    left = (
        select(MonitoringMember, MonitoringApplication)
        .join(MonitoringApplication, MonitoringApplication.id == MonitoringMember.application_id)
        .join(Node, Node.id == MonitoringApplication.body_id)
        .where(
            Node.region_id.is_not_distinct_from(region_id),
            MonitoringMember.left_at < work.now - timedelta(days=days),
            or_(MonitoringMember.iin_sealed.is_not(None), MonitoringMember.email.is_not(None)),
        )
        .order_by(MonitoringMember.id)
    )
    for member, application in (await work.session.execute(left)).all():
        erase_identity(member)
        await work.session.flush()
        work.record(
            "monitoringPersonalDataErased",
            member,
            node_id=application.node_id,
            clause=PRODUCT_DEFAULT,
        )


JOBS = (
    Job(name="withdraw", cron="20 0 * * *", run=withdraw_forgotten, while_off=True),
    Job(name="remind", cron="0 8 * * *", run=remind),
    Job(name="close", cron="10 0 * * *", run=close_ended, while_off=True),
    Job(name="erase", cron="30 2 * * *", run=erase, while_off=True),
)
