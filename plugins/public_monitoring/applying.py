"""The group applies: whom it asks, what it wants to check, and that it is ready [R2023 App.3]."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select

from plugins.public_monitoring.access import SUBMIT
from plugins.public_monitoring.filing import move_documents
from plugins.public_monitoring.handling_unit import handling_unit, may_handle
from plugins.public_monitoring.loading import (
    for_contact,
    members_of,
    moved,
    require_size,
    settings_at,
    targets_of,
)
from plugins.public_monitoring.models import (
    MonitoringApplication,
    MonitoringDocument,
    MonitoringMember,
    MonitoringTargetKind,
    Target,
)
from plugins.public_monitoring.settings import Settings
from plugins.public_monitoring.states import APPLICATION, LIVE, refuse_unless_in
from plugins.public_monitoring.states import MonitoringApplicationState as State
from plugins.public_monitoring.workdays import working_days_from
from zhoba.api import (
    PRODUCT_DEFAULT,
    UNSET,
    InvalidInput,
    Node,
    NodeKind,
    NotAllowed,
    NotFound,
    RuleRefused,
    Unset,
    Work,
    change,
    clean,
    entered,
    lock_node,
)

FORM = "R2023 §18, App.3"
EDITABLE = (State.DRAFT, State.RETURNED)
LONGEST_TITLE = 500


async def start_application(
    work: Work,
    body_id: int,
    *,
    wants_system: bool,
    wants_territory: bool,
    project_id: int | None = None,
    group_ids: Sequence[int] | None = None,
    object_title: str | None = None,
) -> MonitoringApplication:
    """Begin an application for public monitoring, as its first member and contact.

    It is about one project, or about groups of projects, of the state body addressed. While it is
    with the group, it tells no name of theirs but what the group itself writes (``object_title``),
    so that nobody learns names by trying keys. Raises ``MONITORING_TARGET_WRONG``,
    ``MONITORING_NOTHING_ASKED``, ``MONITORING_OPEN_APPLICATIONS``, ``NOT_FOUND``.
    """
    body = await work.session.get(Node, body_id)
    if body is None or body.kind is not NodeKind.STATE_BODY:
        raise NotFound("bodyId")
    await work.require(SUBMIT, body.id, field="bodyId")
    if work.actor.person_id is None:
        raise NotAllowed(SUBMIT)
    kind, nodes = await checked_targets(work, body.id, project_id, group_ids)
    require_something(wants_system, wants_territory)
    await require_few_open(work, body.id)
    values = {
        "body_id": body.id,
        "node_id": body.id,
        "target_kind": kind,
        "object_title": clean(object_title, "objectTitle", limit=LONGEST_TITLE),
        "wants_system": wants_system,
        "wants_territory": wants_territory,
        "state": APPLICATION.initial,
        "contact_id": work.actor.person_id,
    }
    application = MonitoringApplication(**values, created_at=work.now, version=1)
    work.session.add(application)
    await work.session.flush()
    await put_targets(work, application.id, nodes)
    work.session.add(
        MonitoringMember(application_id=application.id, person_id=work.actor.person_id, position=1)
    )
    await work.session.flush()
    work.record(
        "monitoringApplicationStarted",
        application,
        node_id=body.id,
        after=entered({**values, "targets": nodes}),
        clause=FORM,
    )
    return application


async def edit_application(
    work: Work,
    application_id: int,
    expected_version: int,
    *,
    wants_system: bool | Unset = UNSET,
    wants_territory: bool | Unset = UNSET,
    project_id: int | None = None,
    group_ids: Sequence[int] | None = None,
    object_title: str | Unset | None = UNSET,
) -> MonitoringApplication:
    """Change what an application asks for, while the group puts it together or corrects it; its
    members then sign it anew."""
    application = await for_contact(work, application_id, expected_version)
    require_editable(application)
    given: dict[str, Any] = {"wants_system": wants_system, "wants_territory": wants_territory}
    if not isinstance(object_title, Unset):
        given["object_title"] = clean(object_title, "objectTitle", limit=LONGEST_TITLE)
    if project_id is not None or group_ids:
        kind, nodes = await checked_targets(work, application.body_id, project_id, group_ids)
        given["target_kind"] = kind
        if nodes != await targets_of(work, application.id):
            await move_documents(work, application, application.body_id)
            given["node_id"] = application.body_id  # another unit may be responsible
        await work.session.execute(delete(Target).where(Target.application_id == application.id))
        await put_targets(work, application.id, nodes)
    before, after = change(application, given)
    require_something(application.wants_system, application.wants_territory)
    await sign_anew(work, application)
    work.record(
        "monitoringApplicationEdited",
        application,
        node_id=application.body_id,
        before=before,
        after={**after, "targets": await targets_of(work, application.id)},
        clause=FORM,
    )
    return application


async def submit_application(
    work: Work, application_id: int, expected_version: int
) -> MonitoringApplication:
    """Submit an application, for the first time or corrected: the body's term begins.

    Two to five members, each of whom has confirmed alone and attached the documents, and none of
    whom is in another group for the same object (the last is a product default). Submitted anew it
    goes to the unit that had it, as long as it is about the same.
    """
    application = await for_contact(work, application_id, expected_version)
    settings = await settings_at(work, application.body_id)
    APPLICATION.after(application, "submit")
    members = await members_of(work, application.id)
    require_size(members)
    for member in members:
        require_confirmed(member)
        await require_documents(work, member, settings)
    nodes = await held_targets(work, application.id)
    await require_no_other_group(work, application, members, nodes)
    people = [each.person_id for each in members]
    unit_id, body_id = application.node_id, application.body_id
    kept = unit_id != body_id and await may_handle(
        work.session, unit_id, body_id, people, work.today
    )
    if not kept:
        unit_id = await handling_unit(work.session, body_id, nodes[0], people, work.today)
    await move_documents(work, application, unit_id)
    before, after = moved(
        APPLICATION,
        application,
        "submit",
        submitted_at=work.now,
        node_id=unit_id,
        due_on=await working_days_from(work.session, work.today, settings.response_days),
        reminded_on=None,
        note=None,
    )
    await work.session.flush()
    work.record(
        "monitoringApplicationSubmitted",
        application,
        node_id=application.node_id,
        before=before,
        after=after,
        clause=FORM,
    )
    return application


async def withdraw_application(
    work: Work, application_id: int, expected_version: int
) -> MonitoringApplication:
    """Take an application back that is not with the body."""
    application = await for_contact(work, application_id, expected_version)
    before, after = moved(APPLICATION, application, "withdraw", ended_on=work.today)
    await work.session.flush()
    work.record(
        "monitoringApplicationWithdrawn",
        application,
        node_id=application.body_id,
        before=before,
        after=after,
        clause=PRODUCT_DEFAULT,
    )
    return application


async def sign_anew(work: Work, application: MonitoringApplication) -> None:
    """It is another application now: as long as it is with the group, who signed signs again."""
    application.version += 1
    if application.state in EDITABLE:
        members = await members_of(work, application.id)
        signed = [each for each in members if each.confirmed_at is not None]
        for each in signed:
            each.confirmed_at = each.signature_kind = each.signature_sealed = None
        if signed:
            work.warn("MONITORING_SIGN_AGAIN", clause=FORM, count=len(signed))
    await work.session.flush()


async def require_few_open(work: Work, body_id: int) -> None:
    """Raise ``MONITORING_OPEN_APPLICATIONS`` when the actor speaks for as many as one may."""
    most = (await settings_at(work, body_id)).open_applications
    found = await work.session.scalar(
        select(func.count())
        .select_from(MonitoringApplication)
        .where(
            MonitoringApplication.contact_id == work.actor.person_id,
            MonitoringApplication.state.in_(LIVE),
        )
    )
    if (found or 0) >= most:
        raise RuleRefused("MONITORING_OPEN_APPLICATIONS", clause=PRODUCT_DEFAULT, most=most)


def require_editable(application: MonitoringApplication) -> None:
    refuse_unless_in(application, "edit", EDITABLE, PRODUCT_DEFAULT)


def require_something(wants_system: bool, wants_territory: bool) -> None:
    """Access to the system, to the territory, or both [R2023 App.3]."""
    if not (wants_system or wants_territory):
        raise RuleRefused("MONITORING_NOTHING_ASKED", clause=FORM, field="wantsSystem")


async def checked_targets(
    work: Work, body_id: int, project_id: int | None, group_ids: Sequence[int] | None
) -> tuple[MonitoringTargetKind, list[int]]:
    """The kind and the keys of what an application is about: all of the body addressed."""
    if (project_id is None) == (not group_ids):
        raise InvalidInput("MONITORING_TARGET_WRONG", clause=FORM, field="projectId")
    if project_id is not None:
        kind, wanted, field = NodeKind.PROJECT, [project_id], "projectId"
        of_kind = MonitoringTargetKind.PROJECT
    else:
        kind, wanted, field = (
            NodeKind.PROJECT_GROUP,
            list(dict.fromkeys(group_ids or ())),
            "groupIds",
        )
        of_kind = MonitoringTargetKind.PROJECT_GROUPS
    found = await work.session.scalars(
        select(Node.id).where(
            Node.id.in_(wanted),
            Node.kind == kind,
            Node.state_body_id == body_id,
            Node.archived_at.is_(None),
        )
    )
    if set(found) != set(wanted):
        raise NotFound(field)
    for node_id in wanted:
        await work.require(SUBMIT, node_id, field=field)
    return of_kind, wanted


async def put_targets(work: Work, application_id: int, nodes: Sequence[int]) -> None:
    work.session.add_all(Target(application_id=application_id, node_id=node) for node in nodes)
    await work.session.flush()


def require_confirmed(member: MonitoringMember) -> None:
    """Each member signs alone [R2023 App.3]."""
    if member.confirmed_at is None:
        raise RuleRefused("MONITORING_MEMBER_NOT_CONFIRMED", clause=FORM, position=member.position)


async def require_documents(work: Work, member: MonitoringMember, settings: Settings) -> None:
    """Documents that confirm conformity, of each kind that the region asks for [R2023 §18]."""
    kinds = await work.session.scalars(
        select(MonitoringDocument.kind).where(
            MonitoringDocument.member_id == member.id, MonitoringDocument.file_id.is_not(None)
        )
    )
    there = {kind.name for kind in kinds}
    missing = [kind for kind in settings.required_documents if kind not in there]
    if missing:
        raise RuleRefused(
            "MONITORING_DOCUMENT_MISSING",
            clause="R2023 §18",
            position=member.position,
            missing=missing,
        )


async def held_targets(work: Work, application_id: int) -> list[int]:
    """What an application is about, held: of two groups that ask for it at once, one is second."""
    nodes = await targets_of(work, application_id)
    for node_id in sorted(nodes):
        await lock_node(work.session, node_id)
    return nodes


async def require_no_other_group(
    work: Work,
    application: MonitoringApplication,
    members: Sequence[MonitoringMember],
    nodes: Sequence[int],
) -> None:
    """Nobody is in two groups for the same object at a time (product default)."""
    other = await work.session.scalar(
        select(MonitoringMember.id)
        .join(MonitoringApplication, MonitoringApplication.id == MonitoringMember.application_id)
        .join(Target, Target.application_id == MonitoringApplication.id)
        .where(
            MonitoringApplication.id != application.id,
            MonitoringApplication.state.in_([each for each in LIVE if each is not State.DRAFT]),
            MonitoringMember.left_at.is_(None),
            MonitoringMember.iin_print.in_([each.iin_print for each in members]),
            Target.node_id.in_(nodes),
        )
        .limit(1)
    )
    if other is not None:
        raise RuleRefused("MONITORING_SAME_OBJECT", clause=PRODUCT_DEFAULT)
