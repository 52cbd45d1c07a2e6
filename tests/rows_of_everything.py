"""A database with some of every noun, and a person who may read all of it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit.entry import AuditEntry
from core.authority.absence import Absence, AbsenceReason
from core.authority.acting import Substitution
from core.authority.reader import Reader
from core.db.base import set_names
from core.decisions.entry import DecisionEntry, DecisionKind
from core.hierarchy.project import FundingSource, Lesson, ProjectFunding
from core.hierarchy.project_location import ProjectLocation
from core.hierarchy.project_office import ProjectOffice, ProjectOfficeForm
from core.hierarchy.stage_move import StageMove, StageMoveState
from core.hierarchy.state_body import GoverningCommittee, StateBodyKind
from core.people.account import Account, AccountKind, Identity
from core.people.service_key import ServiceKey
from core.places.administrative_unit import AdministrativeUnit, AdministrativeUnitKind
from core.tree.node import NodeKind, Stage
from tests.factories import (
    make_act,
    make_appointment,
    make_node,
    make_person,
    make_region,
    make_service,
)

AT = datetime(2026, 1, 5, tzinfo=UTC)
EVERYTHING = ("auditor", "office_member", "hr_service", "security_officer")
"""Roles whose holder at the country reads every noun."""


async def make_everything(session: AsyncSession, count: int) -> Reader:
    """``count`` of every noun under each parent; the reader holds :data:`EVERYTHING`."""
    country = await make_node(session, NodeKind.COUNTRY, None, stage=None)
    reader = await make_person(session, "All Reader")
    for role in EVERYTHING:
        await make_appointment(session, reader, role, country)
    for number in range(count):
        region = await make_region(session, f"KZ-{number}0")
        unit = AdministrativeUnit(
            region_id=region.id, code=str(number), kind=AdministrativeUnitKind.CITY
        )
        set_names(unit, kk=f"Қала {number}", ru=None, en=None)
        session.add(unit)
        priority = await make_node(session, NodeKind.NATIONAL_PRIORITY, country)
        body = await make_node(
            session, NodeKind.STATE_BODY, country, region=region, stage=None,
            kind=StateBodyKind.LOCAL_EXECUTIVE,
        )  # fmt: skip
        department = await make_node(session, NodeKind.ORGANIZATION_UNIT, body, stage=None)
        program = await make_node(session, NodeKind.PROGRAM, body)
        await make_service(session, priority, program)
        direction = await make_node(session, NodeKind.BASIC_DIRECTION, program)
        group = await make_node(session, NodeKind.PROJECT_GROUP, direction)
        project = await make_node(
            session, NodeKind.PROJECT, group, stage=Stage.IMPLEMENTATION, budget_minor=100
        )
        task = await make_node(session, NodeKind.TASK, project, stage=None)
        act = await make_act(session, body=body)
        person = await make_person(
            session, state_body_id=body.id, organization_unit_id=department.id
        )
        for node in (country, priority, body, department, program, direction, group, project, task):
            held = await make_appointment(session, person, "auditor", node, act_id=act.id)
            session.add(Substitution(id=held.id, performer_id=held.id))
            session.add(entry(node.id, number))
            session.add(
                DecisionEntry(
                    at=AT, kind=DecisionKind.DENIED, action="project.read", outcome="FORBIDDEN",
                    node_id=node.id, fields=["budget"], policy_version="0", correlation_id="-",
                )
            )  # fmt: skip
            session.add(
                StageMove(
                    node_id=node.id, from_stage=Stage.INITIATION, to_stage=Stage.PLANNING,
                    state=StageMoveState.CONFIRMED, proposed_at=AT,
                )
            )  # fmt: skip
        account = Account(
            kind=AccountKind.SYSTEM, label=f"system {number}", person_id=person.id, created_at=AT
        )
        session.add_all(
            [
                account,
                ProjectOffice(
                    state_body_id=body.id,
                    form=ProjectOfficeForm.LOCAL_EXECUTIVE,
                    created_on=AT.date(),
                ),
                Absence(
                    person_id=person.id, reason=AbsenceReason.LEAVE, first_day=AT.date(), version=1
                ),
                GoverningCommittee(node_id=body.id, approved_on=AT.date()),
                ProjectFunding(
                    project_id=project.id, source=FundingSource.LOCAL_BUDGET, amount_minor=100
                ),
                ProjectLocation(project_id=project.id, region_id=region.id),
                Lesson(project_id=project.id, text="measure twice", recorded_at=AT),
            ]
        )
        await session.flush()
        session.add_all(
            [
                Identity(account_id=account.id, issuer="test", subject=str(number), created_at=AT),
                ServiceKey(
                    account_id=account.id, prefix=f"p{number}", hash=f"h{number}",
                    scopes=["project.read"], expires_on=date(2027, 1, 1), created_at=AT,
                ),
            ]
        )  # fmt: skip
    await session.flush()
    return Reader(reader.id, frozenset(EVERYTHING))


def entry(node_id: int, number: int) -> AuditEntry:
    """An entry of the audit log, outside any chain that is checked."""
    return AuditEntry(
        chain=node_id, position=number + 1, at=AT, actor="operator", act="testPatted",
        subject="Node", subject_id=node_id, node_id=node_id, correlation_id="-",
        previous_hash="0", hash="0",
    )  # fmt: skip
