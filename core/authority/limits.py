"""What the Rules allow of one appointment [R2023 App.1, §34, §55, §87]; R2021 where it differs.

In Astana, Almaty and Shymkent peculiarities apply to the number of units and to employment: there
these two limits only warn [R2023 §12].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from core.acts.act import Act
from core.authority.acting import is_main
from core.authority.appointment import Appointment, Attachment, Employment
from core.authority.catalogue import AppointmentRule, Certificate, Role, Units
from core.authority.periods import DAY, Period, add_months, most_at_once
from core.errors import PRODUCT_DEFAULT, InvalidInput, RuleRefused
from core.people.person import CertificateLevel, Person
from core.places.region import Region
from core.rows import find
from core.tree.node import Node, NodeClosure, NodeKind, Stage
from core.work import Profile, Work

SECONDMENT_MAX_MONTHS = 6
"""Work in a project office while keeping post and pay lasts at most so long [R2023 §55]."""

INTERNSHIP_MONTHS = (1, 6)
"""An internship in the Office lasts at least and at most so long [R2023 §34]."""

CERTIFICATE_LEVELS = list(CertificateLevel)


@dataclass(frozen=True, slots=True)
class Proposed:
    """An appointment that somebody wants to make, with what it refers to."""

    role: Role
    rule: AppointmentRule
    node: Node
    person: Person
    valid_from: date
    valid_to: date | None
    employment: Employment
    attachment: Attachment
    participation_percent: int | None
    group_number: int | None
    act_id: int | None

    @property
    def period(self) -> Period:
        return self.valid_from, self.valid_to


async def require_allowed(work: Work, proposed: Proposed) -> None:
    """Raise the first refusal the Rules have for the appointment; note what they only warn of."""
    require_dates(proposed.valid_from, proposed.valid_to)
    require_percent(proposed.participation_percent)
    await require_place(work, proposed)
    require_group_number(proposed)
    await require_act(work, proposed)
    require_attachment(proposed)
    peculiar = await has_special_regime(work, proposed.node)
    require_employment(work, proposed, peculiar)
    others = await overlapping(work, proposed)
    require_not_held(proposed, others)
    await require_units(work, proposed, peculiar)
    require_full_once(proposed, others)
    await require_manager_free(work, proposed, others)
    warn_of_certificate(work, proposed)


def require_dates(valid_from: date, valid_to: date | None) -> None:
    """Raise ``APPOINTMENT_DATES_REVERSED`` when the last day lies before the first."""
    if valid_to is not None and valid_to < valid_from:
        raise InvalidInput(
            "APPOINTMENT_DATES_REVERSED", field="validTo", valid_from=valid_from, valid_to=valid_to
        )


def require_percent(percent: int | None) -> None:
    if percent is not None and not 1 <= percent <= 100:
        raise InvalidInput("PARTICIPATION_OUT_OF_RANGE", field="participationPercent")


async def require_place(work: Work, proposed: Proposed) -> None:
    """The role is held at nodes of this kind. The standard direction of a body, which lies in the
    body itself, has a head of its own [R2023 §2(64)]; a regional role needs a region."""
    role, node = proposed.role, proposed.node
    fits = node.kind in role.node_kinds[work.rules.profile]
    if fits and role.code in ("bd_head", "standard_bd_head"):
        parent = await find(work.session, Node, node.parent_id or 0)
        fits = (parent.kind is NodeKind.STATE_BODY) == (role.code == "standard_bd_head")
    if fits and role.scope == "region":
        fits = node.region_id is not None
    if not fits:
        raise RuleRefused(
            "ROLE_NOT_HELD_HERE",
            clause=role.ref,
            field="nodeId",
            role=role.code,
            kind=node.kind,
            allowed=role.node_kinds[work.rules.profile],
        )


def require_group_number(proposed: Proposed) -> None:
    """Implementation groups of a direction are numbered from 1 [R2023 §64]; nothing else is."""
    numbered = is_numbered(proposed.role)
    number = proposed.group_number
    if (number is not None and not numbered) or (numbered and (number is None or number < 1)):
        raise InvalidInput("GROUP_NUMBER_MISPLACED", field="groupNumber", role=proposed.role.code)


def is_numbered(role: Role) -> bool:
    units = role.rules[Profile.R2023].units
    return units is not None and units.per == "bd_implementation_group"


async def require_act(work: Work, proposed: Proposed) -> None:
    """The kind of act is one the row names; a row that names none asks for none."""
    allowed = proposed.rule.acts
    if proposed.act_id is None:
        if allowed:
            raise RuleRefused(
                "ACT_REQUIRED",
                clause=proposed.rule.ref,
                field="actId",
                role=proposed.role.code,
                allowed=allowed,
            )
        return
    act = await find(work.session, Act, proposed.act_id, field="actId")
    if allowed and act.kind not in allowed:
        raise RuleRefused(
            "ACT_KIND_NOT_ALLOWED",
            clause=proposed.rule.ref,
            field="actId",
            role=proposed.role.code,
            kind=act.kind,
            allowed=allowed,
        )


def require_attachment(proposed: Proposed) -> None:
    """Secondment is to a project office, internship in the Office, each within its limits."""
    clauses = {Attachment.SECONDMENT: "R2023 §55", Attachment.INTERNSHIP: "R2023 §34"}
    clause = clauses.get(proposed.attachment)
    if clause is None:
        return
    seconded = proposed.attachment is Attachment.SECONDMENT
    fits = proposed.role.project_office_staff if seconded else proposed.role.interns
    if not fits:
        raise RuleRefused(
            "ATTACHMENT_NOT_FOR_ROLE",
            clause=clause,
            field="attachment",
            role=proposed.role.code,
            attachment=proposed.attachment,
        )
    least, most = (0, SECONDMENT_MAX_MONTHS) if seconded else INTERNSHIP_MONTHS
    earliest = add_months(proposed.valid_from, least) - DAY
    latest = add_months(proposed.valid_from, most) - DAY
    if proposed.valid_to is None or not earliest <= proposed.valid_to <= latest:
        raise RuleRefused(
            "SECONDMENT_TOO_LONG" if seconded else "INTERNSHIP_OUT_OF_RANGE",
            clause=clause,
            field="validTo",
            earliest=max(earliest, proposed.valid_from),
            latest=latest,
        )


async def has_special_regime(work: Work, node: Node) -> bool:
    """Whether the node lies in a city to which peculiarities apply [R2023 §12]."""
    if node.region_id is None:
        return False
    return (await find(work.session, Region, node.region_id)).special_regime


def require_employment(work: Work, proposed: Proposed, peculiar: bool) -> None:
    allowed = proposed.rule.employment
    if not allowed or proposed.employment in allowed:
        return
    params = {"role": proposed.role.code, "allowed": allowed}
    if peculiar:
        work.warn("EMPLOYMENT_NOT_ALLOWED", clause="R2023 §12", **params)
        return
    raise RuleRefused(
        "EMPLOYMENT_NOT_ALLOWED", clause=proposed.rule.ref, field="employment", **params
    )


async def overlapping(work: Work, proposed: Proposed) -> Sequence[Appointment]:
    """The person's other appointments that hold on one of the same days, not those they only act
    in."""
    rows = await work.session.scalars(
        select(Appointment)
        .where(
            Appointment.person_id == proposed.person.id,
            *within(proposed.period),
            is_main(),
        )
        .order_by(Appointment.id)
    )
    return rows.all()


def within(period: Period) -> Sequence[ColumnElement[bool]]:
    """Appointments with a day in common with the period; a withdrawn one has no day at all."""
    starts, ends = period
    found: list[ColumnElement[bool]] = [
        or_(
            Appointment.valid_to.is_(None),
            (Appointment.valid_to >= starts) & (Appointment.valid_to >= Appointment.valid_from),
        )
    ]
    if ends is not None:
        found.append(Appointment.valid_from <= ends)
    return found


def require_not_held(proposed: Proposed, others: Sequence[Appointment]) -> None:
    """Raise ``ROLE_HELD_ALREADY`` when the person holds the role here on one of these days."""
    for other in others:
        if (other.role, other.node_id) == (proposed.role.code, proposed.node.id):
            raise RuleRefused(
                "ROLE_HELD_ALREADY", clause=PRODUCT_DEFAULT, field="personId", role=other.role
            )


async def require_units(work: Work, proposed: Proposed, peculiar: bool) -> None:
    """No more holders at once than the row allows [R2023 App.1]."""
    units = proposed.rule.units
    if units is None or units.max is None:
        return
    held = await holders(work, proposed, units)
    present = most_at_once([(one.valid_from, one.valid_to) for one in held], proposed.period)
    if present < units.max:
        return
    params = {"role": proposed.role.code, "max": units.max, "present": present}
    if peculiar:
        work.warn("UNITS_EXCEEDED", clause="R2023 §12", **params)
        return
    raise RuleRefused("UNITS_EXCEEDED", clause=proposed.rule.ref, field="role", **params)


async def holders(work: Work, proposed: Proposed, units: Units) -> Sequence[Appointment]:
    """Who holds the role at the place that is counted, on one of the same days; a substitute fills
    no place."""
    query = select(Appointment).where(
        Appointment.role == proposed.role.code,
        Appointment.node_id == proposed.node.id,
        *within(proposed.period),
        is_main(),
    )
    if units.per == "bd_implementation_group":
        query = query.where(Appointment.group_number == proposed.group_number)
    return (await work.session.scalars(query)).all()


def require_full_once(proposed: Proposed, others: Sequence[Appointment]) -> None:
    """A full employment leaves no time for another one (product default)."""
    if proposed.employment is not Employment.FULL:
        return
    for other in others:
        if other.employment is Employment.FULL:
            raise RuleRefused(
                "FULL_EMPLOYMENT_TWICE",
                clause=PRODUCT_DEFAULT,
                field="employment",
                role=other.role,
            )


async def require_manager_free(
    work: Work, proposed: Proposed, others: Sequence[Appointment]
) -> None:
    """A manager's running projects lie in one basic direction [R2023 §87]; under the 2021 edition
    there is one at a time [R2021 §79]. Closed and archived projects do not count."""
    if proposed.role.code != "project_manager" or not is_running(proposed.node):
        return
    managed = [other.node_id for other in others if other.role == "project_manager"]
    projects = await work.session.scalars(select(Node).where(Node.id.in_(managed)))
    running = [project.id for project in projects if is_running(project)]
    if not running:
        return
    if work.rules.profile is Profile.R2021:
        raise RuleRefused("PROJECT_MANAGER_ONE_PROJECT", clause="R2021 §79", field="personId")
    direction = aliased(Node)
    directions = set(
        await work.session.scalars(
            select(direction.id)
            .join(NodeClosure, NodeClosure.ancestor_id == direction.id)
            .where(
                NodeClosure.descendant_id.in_([proposed.node.id, *running]),
                direction.kind == NodeKind.BASIC_DIRECTION,
            )
        )
    )
    if len(directions) > 1:
        raise RuleRefused("PROJECT_MANAGER_ONE_DIRECTION", clause="R2023 §87", field="personId")


def is_running(node: Node) -> bool:
    return node.archived_at is None and node.stage is not Stage.CLOSED


def warn_of_certificate(work: Work, proposed: Proposed) -> None:
    """A missing, expired or too low certificate is a violation without a sanction: a warning."""
    asked, person = proposed.role.certificate, proposed.person
    day = max(proposed.valid_from, work.today)
    code = certificate_flag(asked, person.certificate_level, person.certificate_expires_on, day)
    if asked is not None and code is not None:
        work.warn(code, clause=asked.ref, role=proposed.role.code)


def certificate_flag(
    asked: Certificate | None, level: CertificateLevel | None, expires_on: date | None, day: date
) -> str | None:
    """The code of what is wrong with a holder's certificate on a day [R2023 §55, §110].

    None when the role asks for no certificate, or the one there is will do.
    """
    if asked is None:
        return None
    if level is None:
        return "CERTIFICATE_MISSING"
    if expires_on is not None and expires_on < day:
        return "CERTIFICATE_EXPIRED"
    if asked.level is not None and CERTIFICATE_LEVELS.index(level) < CERTIFICATE_LEVELS.index(
        asked.level
    ):
        return "CERTIFICATE_TOO_LOW"
    return None
