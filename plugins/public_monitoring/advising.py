"""Recommendations: the result of public monitoring, and what became of it [R2023 §18]."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from plugins.public_monitoring.access import ADVISE, CONSIDER
from plugins.public_monitoring.filing import show_files_of_advice
from plugins.public_monitoring.loading import (
    as_observer,
    due_day,
    for_group,
    moved,
    require_not_own,
    settings_at,
    targets_of,
)
from plugins.public_monitoring.models import MonitoringApplication
from plugins.public_monitoring.observing import (
    MonitoringParameter,
    MonitoringRecommendation,
    MonitoringVisit,
    Step,
)
from plugins.public_monitoring.routing import Route, lies_in, route_of
from plugins.public_monitoring.states import (
    MAY_ADVISE,
    MAY_REOPEN,
    OURS,
    RECOMMENDATION,
    RULES,
    refuse_unless_in,
    wrong_state,
)
from plugins.public_monitoring.states import MonitoringRecommendationState as State
from plugins.public_monitoring.states import MonitoringVisitState as VisitState
from zhoba.api import (
    Lock,
    Node,
    NodeKind,
    NotFound,
    RuleRefused,
    Task,
    Work,
    WrongState,
    change,
    clean,
    entered,
    find,
    load_seen,
    require_version,
    required,
)


async def write_recommendation(
    work: Work,
    application_id: int,
    object_id: int,
    parameter: MonitoringParameter,
    finding: str,
    advice: str,
    planned: str | None = None,
    observed: str | None = None,
) -> MonitoringRecommendation:
    """Write what was found at a monitored object, by term, quality, cost or result, planned and
    observed, and what is recommended; it stays with the group until it is sent.

    A group that has access to the territory only recommends after a visit that was held:
    ``MONITORING_VISIT_FIRST``.
    """
    application = await for_group(work, application_id)
    if not await lies_in(work.session, object_id, await targets_of(work, application.id)):
        raise NotFound("objectId")
    await work.require(as_observer(application, ADVISE), object_id, field="objectId")
    await require_access(work, application)
    values = {
        "application_id": application.id,
        "node_id": object_id,
        "state": RECOMMENDATION.initial,
        "parameter": parameter,
        "planned": clean(planned, "planned"),
        "observed": clean(observed, "observed"),
        "finding": required(finding, "finding"),
        "advice": required(advice, "advice"),
        "written_by_id": work.actor.person_id,
    }
    found = MonitoringRecommendation(**values, written_at=work.now, version=1)
    work.session.add(found)
    await work.session.flush()
    work.record(
        "monitoringRecommendationWritten",
        found,
        node_id=object_id,
        after=entered(values),
        clause=RULES,
    )
    return found


async def edit_recommendation(
    work: Work,
    recommendation_id: int,
    expected_version: int,
    finding: str,
    advice: str,
    planned: str | None = None,
    observed: str | None = None,
) -> MonitoringRecommendation:
    """Write a recommendation anew that was not sent yet."""
    found, application = await own(work, recommendation_id, expected_version)
    RECOMMENDATION.after(found, "send")
    await require_access(work, application)
    before, after = change(
        found,
        {
            "finding": required(finding, "finding"),
            "advice": required(advice, "advice"),
            "planned": clean(planned, "planned"),
            "observed": clean(observed, "observed"),
        },
    )
    found.version += 1
    await work.session.flush()
    work.record(
        "monitoringRecommendationEdited",
        found,
        node_id=found.node_id,
        before=before,
        after=after,
        clause=RULES,
    )
    return found


async def send_recommendation(
    work: Work, recommendation_id: int, expected_version: int
) -> MonitoringRecommendation:
    """Send a recommendation to the head of the basic direction, standard or not; to the group's
    curator, with a copy to the head, where §62 gives the curator the head's functions."""
    found, application = await own(work, recommendation_id, expected_version)
    await work.require(as_observer(application, ADVISE), found.node_id, field="recommendationId")
    await require_access(work, application)
    route = await route_of(work, found.node_id)
    RECOMMENDATION.after(found, "send")
    await show_files_of_advice(work, application, found)
    return await noted(
        work,
        found,
        "send",
        "Sent",
        None,
        sent_at=work.now,
        **await term(work, found.node_id),
        **addressed(route),
    )


async def acknowledge_recommendation(
    work: Work, recommendation_id: int, expected_version: int
) -> MonitoringRecommendation:
    """Acknowledge a recommendation that was sent, or opened again."""
    found, route = await considered(work, recommendation_id, expected_version)
    return await noted(work, found, "acknowledge", "Acknowledged", None, **addressed(route))


async def take_recommendation(
    work: Work,
    recommendation_id: int,
    expected_version: int,
    task_id: int,
    answer: str | None = None,
) -> MonitoringRecommendation:
    """Take a recommendation into work, by a task of the same basic direction that is still to be
    done: ``MONITORING_TASK_ELSEWHERE``, ``MONITORING_TASK_CLOSED``. One that was taken is taken
    again when its task went without being done."""
    found, route = await considered(work, recommendation_id, expected_version)
    RECOMMENDATION.after(found, "take")
    await require_not_in_work(work, found, "take")
    task = await load_seen(work, task_id, NodeKind.TASK, field="taskId")
    if route.direction_id is None or not await lies_in(work.session, task.id, [route.direction_id]):
        raise RuleRefused("MONITORING_TASK_ELSEWHERE", clause=OURS, field="taskId")
    done = (await work.session.get_one(Task, task.id)).closed_on is not None
    if done or task.archived_at is not None:
        raise RuleRefused("MONITORING_TASK_CLOSED", clause=OURS, field="taskId")
    answer = clean(answer, "answer")
    return await noted(
        work,
        found,
        "take",
        "Taken",
        answer,
        task_id=task.id,
        answer=answer,
        answered_at=work.now,
        due_on=None,
    )


async def decline_recommendation(
    work: Work, recommendation_id: int, expected_version: int, reason: str
) -> MonitoringRecommendation:
    """Decline a recommendation, with reasons that the group reads; a taken one when its task went
    without being done."""
    found, _ = await considered(work, recommendation_id, expected_version)
    await require_not_in_work(work, found, "decline")
    reason = required(reason, "reason")
    return await noted(
        work, found, "decline", "Declined", reason,
        answer=reason, answered_at=work.now, due_on=None,
    )  # fmt: skip


async def finish_recommendation(
    work: Work, recommendation_id: int, expected_version: int, answer: str | None = None
) -> MonitoringRecommendation:
    """Say that what was recommended is done: its task is closed."""
    found, _ = await considered(work, recommendation_id, expected_version)
    RECOMMENDATION.after(found, "finish")
    assert found.task_id is not None  # what was taken has its task
    task = await work.session.get_one(Task, found.task_id)
    if task.closed_on is None:
        raise RuleRefused("MONITORING_TASK_OPEN", clause=OURS)
    return await noted(work, found, "finish", "Done", clean(answer, "answer"))


async def reopen_recommendation(
    work: Work, recommendation_id: int, expected_version: int, reason: str
) -> MonitoringRecommendation:
    """Open a recommendation again because it is not done; a group does so once, with reasons, and
    not after its access was taken away."""
    found, application = await own(work, recommendation_id, expected_version)
    RECOMMENDATION.after(found, "reopen")
    refuse_unless_in(application, "reopenRecommendation", MAY_REOPEN, OURS)
    if found.reopened_at is not None:
        raise WrongState("MONITORING_REOPENED_ALREADY", clause=OURS)
    reason = required(reason, "reason")
    return await noted(
        work,
        found,
        "reopen",
        "Reopened",
        reason,
        reopened_at=work.now,
        reopen_reason=reason,
        **await term(work, found.node_id),
    )


async def require_not_in_work(work: Work, found: MonitoringRecommendation, act: str) -> None:
    """Raise ``MONITORING_WRONG_STATE`` for one that was taken and whose task is there."""
    if found.state is not State.TAKEN:
        return
    assert found.task_id is not None  # what was taken has its task
    closed = (await work.session.get_one(Task, found.task_id)).closed_on is not None
    if closed or (await work.session.get_one(Node, found.task_id)).archived_at is None:
        raise wrong_state(found, act, (State.ACKNOWLEDGED,), OURS)


async def require_access(work: Work, application: MonitoringApplication) -> None:
    """Raise unless the group observes: by the role, else by a visit that was held."""
    refuse_unless_in(application, "recommend", MAY_ADVISE, RULES)
    if application.wants_system:
        return
    visited = await work.session.scalar(
        select(MonitoringVisit.id)
        .where(
            MonitoringVisit.application_id == application.id,
            MonitoringVisit.state == VisitState.HELD,
        )
        .limit(1)
    )
    if visited is None:
        raise RuleRefused("MONITORING_VISIT_FIRST", clause=OURS)


async def term(work: Work, node_id: int) -> dict[str, object]:
    """The columns that tell till when an answer is owed, from today."""
    days = (await settings_at(work, node_id)).recommendation_days
    return {"due_on": await due_day(work, days), "reminded_on": None}


def addressed(route: Route) -> dict[str, object]:
    return {
        "addressee_id": route.addressee_id,
        "addressee_role": route.role,
        "copy_to_id": route.copy_to_id,
    }


async def own(
    work: Work, recommendation_id: int, expected_version: int
) -> tuple[MonitoringRecommendation, MonitoringApplication]:
    """A recommendation, held, for a member of the group that wrote it."""
    seen = await find(
        work.session, MonitoringRecommendation, recommendation_id, field="recommendationId"
    )
    try:
        application = await for_group(work, seen.application_id)
    except NotFound:
        raise NotFound("recommendationId") from None
    return await held(work, recommendation_id, expected_version), application


async def considered(
    work: Work, recommendation_id: int, expected_version: int
) -> tuple[MonitoringRecommendation, Route]:
    """A recommendation, held, for whoever the Rules let consider it today.

    Raises ``MONITORING_CURATOR_CONSIDERS`` for the head where §62 gives it to the curator, and
    ``MONITORING_OWN_APPLICATION`` for a member of the group.
    """
    seen = await find(
        work.session, MonitoringRecommendation, recommendation_id, field="recommendationId"
    )
    if seen.state is RECOMMENDATION.initial:
        raise NotFound("recommendationId")
    await work.require(CONSIDER, seen.node_id, field="recommendationId")
    route = await route_of(work, seen.node_id)
    if route.role == "pg_curator" and work.actor.person_id not in route.curators:
        raise RuleRefused("MONITORING_CURATOR_CONSIDERS", clause="R2023 §62")
    await require_not_own(work, seen.application_id)
    return await held(work, recommendation_id, expected_version), route


async def held(
    work: Work, recommendation_id: int, expected_version: int
) -> MonitoringRecommendation:
    found = await find(work.session, MonitoringRecommendation, recommendation_id, lock=Lock.UPDATE)
    require_version(found.version, expected_version)
    return found


async def noted(
    work: Work,
    found: MonitoringRecommendation,
    act: str,
    name: str,
    text: str | None,
    **columns: Any,
) -> MonitoringRecommendation:
    """Make the move, keep it in the history, and write it down."""
    before, after = moved(RECOMMENDATION, found, act, **columns)
    work.session.add(
        Step(
            recommendation_id=found.id,
            act=act,
            state=found.state,
            at=work.now,
            by_id=work.actor.person_id,
            text=text,
        )
    )
    await work.session.flush()
    work.record(
        f"monitoringRecommendation{name}",
        found,
        node_id=found.node_id,
        before=before,
        after=after,
        clause=RECOMMENDATION.move(act).clause,
    )
    return found
