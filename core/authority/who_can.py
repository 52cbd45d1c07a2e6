"""Who may do something at a node: the auditor's question.

The answer is that of the predicate, asked of every person instead of every row: by today's rules,
over the appointments that held on the day asked about. The past rules are the history of policy
versions; authority itself is never asked of a day gone by.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import visitors

from core.acts.act import Act
from core.authority.appointment import Appointment
from core.authority.conditions import holds_on
from core.authority.explanation import HeldRole
from core.authority.holding import ANYONE, REGISTERED
from core.authority.policy import PolicySet
from core.authority.predicate import IMPLIED_RELATIONS
from core.authority.reader import READER_PERSON, READER_TODAY, Reader
from core.authority.rules import Relation
from core.db.base import Key
from core.people.person import Person
from core.tree.node import Node


@dataclass(frozen=True, slots=True)
class Entitled:
    """Somebody who may, and by what: the rule that decides, and the role it speaks of.

    ``appointment`` is None for what follows from being somebody; ``act`` is what it rests on.
    """

    person: Person
    rule: str
    held: HeldRole
    appointment: Appointment | None
    act: Act | None


async def who_can(
    session: AsyncSession,
    policy: PolicySet,
    action: str,
    node_id: int,
    day: date,
    *,
    first: int = 50,
    after: int = 0,
) -> tuple[list[Entitled], bool]:
    """Up to ``first`` persons, by key beyond ``after``, and whether there are more.

    Archived persons count as long as they hold a role. Raises
    :class:`~core.authority.policy.UnknownAction`.
    """
    found = await session.scalars(
        select(Person)
        .where(Person.id > after, entitled(policy, action, node_id, day))
        .order_by(Person.id)
        .limit(first + 1)
    )
    persons = found.all()
    people = [
        await by_what(session, policy, action, node_id, day, person) for person in persons[:first]
    ]
    return people, len(persons) > first


def entitled(policy: PolicySet, action: str, node_id: int, day: date) -> ColumnElement[bool]:
    """Whether a row of :class:`Person` may: the predicate with the person in the reader's place."""
    node = select(Node.id).where(Node.id == literal(node_id, Key)).correlate(None).scalar_subquery()
    asked = policy.predicate(action, node, Reader())

    def instead(element: Any, **_: Any) -> Any:
        if element is READER_PERSON:
            return Person.id.__clause_element__()
        if element is READER_TODAY:
            return literal(day, Date())
        return None

    who: ColumnElement[bool] = visitors.replacement_traverse(asked, {}, instead)
    roles = roles_of(policy, action)
    if roles is None:
        return who
    # Asked person by person it takes long: first of all only those with a role that could count.
    candidates = (
        select(Appointment.person_id)
        .where(Appointment.role.in_(sorted(roles)), holds_on(Appointment, literal(day, Date())))
        .correlate(None)
    )
    return Person.id.in_(candidates) & or_(who)


def roles_of(policy: PolicySet, action: str) -> frozenset[str] | None:
    """The roles somebody must hold one of; None where no role is needed."""
    found: set[str] = set()
    for rule in policy.rules_of(action):
        if rule.effect == "deny" or rule.relation is Relation.OWN:
            continue
        if rule.role in (ANYONE, REGISTERED):
            return None
        found |= policy.personnel if rule.relation in IMPLIED_RELATIONS else {rule.role}
    return frozenset(found)


async def by_what(
    session: AsyncSession,
    policy: PolicySet,
    action: str,
    node_id: int,
    day: date,
    person: Person,
) -> Entitled:
    """By which rule and role a person may; the role that decides, the nearest."""
    told = await policy.explain(session, person.id, node_id, action, day)
    rule = next(one.rule for one in told.rules if one.rule.id == told.deciding_rule)
    held = min(
        (one for one in told.roles if (one.role, one.relation) == (rule.role, rule.relation)),
        key=lambda one: (one.via is not None, one.distance or 0),
    )
    appointment = (
        await session.get(Appointment, held.appointment_id) if held.appointment_id else None
    )
    act = await session.get(Act, appointment.act_id) if appointment and appointment.act_id else None
    return Entitled(person, rule.id, held, appointment, act)
