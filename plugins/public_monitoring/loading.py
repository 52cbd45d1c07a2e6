"""Loading an application for an act, for the group or for the body."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import func, select

from plugins.public_monitoring.access import SUBMIT
from plugins.public_monitoring.models import (
    MonitoringAccess,
    MonitoringApplication,
    MonitoringMember,
    Target,
)
from plugins.public_monitoring.settings import GROUP_SIZE, Settings, settings_in
from plugins.public_monitoring.states import Machine
from plugins.public_monitoring.workdays import working_days_from
from zhoba.api import (
    COUNTRY_TIME,
    PRODUCT_DEFAULT,
    InvalidInput,
    Lock,
    Node,
    NotFound,
    RuleRefused,
    Work,
    change,
    find,
    require_version,
)

YEARS = range(2000, 2200)
"""Years in which something happens."""


async def for_body(
    work: Work, application_id: int, action: str, expected_version: int | None = None
) -> MonitoringApplication:
    """An application that was submitted, held, for whoever may ``action`` at the unit that handles
    it.

    Nobody handles the application of a group they are in: ``MONITORING_OWN_APPLICATION``.
    """
    seen = await find(work.session, MonitoringApplication, application_id, field="applicationId")
    await work.require(action, seen.node_id, field="applicationId")
    await require_not_own(work, seen.id)
    require_submitted(seen)
    return await held(work, application_id, expected_version)


def require_submitted(application: MonitoringApplication) -> None:
    """Raise :class:`~zhoba.api.NotFound` for what never was: it is the group's alone."""
    if application.submitted_at is None:
        raise NotFound("applicationId")


async def require_not_own(work: Work, application_id: int) -> None:
    """Nobody decides about their own group. Raises ``MONITORING_OWN_APPLICATION``."""
    if await is_own(work, application_id):
        raise RuleRefused("MONITORING_OWN_APPLICATION", clause=PRODUCT_DEFAULT)


async def is_own(work: Work, application_id: int) -> bool:
    """Whether the actor is in the group."""
    members = await members_of(work, application_id)
    return work.actor.person_id in {member.person_id for member in members}


def as_observer(application: MonitoringApplication, action: str) -> str:
    """What a member asks for to do ``action`` at an object: the role of public observer allows it,
    and a group that asked for the territory only, and has no role, acts as its members."""
    return action if application.wants_system else SUBMIT


async def for_group(
    work: Work, application_id: int, expected_version: int | None = None
) -> MonitoringApplication:
    """An application, held, for a member of its group; for others it is not there."""
    seen = await find(work.session, MonitoringApplication, application_id, field="applicationId")
    await work.require(SUBMIT, seen.body_id, field="applicationId")
    await own_membership(work, seen)
    return await held(work, application_id, expected_version)


async def for_contact(
    work: Work, application_id: int, expected_version: int | None = None
) -> MonitoringApplication:
    """The same for the member who speaks for the group (product default; the Rules name nobody)."""
    application = await for_group(work, application_id, expected_version)
    if application.contact_id != work.actor.person_id:
        raise RuleRefused("MONITORING_CONTACT_ONLY", clause=PRODUCT_DEFAULT, field="applicationId")
    return application


async def held(
    work: Work, application_id: int, expected_version: int | None
) -> MonitoringApplication:
    found = await find(work.session, MonitoringApplication, application_id, lock=Lock.UPDATE)
    if expected_version is not None:
        require_version(found.version, expected_version)
    return found


async def own_membership(work: Work, application: MonitoringApplication) -> MonitoringMember:
    """The actor's place in the group. Raises :class:`~zhoba.api.NotFound` for others."""
    found: MonitoringMember | None = await work.session.scalar(
        select(MonitoringMember).where(
            MonitoringMember.application_id == application.id,
            MonitoringMember.person_id == work.actor.person_id,
            MonitoringMember.left_at.is_(None),
        )
    )
    if found is None:
        raise NotFound("applicationId")
    return found


async def members_of(work: Work, application_id: int) -> list[MonitoringMember]:
    """Who is in the group, in order; not who left."""
    rows = await work.session.scalars(
        select(MonitoringMember)
        .where(
            MonitoringMember.application_id == application_id,
            MonitoringMember.left_at.is_(None),
        )
        .order_by(MonitoringMember.position)
    )
    return list(rows)


async def targets_of(work: Work, application_id: int) -> list[int]:
    """What an application is about: keys of projects or groups, in order."""
    rows = await work.session.scalars(
        select(Target.node_id).where(Target.application_id == application_id).order_by(Target.id)
    )
    return list(rows)


def require_size(members: list[MonitoringMember]) -> None:
    """Raise ``MONITORING_GROUP_SIZE`` for fewer than two or more than five [R2023 §18]."""
    least, most = GROUP_SIZE
    if not least <= len(members) <= most:
        raise RuleRefused(
            "MONITORING_GROUP_SIZE", clause="R2023 §18", least=least, most=most, found=len(members)
        )


async def settings_at(work: Work, node_id: int) -> Settings:
    """The settings of the region of an object of the tree."""
    region_id = await work.session.scalar(select(Node.region_id).where(Node.id == node_id))
    return await settings_in(work.session, region_id)


async def due_day(work: Work, days: int) -> date:
    """The last day of a term of so many working days that begins today."""
    return await working_days_from(work.session, work.today, days)


async def has_open_access(work: Work, application_id: int) -> bool:
    """Whether anybody holds the role of public observer by this application."""
    count = await work.session.scalar(
        select(func.count())
        .select_from(MonitoringAccess)
        .where(
            MonitoringAccess.application_id == application_id, MonitoringAccess.ended_at.is_(None)
        )
    )
    return bool(count)


def moved(machine: Machine, row: Any, act: str, **columns: Any) -> tuple[Any, Any]:
    """Make a move: what the audit log gets, before and after. Bumps the version."""
    state = machine.after(row, act)
    changes = change(row, {"state": state, **columns})
    row.version += 1
    return changes


def moment(day: Any, clock: str, field: str) -> datetime:
    """A day and an hour such as 14:30 of the country's time. Raises ``MONITORING_TIME_WRONG``."""
    try:
        hour = time.fromisoformat(clock)
    except ValueError:
        hour = None
    if hour is None or day.year not in YEARS or not re.fullmatch("[0-9]{2}:[0-9]{2}", clock):
        raise InvalidInput("MONITORING_TIME_WRONG", clause=PRODUCT_DEFAULT, field=field)
    return datetime.combine(day, hour, tzinfo=COUNTRY_TIME)
