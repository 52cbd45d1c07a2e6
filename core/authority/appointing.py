"""Appointing to roles and releasing from them [R2023 App.1, §74, §78, §81, §92]."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from core.authority.acting import Substitution
from core.authority.appointment import Appointment
from core.authority.appointment_rows import Terms, enter, propose, seated
from core.authority.catalogue import Role
from core.authority.committee import (
    OFFICE_HEAD,
    keep_office_head_deputy,
    require_office_head_seated,
    unseat_office_head,
)
from core.authority.ending import end
from core.authority.entitlement import OPERATOR_ROLE, appointer_of, catalogue_of, known_role
from core.authority.limits import require_allowed
from core.authority.periods import DAY
from core.errors import PRODUCT_DEFAULT, NotAllowed, RuleRefused, WrongState
from core.node_facts import country_id
from core.rows import Lock, find, require_version
from core.texts import clean
from core.tree.editing import lock_node
from core.tree.node import Node
from core.work import Work

APPOINT = "role_assignment.appoint"
RELEASE = "role_assignment.release"


async def appoint(
    work: Work,
    *,
    person_id: int,
    role: str,
    node_id: int,
    valid_from: date | None = None,
    act_id: int | None = None,
    terms: Terms | None = None,
) -> Appointment:
    """Give a person a role at a node, from today or the day given.

    Action ``role_assignment.appoint`` at the node; besides, one of the actor's roles must be the
    one the Rules name as appointer (``NOT_THE_APPOINTER``). Raises ``UNKNOWN_ROLE``,
    ``ROLE_NOT_IN_EDITION``, ``NOT_FOUND``, ``NODE_ARCHIVED``, ``PERSON_ARCHIVED`` and what
    :func:`~core.authority.limits.require_allowed` raises; warns of certificates.

    The head of a project office becomes a deputy chair of the governing committee with the same
    days, where there is a committee [R2023 §51].
    """
    held = known_role(work, role)
    node = await lock_node(work.session, node_id, field="nodeId")
    rule = held.rules[work.rules.profile]
    appointer_id = await appointer_of(work, held, rule, node.id, APPOINT)
    first = valid_from or work.today
    return await install(work, held, node, person_id, first, act_id, terms or Terms(), appointer_id)


async def install(
    work: Work,
    role: Role,
    node: Node,
    person_id: int,
    valid_from: date,
    act_id: int | None,
    terms: Terms,
    appointer_id: int | None,
) -> Appointment:
    """Enter the appointment, if the Rules allow it; the actor has been found entitled."""
    refuse_archived(node)
    proposed = await propose(work, role, node, person_id, valid_from, act_id, terms)
    await require_allowed(work, proposed)
    appointment = await enter(work, proposed, appointer_id)
    await keep_office_head_deputy(work, proposed)
    return appointment


async def release(
    work: Work,
    appointment_id: int,
    *,
    expected_version: int,
    last_day: date | None = None,
    act_id: int | None = None,
    reason: str | None = None,
) -> Appointment:
    """End an appointment; the last day, today unless given, still counts.

    A last day before the first withdraws an appointment that had not begun. Action
    ``role_assignment.release`` at the node, by whoever could appoint (product default). Raises
    ``NOT_THE_APPOINTER``, ``CONFLICT``, ``APPOINTMENT_OVER``, ``OFFICE_HEAD_STAYS_DEPUTY``
    [R2023 §51], ``LAST_ADMINISTRATOR``. With the head of a project office goes the seat in the
    governing committee.
    """
    appointment, held = await open_for_release(work, appointment_id, expected_version)
    last = last_day or work.today
    await require_office_head_seated(work, appointment, last)
    await require_administrator_after(work, appointment, last)
    last = await end(work, appointment, last, act_id=act_id, reason=reason)
    if held.code == OFFICE_HEAD:
        await unseat_office_head(work, appointment, last, act_id=act_id)
    return appointment


async def replace(
    work: Work,
    appointment_id: int,
    *,
    expected_version: int,
    person_id: int,
    first_day: date | None = None,
    act_id: int | None = None,
    reason: str | None = None,
    terms: Terms | None = None,
) -> Appointment:
    """Put another person in the place of the holder, without a day between or in common.

    The new appointment starts today, or on the day given; the old one ends on the day before.
    Actions and refusals are those of :func:`release` and :func:`appoint`.
    """
    appointment, held = await open_for_release(work, appointment_id, expected_version)
    # Asked before the release: an administrator may put another in their own place.
    rule = held.rules[work.rules.profile]
    appointer_id = await appointer_of(work, held, rule, appointment.node_id, APPOINT, field="id")
    first = first_day or work.today
    given = terms or Terms(
        employment=appointment.employment,
        participation_percent=appointment.participation_percent,
        group_number=appointment.group_number,
    )
    await require_office_head_seated(work, appointment, first - DAY)
    if given.valid_to is not None:
        await require_administrator_after(work, appointment, first - DAY)
    last = await end(work, appointment, first - DAY, act_id=act_id, reason=reason)
    if held.code == OFFICE_HEAD:
        await unseat_office_head(work, appointment, last, act_id=act_id)
    node = await find(work.session, Node, appointment.node_id)
    return await install(work, held, node, person_id, first, act_id, given, appointer_id)


async def set_role_alias(
    work: Work, appointment_id: int, *, expected_version: int, alias: str | None
) -> Appointment:
    """Give an employee of a project office an extra role name; the powers stay [R2023 §103].

    Action ``role_alias.set`` at the node. Raises ``ALIAS_NOT_FOR_ROLE``, ``CONFLICT``.
    """
    appointment = await find(work.session, Appointment, appointment_id, field="id")
    await work.require("role_alias.set", appointment.node_id, field="id")
    appointment = await find(work.session, Appointment, appointment_id, lock=Lock.UPDATE)
    require_version(appointment.version, expected_version)
    role = catalogue_of(work).roles.get(appointment.role)
    if role is None or not role.project_office_staff:
        raise RuleRefused(
            "ALIAS_NOT_FOR_ROLE", clause="R2023 §103", field="alias", role=appointment.role
        )
    before = {"alias": appointment.alias}
    appointment.alias = clean(alias, "alias")
    appointment.version += 1
    await work.session.flush()
    work.record(
        "roleAliasSet",
        appointment,
        node_id=appointment.node_id,
        before=before,
        after={"alias": appointment.alias},
        clause="R2023 §103",
    )
    return appointment


async def grant_national_administrator(work: Work, person_id: int) -> Appointment:
    """Make the first national administrators: for the operator at the machine only.

    Raises ``FORBIDDEN`` for everybody else and ``ROLE_HELD_ALREADY``.
    """
    node = await lock_node(work.session, await country_id(work.session))
    decision = await work.require(APPOINT, node.id)
    if decision.role != OPERATOR_ROLE:
        raise NotAllowed(APPOINT)
    held = known_role(work, "national_administrator")
    proposed = await propose(work, held, node, person_id, work.today, None, Terms())
    if await seated(work, held.code, node.id, proposed.period, person_id):
        raise RuleRefused(
            "ROLE_HELD_ALREADY", clause=PRODUCT_DEFAULT, field="personId", role=held.code
        )
    return await enter(work, proposed, None)


async def open_for_release(
    work: Work, appointment_id: int, expected_version: int
) -> tuple[Appointment, Role]:
    """The appointment, held, and its role, if the actor may end it.

    The node is locked first, as when appointing, so that the two never wait for each other.
    """
    appointment = await find(work.session, Appointment, appointment_id, field="id")
    if await work.session.get(Substitution, appointment_id) is not None:
        await work.require(RELEASE, appointment.node_id, field="id")
        raise WrongState("APPOINTMENT_IS_ACTING", clause="R2023 §107", field="id")
    await lock_node(work.session, appointment.node_id)
    held = catalogue_of(work).roles.get(appointment.role)
    if held is None:
        raise RuleRefused("UNKNOWN_ROLE", clause=PRODUCT_DEFAULT, field="id", role=appointment.role)
    rule = held.rules[work.rules.profile]
    await appointer_of(work, held, rule, appointment.node_id, RELEASE, field="id")
    appointment = await find(work.session, Appointment, appointment_id, lock=Lock.UPDATE)
    require_version(appointment.version, expected_version)
    return appointment, held


def refuse_archived(node: Node) -> None:
    if node.archived_at is not None:
        raise WrongState("NODE_ARCHIVED", clause=f"{PRODUCT_DEFAULT}; R2023 §98", kind=node.kind)


async def require_administrator_after(work: Work, leaving: Appointment, last_day: date) -> None:
    """Raise unless somebody else administers from the next day on, without an end."""
    if leaving.role != "national_administrator":
        return
    remaining = await work.session.scalar(
        select(Appointment.id)
        .where(
            Appointment.role == leaving.role,
            Appointment.node_id == leaving.node_id,
            Appointment.id != leaving.id,
            Appointment.valid_from <= last_day + DAY,
            Appointment.valid_to.is_(None),
        )
        .limit(1)
    )
    if remaining is None:
        raise RuleRefused("LAST_ADMINISTRATOR", clause=PRODUCT_DEFAULT, field="id")
