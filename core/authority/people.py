"""Where a person is, for the question who may see them.

A person is at their unit or body (without one: at the country), and, for their name and card only,
at every node where they hold an appointment today: personal data stay with the personnel service
of their own body.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.authority.appointment import Appointment
from core.authority.conditions import ONE, holds_on, kind_is, valid_on
from core.authority.policy import PolicySet
from core.authority.predicate import Form
from core.authority.reader import READER_TODAY, Reader
from core.node_facts import country_id
from core.people.person import Person
from core.tree.node import Node, NodeKind
from core.work import Decision

SEEN_WHERE_THEY_ACT = frozenset({"person.read_basic", "person.read"})
"""Actions that reach a person at the nodes of their appointments too."""


def person_predicate(
    policy: PolicySet, action: str, person: Any, reader: Reader, *, form: Form = "exists"
) -> ColumnElement[bool]:
    """Which persons the reader may do ``action`` to; ``person`` is the class or an alias of it."""
    country: Any = aliased(Node)
    root = (
        select(country.id)
        .where(kind_is(country.kind, NodeKind.COUNTRY))
        .correlate_except(country)
        .scalar_subquery()
    )
    home = func.coalesce(person.organization_unit_id, person.state_body_id, root)
    at_home = policy.predicate(action, home, reader, form=form, owner=person.id)
    if action not in SEEN_WHERE_THEY_ACT:
        return at_home
    held: Any = aliased(Appointment)
    reached = policy.predicate(action, held.node_id, reader, form=form)
    if form == "in":
        with_role = person.id.in_(
            select(held.person_id)
            .where(holds_on(held, READER_TODAY), reached)
            .correlate_except(held)
        )
    else:
        with_role = exists(
            select(ONE)
            .select_from(held)
            .where(held.person_id == person.id, holds_on(held, READER_TODAY), reached)
            .correlate_except(held)
        )
    return or_(at_home, with_role)


async def places_of(
    session: AsyncSession, action: str, person_id: int, today: date
) -> frozenset[int]:
    """The nodes at which a person is on this day, for an action."""
    person = await session.get_one(Person, person_id)
    home = person.organization_unit_id or person.state_body_id
    if home is None:
        home = await country_id(session)
    if action not in SEEN_WHERE_THEY_ACT:
        return frozenset({home})
    rows = await session.execute(
        select(Appointment.node_id, Appointment.valid_from, Appointment.valid_to).where(
            Appointment.person_id == person_id
        )
    )
    return frozenset({home, *(row.node_id for row in rows if valid_on(row, today))})


async def may_person(
    policy: PolicySet,
    session: AsyncSession,
    reader: Reader,
    action: str,
    person_id: int,
    today: date,
) -> bool:
    """The same question as :func:`person_predicate`, for one person."""
    found = await decision_about(policy, session, reader, action, person_id, today)
    return found is not None


async def decision_about(
    policy: PolicySet,
    session: AsyncSession,
    reader: Reader,
    action: str,
    person_id: int,
    today: date,
) -> Decision | None:
    """The decision that lets the reader do the action to a person; None: nothing does."""
    places = await places_of(session, action, person_id, today)
    found = await policy.decisions(session, reader, [action], places, today, owner_id=person_id)
    return next((decision for decision in found.values() if decision.allowed), None)
