"""The head of the unit answers the group [R2023 App.4]."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from plugins.public_monitoring.access import RESPOND
from plugins.public_monitoring.handling import (
    answered,
    enter_response,
    latest_day,
    noted,
    refuse_application,
    require_verified,
)
from plugins.public_monitoring.loading import (
    for_body,
    members_of,
    moment,
    require_size,
    targets_of,
)
from plugins.public_monitoring.models import MonitoringApplication, MonitoringTerritoryAnswer
from plugins.public_monitoring.observing import MonitoringVisit
from plugins.public_monitoring.states import APPLICATION
from plugins.public_monitoring.states import MonitoringApplicationState as State
from plugins.public_monitoring.states import MonitoringVisitState as VisitState
from zhoba.api import (
    PRODUCT_DEFAULT,
    Appointment,
    InvalidInput,
    Node,
    NodeClosure,
    NodeKind,
    NotFound,
    RuleRefused,
    Work,
    WrongState,
    clean,
    entered,
    holds_on,
    required,
)

ANSWER = "R2023 §18, App.4"
Territory = MonitoringTerritoryAnswer


async def respond(
    work: Work,
    application_id: int,
    expected_version: int,
    number: str,
    territory: MonitoringTerritoryAnswer,
    dated_on: date | None = None,
    visit_project_id: int | None = None,
    visit_on: date | None = None,
    visit_at: str | None = None,
    visit_address: str | None = None,
    manager_phone: str | None = None,
    reasons: str | None = None,
) -> MonitoringApplication:
    """Sign the body's answer: access to the system is granted, and what of the territory.

    The answer never says granted before it is, nor when it is over. A permission to enter the
    territory names day, hour and address, and is the first visit scheduled; a refusal names reasons
    with their grounds. One that refuses all that was asked for refuses the application.
    """
    application = await for_body(work, application_id, RESPOND, expected_version)
    act = move_of(application)
    APPLICATION.after(application, act)
    require_granted_still(work, application)
    require_answer(application, territory)
    if territory is Territory.REFUSED and not application.wants_system:
        return await refuse_application(
            work, application_id, expected_version, number, required(reasons, "reasons"), dated_on
        )
    members = await members_of(work, application.id)
    require_size(members)
    require_verified(members)
    given: dict[str, object] = {"granted": application.wants_system, "territory": territory}
    if territory is Territory.REFUSED:
        given["reasons"] = required(reasons, "reasons")
    project_id = None
    if territory is Territory.ALLOWED:
        project_id = await visited_project(work, application, visit_project_id)
        if visit_on is None or visit_at is None:
            raise InvalidInput("MONITORING_TERRITORY_ANSWER", clause=ANSWER, field="visitOn")
        starts_at = moment(visit_on, visit_at, "visitAt")
        if starts_at <= work.now:
            raise RuleRefused(
                "MONITORING_VISIT_IN_THE_PAST", clause=PRODUCT_DEFAULT, field="visitOn"
            )
        given["territory_at"] = starts_at
        given["territory_address"] = required(visit_address, "visitAddress")
    subject = project_id or await only_project(work, application)
    if subject is not None:
        given["manager_id"] = await current_manager(work, subject)
        given["manager_phone"] = clean(manager_phone, "managerPhone", limit=50)
    response = await enter_response(work, application, number=number, dated_on=dated_on, **given)
    if project_id is not None:
        assert response.territory_at is not None
        assert response.territory_address is not None
        await first_visit(
            work, application, project_id, response.territory_at, response.territory_address
        )
    return await noted(
        work,
        application,
        act,
        "Answered",
        note=None,
        valid_to=application.valid_to or await latest_day(work, application),
        **answered(work, application),
    )


def move_of(application: MonitoringApplication) -> str:
    """Which move an answer is. Raises ``MONITORING_NOT_GRANTED_YET`` before the grant."""
    if application.wants_system and application.state is State.UNDER_CHECK:
        raise WrongState("MONITORING_NOT_GRANTED_YET", clause=ANSWER)
    if application.wants_system and application.state is State.ACCESS_REQUESTED:
        raise WrongState("MONITORING_NOT_GRANTED_YET", clause=ANSWER)
    return "respond" if application.wants_system else "respondWithoutSystem"


def require_granted_still(work: Work, application: MonitoringApplication) -> None:
    """Raise ``MONITORING_ACCESS_OVER`` after the last day of access."""
    last_day = application.valid_to
    if last_day is not None and last_day < work.today:
        raise RuleRefused("MONITORING_ACCESS_OVER", clause=ANSWER, ended_on=last_day)


def require_answer(application: MonitoringApplication, territory: Territory) -> None:
    """The territory is answered about exactly when it was asked for."""
    if application.wants_territory == (territory is Territory.NOT_REQUESTED):
        raise RuleRefused("MONITORING_TERRITORY_ANSWER", clause=ANSWER, field="territory")


async def visited_project(
    work: Work, application: MonitoringApplication, project_id: int | None
) -> int:
    """The project whose site may be entered: one the application reaches."""
    if project_id is None:
        project_id = await only_project(work, application)
        if project_id is None:
            raise InvalidInput("MONITORING_TERRITORY_ANSWER", clause=ANSWER, field="visitProjectId")
    await require_within(work, application, project_id, "visitProjectId")
    return project_id


async def only_project(work: Work, application: MonitoringApplication) -> int | None:
    """The project an application is about; none for groups."""
    (first, *_) = await targets_of(work, application.id)
    node = await work.session.get_one(Node, first)
    return node.id if node.kind is NodeKind.PROJECT else None


async def require_within(
    work: Work, application: MonitoringApplication, project_id: int, field: str
) -> None:
    """Raise :class:`~zhoba.api.NotFound` unless the application reaches the project."""
    found = await work.session.scalar(
        select(Node.id)
        .join(NodeClosure, NodeClosure.descendant_id == Node.id)
        .where(
            Node.id == project_id,
            Node.kind == NodeKind.PROJECT,
            NodeClosure.ancestor_id.in_(await targets_of(work, application.id)),
            NodeClosure.service.is_(False),
        )
        .limit(1)
    )
    if found is None:
        raise NotFound(field)


async def manager_of(work: Work, project_id: int) -> int:
    """Who manages a project today: nobody enters a site without [R2023 §18].

    Raises ``MONITORING_PROJECT_MANAGER_MISSING``.
    """
    found = await current_manager(work, project_id)
    if found is None:
        raise RuleRefused("MONITORING_PROJECT_MANAGER_MISSING", clause="R2023 §18")
    return found


async def current_manager(work: Work, project_id: int) -> int | None:
    """Who manages a project today, if only as somebody re-appointed."""
    found: int | None = await work.session.scalar(
        select(Appointment.person_id)
        .where(
            Appointment.node_id == project_id,
            Appointment.role == "project_manager",
            holds_on(Appointment, work.today),
        )
        .order_by(Appointment.id.desc())
        .limit(1)
    )
    return found


async def first_visit(
    work: Work,
    application: MonitoringApplication,
    project_id: int,
    starts_at: datetime,
    address: str,
) -> None:
    """The permission in the answer counts as the first scheduled visit (product default)."""
    values = {
        "application_id": application.id,
        "project_id": project_id,
        "state": VisitState.SCHEDULED,
        "starts_at": starts_at,
        "address": address,
        "manager_id": await manager_of(work, project_id),
        "decided_by_id": work.actor.person_id,
        "decided_at": work.now,
    }
    visit = MonitoringVisit(**values, requested_at=work.now, version=1)
    work.session.add(visit)
    await work.session.flush()
    work.record(
        "monitoringVisitScheduled",
        visit,
        node_id=project_id,
        after=entered(values),
        clause=ANSWER,
    )
