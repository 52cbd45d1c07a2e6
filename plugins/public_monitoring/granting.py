"""The project office gives a group the role of public observer, and takes it away [R2023 §18].

The role is an appointment at each object for each member: lists, checks and explanations of
authority know it like any other, and every process obeys from the moment it is committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select

from plugins.public_monitoring.access import GRANT_ACCESS, OBSERVER, REVOKE_ACCESS
from plugins.public_monitoring.applying import held_targets, require_no_other_group
from plugins.public_monitoring.handling import latest_day, noted, require_verified
from plugins.public_monitoring.loading import (
    for_body,
    members_of,
    moved,
    require_size,
    targets_of,
)
from plugins.public_monitoring.models import (
    MonitoringAccess,
    MonitoringApplication,
    MonitoringMember,
)
from plugins.public_monitoring.observing import MonitoringVisit
from plugins.public_monitoring.settings import GROUP_SIZE
from plugins.public_monitoring.states import ADMITTED, APPLICATION, VISIT
from plugins.public_monitoring.states import MonitoringApplicationState as State
from zhoba.api import (
    PRODUCT_DEFAULT,
    Lock,
    RuleRefused,
    Work,
    confer_role,
    find,
    required,
    withdraw_role,
)


async def grant_access(
    work: Work, application_id: int, expected_version: int, valid_to: date | None = None
) -> MonitoringApplication:
    """Make the members of a group public observers of what it applied for [R2023 §18].

    Until a last day; left out, as long as the region allows (product default).
    """
    application = await for_body(work, application_id, GRANT_ACCESS, expected_version)
    APPLICATION.after(application, "grant")
    members = await members_of(work, application.id)
    require_size(members)
    require_verified(members)
    latest = await latest_day(work, application)
    last_day = valid_to or latest
    if not work.today <= last_day <= latest:
        raise RuleRefused(
            "MONITORING_ACCESS_DAYS", clause=PRODUCT_DEFAULT, field="validTo", latest=latest
        )
    await open_access(work, application, members, last_day)
    return await noted(work, application, "grant", "AccessGranted", valid_to=last_day)


async def admit_member(work: Work, member_id: int) -> MonitoringMember:
    """Make a checked new member of a group a public observer too; a group whose access rested
    because it was too small goes on (product default). A group that asked for the territory only
    gets no role."""
    member = await find(work.session, MonitoringMember, member_id, field="memberId")
    application = await for_body(work, member.application_id, GRANT_ACCESS)
    member = await find(work.session, MonitoringMember, member_id, lock=Lock.UPDATE)
    members = await members_of(work, application.id)
    require_size(members)
    require_verified([member])
    await require_no_other_group(
        work, application, [member], await held_targets(work, application.id)
    )
    act = "resume" if application.wants_system else "resumeWithoutSystem"
    resumes = application.state is State.SUSPENDED
    if resumes:
        require_verified(members)
        await noted(work, application, act, "Resumed")
    elif application.state not in ADMITTED or member.left_at is not None:
        APPLICATION.after(application, act)
    if application.wants_system:
        assert application.valid_to is not None
        newly = members if resumes else [member]
        await open_access(work, application, newly, application.valid_to)
    work.record(
        "monitoringMemberAdmitted", member, node_id=application.node_id, clause=PRODUCT_DEFAULT
    )
    return member


async def revoke_access(
    work: Work, application_id: int, expected_version: int, reason: str
) -> MonitoringApplication:
    """Take the role of public observer from a whole group at once, for a breach of generally
    accepted ethical and moral norms [R2023 §18]."""
    application = await for_body(work, application_id, REVOKE_ACCESS, expected_version)
    APPLICATION.after(application, "revoke")
    reason = required(reason, "reason")
    await end_access(work, application, REVOKE_ACCESS, reason)
    await call_off_visits(work, application)
    return await noted(
        work, application, "revoke", "AccessRevoked", note=reason, ended_on=work.today, due_on=None
    )


async def open_access(
    work: Work,
    application: MonitoringApplication,
    members: Sequence[MonitoringMember],
    last_day: date,
) -> None:
    """Appoint each of the members at each object; not whose access is open already."""
    there = set(
        await work.session.scalars(
            select(MonitoringAccess.member_id).where(
                MonitoringAccess.application_id == application.id,
                MonitoringAccess.ended_at.is_(None),
            )
        )
    )
    for node_id in sorted(await targets_of(work, application.id)):
        for member in members:
            if member.id in there:
                continue
            appointment = await confer_role(
                work,
                GRANT_ACCESS,
                person_id=member.person_id,
                role=OBSERVER,
                node_id=node_id,
                valid_to=last_day,
            )
            work.session.add(
                MonitoringAccess(
                    application_id=application.id,
                    member_id=member.id,
                    appointment_id=appointment.id,
                )
            )
    await work.session.flush()


async def end_access(
    work: Work,
    application: MonitoringApplication,
    action: str,
    reason: str,
    member: MonitoringMember | None = None,
) -> None:
    """End the role of all members, or of one, at once; the appointments stay as history."""
    chosen = select(MonitoringAccess).where(
        MonitoringAccess.application_id == application.id, MonitoringAccess.ended_at.is_(None)
    )
    if member is not None:
        chosen = chosen.where(MonitoringAccess.member_id == member.id)
    for access in (await work.session.scalars(chosen.order_by(MonitoringAccess.id))).all():
        await withdraw_role(work, action, access.appointment_id, reason=reason)
        access.ended_at = work.now
    await work.session.flush()


async def call_off_visits(
    work: Work, application: MonitoringApplication, *, begun: bool = True
) -> None:
    """Call off the visits of a group that has no access now; not, if so asked, those that have
    ``begun``, which are still to be recorded."""
    waiting = select(MonitoringVisit).where(
        MonitoringVisit.application_id == application.id,
        MonitoringVisit.state.in_(VISIT.move("callOff").start),
    )
    if not begun:
        waiting = waiting.where(
            or_(MonitoringVisit.starts_at.is_(None), MonitoringVisit.starts_at > work.now)
        )
    for visit in (await work.session.scalars(waiting.order_by(MonitoringVisit.id))).all():
        before, after = moved(VISIT, visit, "callOff", due_on=None)
        await work.session.flush()
        work.record(
            "monitoringVisitCalledOff",
            visit,
            node_id=visit.project_id,
            before=before,
            after=after,
            clause=VISIT.move("callOff").clause,
        )


async def shrink(work: Work, application: MonitoringApplication, action: str, reason: str) -> None:
    """Access rests when fewer than two members are left [R2023 §18; product default]."""
    left = await members_of(work, application.id)
    if len(left) >= GROUP_SIZE[0]:
        return
    if application.state in ADMITTED:
        await end_access(work, application, action, reason)
        await call_off_visits(work, application, begun=False)
        await noted(work, application, "suspend", "Suspended")
    elif application.state is State.ACCESS_GRANTED:
        await end_access(work, application, action, reason)
        await noted(work, application, "fallApart", "FellApart", valid_to=None)
