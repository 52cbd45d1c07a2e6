"""Standing in for an absent performer of a role, or in a vacant one [R2023 §107, App.7].

Who may is in the table (:mod:`core.authority.substitution`). One hop: neither the substitute's own
role nor the replaced one may itself be acted in. The law leaves the rest open, so these are product
defaults: a substitution is recorded one by one, by whoever appoints to the role or holds
``role_assignment.substitute``, never by the substitute; the substitute's role lies in the same
state body, or at a priority that a program of the body serves; one substitute at a time; in a
vacant place a last day is set beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import aliased

from core.authority.absence import Absence
from core.authority.acting import Substitution, is_acting, is_main
from core.authority.appointment import Appointment, Employment
from core.authority.appointment_rows import Terms, propose, seated
from core.authority.catalogue import Role
from core.authority.ending import end
from core.authority.entitlement import appointer_of, known_role
from core.authority.limits import (
    is_numbered,
    require_dates,
    require_group_number,
    require_place,
    within,
)
from core.authority.periods import Period
from core.authority.substitution import substitutes_of
from core.errors import PRODUCT_DEFAULT, RuleRefused, WrongState
from core.people.person import Person
from core.rows import Lock, entered, find, require_version
from core.texts import clean
from core.tree.editing import lock_node
from core.tree.node import Node, NodeClosure, NodeKind
from core.work import Work

SUBSTITUTE = "role_assignment.substitute"
APPOINT = "role_assignment.appoint"
CLAUSE = "R2023 §107, App.7"
DEFAULT = f"{PRODUCT_DEFAULT}; {CLAUSE}"


@dataclass(frozen=True, slots=True)
class Place:
    """What somebody is to act in: a role at a node, of a main performer or vacant."""

    role: Role
    node: Node
    group_number: int | None
    replaced: Appointment | None = None
    absence: Absence | None = None


async def substitute_absent(
    work: Work,
    appointment_id: int,
    *,
    person_id: int,
    first_day: date | None = None,
    last_day: date | None = None,
    act_id: int | None = None,
    reason: str | None = None,
) -> Appointment:
    """Let somebody act for the absent performer of a role, while the absence lasts at most.

    ``appointment_id`` is the absent performer's appointment, ``person_id`` the substitute; from
    today, or the day given. Action ``role_assignment.substitute`` at the node, or that of the
    appointer. Raises ``NOBODY_ABSENT``, ``SUBSTITUTION_OUTLASTS``, ``NOT_A_SUBSTITUTE``,
    ``SUBSTITUTE_ABSENT``, ``SUBSTITUTED_ALREADY``, ``SUBSTITUTE_DECIDES``, ``ONE_HOP_ONLY``.
    """
    replaced = await find(work.session, Appointment, appointment_id, field="appointmentId")
    role = known_role(work, replaced.role)
    node = await lock_node(work.session, replaced.node_id, field="appointmentId")
    appointer_id = await require_recorder(work, role, node.id, person_id, "appointmentId")
    if await work.session.scalar(select(is_acting()).where(Appointment.id == replaced.id)):
        raise RuleRefused("ONE_HOP_ONLY", clause=DEFAULT, field="appointmentId")
    first = first_day or work.today
    absence = await absence_of(work, replaced, first)
    ends = [day for day in (absence.last_day, replaced.valid_to) if day is not None]
    latest = min(ends, default=None)
    if latest is not None and last_day is not None and last_day > latest:
        raise RuleRefused("SUBSTITUTION_OUTLASTS", clause=CLAUSE, field="lastDay", latest=latest)
    place = Place(role, node, replaced.group_number, replaced, absence)
    return await enter(
        work, place, person_id, (first, last_day or latest), appointer_id, act_id, reason
    )


async def substitute_vacant(
    work: Work,
    *,
    role: str,
    node_id: int,
    person_id: int,
    last_day: date,
    group_number: int | None = None,
    first_day: date | None = None,
    act_id: int | None = None,
    reason: str | None = None,
) -> Appointment:
    """Let somebody act in a role without a performer, until it is filled, or the last day.

    Actions and refusals as for :func:`substitute_absent`; besides ``PLACE_FILLED``.
    """
    held = known_role(work, role)
    node = await lock_node(work.session, node_id, field="nodeId")
    appointer_id = await require_recorder(work, held, node.id, person_id, "nodeId")
    first = first_day or work.today
    require_dates(first, last_day)
    for performer in await seated(work, held.code, node.id, (first, last_day)):
        if not is_numbered(held) or performer.group_number == group_number:
            raise WrongState(
                "PLACE_FILLED", clause=CLAUSE, field="role", role=role, since=performer.valid_from
            )
    place = Place(held, node, group_number)
    return await enter(work, place, person_id, (first, last_day), appointer_id, act_id, reason)


async def end_substitution(
    work: Work,
    appointment_id: int,
    *,
    expected_version: int,
    last_day: date | None = None,
    act_id: int | None = None,
    reason: str | None = None,
) -> Appointment:
    """End a substitution before its time; the last day, today unless given, still counts.

    Actions as for :func:`substitute_absent`. Raises ``NO_SUBSTITUTION``, ``CONFLICT``,
    ``APPOINTMENT_OVER``, ``SUBSTITUTE_DECIDES``.
    """
    acting = await find(work.session, Appointment, appointment_id, field="id")
    role = known_role(work, acting.role)
    await lock_node(work.session, acting.node_id)
    await require_recorder(work, role, acting.node_id, acting.person_id, "id")
    acting = await find(work.session, Appointment, appointment_id, lock=Lock.UPDATE)
    require_version(acting.version, expected_version)
    if await work.session.get(Substitution, acting.id) is None:
        raise WrongState("NO_SUBSTITUTION", clause=CLAUSE, field="id")
    await end(work, acting, last_day or work.today, act_id=act_id, reason=reason)
    return acting


async def require_recorder(
    work: Work, role: Role, node_id: int, substitute_id: int, field: str
) -> int | None:
    """The appointment by which the actor records substitutions in the role here.

    Raises ``SUBSTITUTE_DECIDES`` for the substitute, whatever else they may do here.
    """
    if (await work.may(SUBSTITUTE, node_id)).allowed:
        appointer_id = (await work.require(SUBSTITUTE, node_id, field=field)).appointment_id
    else:
        rule = role.rules[work.rules.profile]
        appointer_id = await appointer_of(work, role, rule, node_id, APPOINT, field=field)
    if work.actor.person_id is not None and work.actor.person_id == substitute_id:
        raise RuleRefused("SUBSTITUTE_DECIDES", clause=DEFAULT, field="personId")
    return appointer_id


async def absence_of(work: Work, replaced: Appointment, day: date) -> Absence:
    """The absence on this day of whoever holds the role; ``NOBODY_ABSENT``."""
    found: Absence | None = await work.session.scalar(
        select(Absence)
        .where(
            Absence.person_id == replaced.person_id,
            Absence.first_day <= day,
            Absence.last_day.is_(None) | (Absence.last_day >= day),
        )
        .limit(1)
    )
    held = replaced.valid_from <= day and (replaced.valid_to is None or day <= replaced.valid_to)
    if found is None or not held:
        raise RuleRefused("NOBODY_ABSENT", clause=CLAUSE, field="firstDay", day=day)
    return found


async def enter(
    work: Work,
    place: Place,
    person_id: int,
    period: Period,
    appointer_id: int | None,
    act_id: int | None,
    reason: str | None,
) -> Appointment:
    """Enter the acting appointment, if the table allows it; the actor has been found entitled."""
    if place.node.archived_at is not None:
        raise WrongState(
            "NODE_ARCHIVED", clause=f"{PRODUCT_DEFAULT}; R2023 §98", kind=place.node.kind
        )
    terms = Terms(Employment.COMBINED, group_number=place.group_number, valid_to=period[1])
    proposed = await propose(work, place.role, place.node, person_id, period[0], act_id, terms)
    require_dates(*period)
    await require_place(work, proposed)
    require_group_number(proposed)
    await require_free(work, place, period)
    performer = await performer_of(work, place, proposed.person, period)
    await require_present(work, person_id, period)
    values = {
        "person_id": person_id,
        "role": place.role.code,
        "node_id": place.node.id,
        "employment": Employment.COMBINED,
        "attachment": proposed.attachment,
        "group_number": place.group_number,
        "act_id": act_id,
        "appointed_by_id": appointer_id,
        "valid_from": period[0],
        "valid_to": period[1],
    }
    acting = Appointment(**values, version=1)
    work.session.add(acting)
    await work.session.flush()
    recorded = {
        "replaced_id": place.replaced.id if place.replaced else None,
        "absence_id": place.absence.id if place.absence else None,
        "performer_id": performer.id,
        "reason": clean(reason, "reason"),
    }
    work.session.add(Substitution(id=acting.id, **recorded))
    await work.session.flush()
    work.record(
        "substituted",
        acting,
        node_id=place.node.id,
        after=entered(values | recorded),
        clause=CLAUSE,
    )
    return acting


async def performer_of(work: Work, place: Place, person: Person, period: Period) -> Appointment:
    """The appointment by which the table lets this person stand in: the first of its row order.

    It must hold on all days of the substitution. Raises ``NOT_A_SUBSTITUTE``.
    """
    eligible = substitutes_of(place.role.code, work.rules.profile)
    if place.replaced is None or place.replaced.person_id != person.id:
        node = aliased(Node)
        rows = await work.session.execute(
            select(Appointment, node)
            .join(node, node.id == Appointment.node_id)
            .where(
                Appointment.person_id == person.id,
                Appointment.role.in_(eligible),
                Appointment.valid_from <= period[0],
                is_main(),
            )
            .order_by(Appointment.id)
        )
        found = [
            held for held, at in rows if lasts(held, period) and await reaches(work, at, place.node)
        ]
        if found:
            return min(found, key=lambda held: eligible.index(held.role))
    raise RuleRefused(
        "NOT_A_SUBSTITUTE",
        clause=CLAUSE,
        field="personId",
        role=place.role.code,
        allowed=list(eligible),
    )


def lasts(held: Appointment, period: Period) -> bool:
    """Whether the appointment holds until the end of the period."""
    return held.valid_to is None or (period[1] is not None and held.valid_to >= period[1])


async def reaches(work: Work, at: Node, place: Node) -> bool:
    """Whether a role held at one node lets act at another: in the same body, or the priority its
    programs serve; a priority for a priority."""
    if at.kind is NodeKind.NATIONAL_PRIORITY:
        if place.kind is NodeKind.NATIONAL_PRIORITY:
            return True
        program = aliased(Node)
        served = await work.session.scalar(
            select(NodeClosure.descendant_id)
            .join(program, program.id == NodeClosure.descendant_id)
            .where(
                NodeClosure.ancestor_id == at.id,
                NodeClosure.service.is_(True),
                program.kind == NodeKind.PROGRAM,
                program.state_body_id == place.state_body_id,
            )
            .limit(1)
        )
        return served is not None
    if at.kind is NodeKind.COUNTRY:
        return True
    return at.state_body_id is not None and at.state_body_id == place.state_body_id


async def require_free(work: Work, place: Place, period: Period) -> None:
    """Raise ``SUBSTITUTED_ALREADY`` when somebody acts in the place on one of these days."""
    query = (
        select(Appointment.id)
        .join(Substitution, Substitution.id == Appointment.id)
        .where(
            Appointment.role == place.role.code,
            Appointment.node_id == place.node.id,
            *within(period),
        )
    )
    if place.replaced is not None:
        query = query.where(Substitution.replaced_id == place.replaced.id)
    else:
        query = query.where(Substitution.replaced_id.is_(None))
        if place.group_number is not None:
            query = query.where(Appointment.group_number == place.group_number)
    if await work.session.scalar(query.limit(1)) is not None:
        raise RuleRefused(
            "SUBSTITUTED_ALREADY", clause=DEFAULT, field="personId", role=place.role.code
        )


async def require_present(work: Work, person_id: int, period: Period) -> None:
    """Raise ``SUBSTITUTE_ABSENT`` when the substitute is away on one of these days."""
    query = select(Absence.first_day).where(
        Absence.person_id == person_id,
        Absence.last_day.is_(None)
        | ((Absence.last_day >= period[0]) & (Absence.last_day >= Absence.first_day)),
    )
    if period[1] is not None:
        query = query.where(Absence.first_day <= period[1])
    away = await work.session.scalar(query.limit(1))
    if away is not None:
        raise RuleRefused("SUBSTITUTE_ABSENT", clause=DEFAULT, field="personId", first_day=away)
