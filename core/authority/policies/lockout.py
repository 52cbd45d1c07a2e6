"""No publication may leave the country without whoever could mend it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from core.authority.appointment import Appointment
from core.authority.policies.ground import MANAGE
from core.authority.policy import PolicySet
from core.authority.reader import Reader
from core.errors import PRODUCT_DEFAULT, RuleRefused
from core.node_facts import country_id
from core.people.account import Account
from core.people.person import Person
from core.work import Work

KEYS = (MANAGE, "role_assignment.appoint")
"""What somebody must be able to do at the country: change the rules, and appoint."""


def can_sign_in(person_id: ColumnElement[Any] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Nobody who is archived, or whose accounts are all locked."""
    accounts = select(Account.id).where(Account.person_id == person_id)
    return and_(
        exists(select(Person.id).where(Person.id == person_id, Person.archived_on.is_(None))),
        or_(~exists(accounts), exists(accounts.where(Account.locked_at.is_(None)))),
    )


async def require_keepers(work: Work, before: PolicySet, after: PolicySet) -> None:
    """Raise ``POLICY_LOCKOUT`` when nobody would hold one of the keys that somebody holds now.

    Only appointments without an end count, not those that begin later, and nobody who could not
    sign in.
    """
    root = await country_id(work.session)
    people = sorted(
        set(
            await work.session.scalars(
                select(Appointment.person_id).where(
                    Appointment.node_id == root,
                    Appointment.valid_from <= work.today,
                    Appointment.valid_to.is_(None),
                    can_sign_in(Appointment.person_id),
                )
            )
        )
    )
    held = await keys_held(work, before, root, people, KEYS)
    lost = held - await keys_held(work, after, root, people, held)
    if lost:
        raise RuleRefused(
            "POLICY_LOCKOUT", clause=PRODUCT_DEFAULT, field="draftId", actions=sorted(lost)
        )


async def keys_held(
    work: Work, policy: PolicySet, root: int, people: Collection[int], keys: Collection[str]
) -> set[str]:
    """Those of the keys that somebody among these people holds at the country."""
    held: set[str] = set()
    for person_id in people:
        missing = [key for key in keys if key not in held]
        if not missing:
            break
        found = await policy.decisions(work.session, Reader(person_id), missing, [root], work.today)
        held |= {action for (action, _), decision in found.items() if decision.allowed}
    return held
