"""Assertions: what must stay allowed or denied, whatever becomes of the rules."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from core.authority.policies.ground import ground_of, require_manager
from core.db.base import Base, Key
from core.db.types import UtcDateTime, named_enum
from core.errors import PRODUCT_DEFAULT, InvalidInput, RuleRefused, WrongState
from core.people.person import Person
from core.rows import Lock, find
from core.texts import clean
from core.tree.node import Node
from core.work import Work

MOST_ASSERTIONS = 1_000
"""In force at once: each is asked at every publication."""


class Expected(enum.Enum):
    """What must come out."""

    ALLOW = "must be allowed"
    DENY = "must not be allowed"


class PolicyAssertion(Base):
    """Somebody must, or must not, be able to do ``action`` at a node.

    Either a person with all they hold, or whoever has nothing but ``role``, held at
    ``held_at_id``. With ``region_id`` it belongs to that region's administrators. Once removed it
    binds nobody.
    """

    __tablename__ = "policy_assertion"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (role IS NULL)", name="one_subject"),
        CheckConstraint("(role IS NULL) = (held_at_id IS NULL)", name="place_of_role"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str | None] = mapped_column(Text)
    held_at_id: Mapped[int | None] = mapped_column(ForeignKey("node.id"), index=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    action: Mapped[str] = mapped_column(Text)
    expected: Mapped[Expected] = mapped_column(named_enum(Expected))
    note: Mapped[str | None] = mapped_column(Text)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


async def add_policy_assertion(
    work: Work,
    *,
    node_id: int,
    action: str,
    expected: Expected,
    person_id: int | None = None,
    role: str | None = None,
    held_at_id: int | None = None,
    note: str | None = None,
    region_id: int | None = None,
) -> PolicyAssertion:
    """Assert that a person, or whoever holds a role, may or may not do something at an object.

    A role is thought of as held at the object itself, or at ``held_at_id``. Action
    ``policy.manage`` at the country, or in the region, in which the object must lie then
    (``POLICY_ASSERTION_ELSEWHERE``). Raises ``POLICY_ASSERTION_OF_ONE`` unless either a person or
    a role is named, ``UNKNOWN_ROLE``, ``UNKNOWN_ACTION``, ``POLICY_TOO_MANY_ASSERTIONS``. It need
    not hold yet: a dry run says what does not.
    """
    await require_manager(work, region_id)
    session = work.session
    role = clean(role, "role")
    if (person_id is None) == (role is None):
        raise InvalidInput("POLICY_ASSERTION_OF_ONE", field="personId")
    catalogue = ground_of(work).catalogue
    if role is not None and role not in catalogue.roles:
        raise InvalidInput("UNKNOWN_ROLE", field="role", role=role[:200])
    if action not in catalogue.permissions:
        raise InvalidInput("UNKNOWN_ACTION", field="action", action=action[:200])
    node = await find(session, Node, node_id, field="nodeId")
    if region_id is not None and node.region_id != region_id:
        raise RuleRefused("POLICY_ASSERTION_ELSEWHERE", clause=PRODUCT_DEFAULT, field="nodeId")
    if person_id is not None:
        await find(session, Person, person_id, field="personId")
    elif held_at_id is not None:
        await find(session, Node, held_at_id, field="heldAtId")
    in_force = await session.scalar(
        select(func.count())
        .select_from(PolicyAssertion)
        .where(PolicyAssertion.removed_at.is_(None))
    )
    if (in_force or 0) >= MOST_ASSERTIONS:
        raise RuleRefused(
            "POLICY_TOO_MANY_ASSERTIONS", clause=PRODUCT_DEFAULT, limit=MOST_ASSERTIONS
        )
    assertion = PolicyAssertion(
        region_id=region_id,
        person_id=person_id,
        role=role,
        held_at_id=None if role is None else held_at_id or node_id,
        node_id=node_id,
        action=action,
        expected=expected,
        note=clean(note, "note"),
        made_by_id=work.actor.person_id,
        created_at=work.now,
    )
    session.add(assertion)
    await session.flush()
    work.record(
        "policyAssertionAdded",
        assertion,
        node_id=node_id,
        after={"action": action, "expected": expected.name},
    )
    return assertion


async def remove_policy_assertion(work: Work, assertion_id: int) -> PolicyAssertion:
    """Take an assertion back; it stays readable. Action ``policy.manage``.

    Raises ``POLICY_ASSERTION_REMOVED``.
    """
    assertion = await find(work.session, PolicyAssertion, assertion_id, field="assertionId")
    await require_manager(work, assertion.region_id, field="assertionId")
    assertion = await find(
        work.session, PolicyAssertion, assertion_id, field="assertionId", lock=Lock.UPDATE
    )
    if assertion.removed_at is not None:
        raise WrongState("POLICY_ASSERTION_REMOVED", clause=PRODUCT_DEFAULT, field="assertionId")
    assertion.removed_at = work.now
    await work.session.flush()
    work.record(
        "policyAssertionRemoved",
        assertion,
        node_id=assertion.node_id,
        before={"action": assertion.action, "expected": assertion.expected.name},
    )
    return assertion
