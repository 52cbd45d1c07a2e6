"""Visits to sites: asked for, scheduled with the project's manager, refused with grounds, held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from plugins.public_monitoring.access import ATTEND_VISIT, DECIDE_VISIT, REQUEST_VISIT
from plugins.public_monitoring.answering import manager_of, require_within
from plugins.public_monitoring.loading import (
    as_observer,
    due_day,
    for_group,
    moment,
    moved,
    require_not_own,
    settings_at,
)
from plugins.public_monitoring.models import MonitoringApplication, MonitoringMember
from plugins.public_monitoring.observing import (
    MonitoringRefusalGround,
    MonitoringVisit,
    VisitGround,
    VisitMember,
)
from plugins.public_monitoring.states import ADMITTED, RULES, VISIT, refuse_unless_in
from zhoba.api import (
    PRODUCT_DEFAULT,
    InvalidInput,
    Lock,
    NotFound,
    RuleRefused,
    Work,
    clean,
    entered,
    find,
    require_version,
    required,
)


async def request_visit(
    work: Work, application_id: int, project_id: int, purpose: str | None = None
) -> MonitoringVisit:
    """Ask for access to the site of a monitored project; the group comes at its own means."""
    application = await for_group(work, application_id)
    await require_within(work, application, project_id, "projectId")
    await work.require(as_observer(application, REQUEST_VISIT), project_id, field="projectId")
    require_running(application)
    settings = await settings_at(work, project_id)
    values = {
        "application_id": application.id,
        "project_id": project_id,
        "state": VISIT.initial,
        "purpose": clean(purpose, "purpose"),
        "requested_by_id": work.actor.person_id,
        "due_on": await due_day(work, settings.visit_days),
    }
    visit = MonitoringVisit(**values, requested_at=work.now, version=1)
    work.session.add(visit)
    await work.session.flush()
    work.record(
        "monitoringVisitRequested",
        visit,
        node_id=project_id,
        after=entered(values),
        clause=RULES,
    )
    return visit


async def schedule_visit(
    work: Work,
    visit_id: int,
    expected_version: int,
    visit_on: date,
    visit_at: str,
    visit_address: str,
    safety_note: str | None = None,
) -> MonitoringVisit:
    """Allow a visit, with day, hour and address; the manager of the project must attend it.

    The safety note says what the group has to keep to on the site.
    """
    visit = await for_decision(work, visit_id, expected_version)
    VISIT.after(visit, "schedule")
    require_running(await work.session.get_one(MonitoringApplication, visit.application_id))
    manager_id = await manager_of(work, visit.project_id)
    starts_at = moment(visit_on, visit_at, "visitAt")
    if starts_at <= work.now:
        raise RuleRefused("MONITORING_VISIT_IN_THE_PAST", clause=PRODUCT_DEFAULT, field="visitOn")
    return await noted(
        work,
        visit,
        "schedule",
        "Scheduled",
        starts_at=starts_at,
        address=required(visit_address, "visitAddress"),
        safety_note=clean(safety_note, "safetyNote"),
        manager_id=manager_id,
        manager_confirmed_at=None,
        due_on=None,
        **decided(work),
    )


async def refuse_visit(
    work: Work, visit_id: int, expected_version: int, grounds: Mapping[str, Any]
) -> MonitoringVisit:
    """Refuse a visit with an official explanation of grounded reasons [R2023 §18]."""
    visit = await for_decision(work, visit_id, expected_version)
    VISIT.after(visit, "refuse")
    if not grounds:
        raise RuleRefused("MONITORING_GROUNDS_NEEDED", clause=RULES, field="grounds")
    for code, text in grounds.items():
        if code not in MonitoringRefusalGround.__members__ or not isinstance(text, str):
            raise InvalidInput(
                "MONITORING_GROUND_UNKNOWN",
                clause=PRODUCT_DEFAULT,
                field="grounds",
                known=list(MonitoringRefusalGround.__members__),
            )
        work.session.add(
            VisitGround(
                visit_id=visit.id,
                code=MonitoringRefusalGround[code],
                text=required(text, f"grounds.{code}"),
            )
        )
    return await noted(work, visit, "refuse", "Refused", due_on=None, **decided(work))


async def confirm_attendance(work: Work, visit_id: int, expected_version: int) -> MonitoringVisit:
    """Confirm, as manager of the project, that one will be there and explain the progress."""
    visit = await find(work.session, MonitoringVisit, visit_id, field="visitId")
    await work.require(ATTEND_VISIT, visit.project_id, field="visitId")
    await require_not_own(work, visit.application_id)
    visit = await held(work, visit_id, expected_version)
    VISIT.after(visit, "hold")
    visit.manager_id = work.actor.person_id
    visit.manager_confirmed_at = work.now
    visit.version += 1
    await work.session.flush()
    work.record(
        "monitoringVisitAttendanceConfirmed",
        visit,
        node_id=visit.project_id,
        after=entered({"manager_id": visit.manager_id}),
        clause=RULES,
    )
    return visit


async def hold_visit(
    work: Work,
    visit_id: int,
    expected_version: int,
    monitoring_member_ids: Sequence[int],
    manager_present: bool,
    record: str,
) -> MonitoringVisit:
    """Record that a visit happened: who of the group came, what was seen and explained.

    The unit records it; without the manager of the project there is no visit.
    """
    visit = await for_decision(work, visit_id, expected_version)
    VISIT.after(visit, "hold")
    require_begun(work, visit)
    if not manager_present:
        raise RuleRefused("MONITORING_MANAGER_ABSENT", clause=RULES, field="managerPresent")
    came = list(dict.fromkeys(monitoring_member_ids))
    if not came:
        raise RuleRefused("MONITORING_NOBODY_CAME", clause=RULES, field="monitoringMemberIds")
    known = await work.session.scalars(
        select(MonitoringMember.id).where(
            MonitoringMember.id.in_(came),
            MonitoringMember.application_id == visit.application_id,
            MonitoringMember.left_at.is_(None),
            MonitoringMember.verified_at.is_not(None),
        )
    )
    if set(known) != set(came):
        raise NotFound("monitoringMemberIds")
    work.session.add_all(VisitMember(visit_id=visit.id, member_id=each) for each in came)
    return await noted(
        work, visit, "hold", "Held", manager_present=True, record=required(record, "record")
    )


async def miss_visit(
    work: Work, visit_id: int, expected_version: int, reason: str
) -> MonitoringVisit:
    """Record that a scheduled visit did not happen, and why."""
    visit = await for_decision(work, visit_id, expected_version)
    VISIT.after(visit, "miss")
    require_begun(work, visit)
    return await noted(work, visit, "miss", "Missed", record=required(reason, "reason"))


def require_running(application: MonitoringApplication) -> None:
    """Only a group that has access now enters a site at its request [R2023 §18]."""
    refuse_unless_in(application, "requestVisit", ADMITTED, RULES)


def require_begun(work: Work, visit: MonitoringVisit) -> None:
    assert visit.starts_at is not None  # every scheduled visit has its hour
    if work.now < visit.starts_at:
        raise RuleRefused(
            "MONITORING_VISIT_TOO_EARLY", clause=PRODUCT_DEFAULT, starts_at=visit.starts_at
        )


def decided(work: Work) -> dict[str, object]:
    return {"decided_by_id": work.actor.person_id, "decided_at": work.now}


async def for_decision(work: Work, visit_id: int, expected_version: int) -> MonitoringVisit:
    """A visit, held, for who may decide about it at the unit; not of one's own group."""
    visit = await find(work.session, MonitoringVisit, visit_id, field="visitId")
    application = await work.session.get_one(MonitoringApplication, visit.application_id)
    await work.require(DECIDE_VISIT, application.node_id, field="visitId")
    await require_not_own(work, application.id)
    await find(work.session, MonitoringApplication, application.id, lock=Lock.UPDATE)
    return await held(work, visit_id, expected_version)


async def held(work: Work, visit_id: int, expected_version: int) -> MonitoringVisit:
    visit = await find(work.session, MonitoringVisit, visit_id, lock=Lock.UPDATE)
    require_version(visit.version, expected_version)
    return visit


async def noted(
    work: Work, visit: MonitoringVisit, act: str, name: str, **columns: Any
) -> MonitoringVisit:
    """Make the move and write it down as ``monitoringVisit...``."""
    before, after = moved(VISIT, visit, act, **columns)
    await work.session.flush()
    work.record(
        f"monitoringVisit{name}",
        visit,
        node_id=visit.project_id,
        before=before,
        after=after,
        clause=VISIT.move(act).clause,
    )
    return visit
