"""Asking whether assertions hold under a set of rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.holding import (
    ANYONE,
    REGISTERED,
    Held,
    Holding,
    Seat,
    Seats,
    as_personnel,
    in_line,
    served_programs,
)
from core.authority.policy import PolicySet
from core.authority.reader import Reader
from core.authority.rules import Relation
from core.authority.trial.assertion import Expected, PolicyAssertion
from core.errors import PRODUCT_DEFAULT, RuleRefused
from core.tree.lineage import lineages
from core.tree.node import NodeKind


@dataclass(frozen=True, slots=True)
class Tried:
    """An assertion, and whether it holds under the rules in force and under the others."""

    assertion: PolicyAssertion
    before: bool
    after: bool

    @property
    def broken(self) -> bool:
        """The other rules break it: it holds now."""
        return self.before and not self.after


async def try_assertions(
    session: AsyncSession, before: PolicySet, after: PolicySet, today: date
) -> list[Tried]:
    """Every assertion in force, asked of both sets of rules, in the order of their making."""
    assertions: Sequence[PolicyAssertion] = (
        await session.scalars(
            select(PolicyAssertion)
            .where(PolicyAssertion.removed_at.is_(None))
            .order_by(PolicyAssertion.id)
        )
    ).all()
    return [
        Tried(
            each,
            await holds(session, before, each, today),
            await holds(session, after, each, today),
        )
        for each in assertions
    ]


async def holds(
    session: AsyncSession, policy: PolicySet, assertion: PolicyAssertion, today: date
) -> bool:
    """Whether what comes out is what is expected. What no plugin defines any more is denied."""
    allowed = False
    if assertion.action in policy.actions:
        if assertion.person_id is not None:
            found = await policy.decisions(
                session,
                Reader(assertion.person_id),
                [assertion.action],
                [assertion.node_id],
                today,
            )
            allowed = found[assertion.action, assertion.node_id].allowed
        else:
            allowed = await role_may(session, policy, assertion, today)
    return allowed is (assertion.expected is Expected.ALLOW)


async def role_may(
    session: AsyncSession, policy: PolicySet, assertion: PolicyAssertion, today: date
) -> bool:
    """Whether somebody may who holds this one role and nothing else."""
    assert assertion.role is not None
    assert assertion.held_at_id is not None
    held = await supposed(
        session, policy.personnel, assertion.role, assertion.held_at_id, assertion.node_id
    )
    needs = policy.needs_of([assertion.action])
    true_conditions = await policy.true_conditions(session, needs, [held], today)
    return policy.decide(assertion.action, held, true_conditions[held.node_id]).allowed


async def supposed(
    session: AsyncSession, personnel: frozenset[str], role: str, held_at_id: int, node_id: int
) -> Held:
    """What a new holder of the role would hold at a node: :func:`~core.authority.holding.held_at`
    of an appointment nobody has."""
    nodes = await lineages(session, {held_at_id, node_id})
    node, place = nodes[node_id], nodes[held_at_id]
    seat = Seat(
        0,
        None,
        role,
        held_at_id,
        place.kind,
        place.region_id,
        place.body_id,
        place.program_id,
        None,
    )
    holdings = [Holding(ANYONE, Relation.TREE), Holding(REGISTERED, Relation.TREE)]
    holdings += in_line(Seats([seat], personnel), node)
    holdings.extend(
        seat.holding(Relation.UP, above.depth)
        for above in place.above
        if above.id == node_id and above.depth > 0 and not above.service
    )
    if node.region_id is not None and seat.region_id == node.region_id:
        holdings.append(seat.holding(Relation.REGION))
    if role in personnel:
        served = await served_programs(
            session, [node.id] if node.kind is NodeKind.NATIONAL_PRIORITY else []
        )
        holdings.extend(as_personnel(seat, node, served.get(node.id, ())))
    return Held(node, holdings)


async def require_assertions(
    session: AsyncSession,
    before: PolicySet,
    after: PolicySet,
    today: date,
    *,
    despite: str | None,
    by_region: bool = False,
) -> list[int]:
    """Raise ``POLICY_BREAKS_ASSERTIONS`` when rules would break what holds now.

    Whoever says why (``despite``) may break it: the keys of what is broken are returned (product
    default). A region may say so of its own assertions only, of the country's never
    (``POLICY_BREAKS_COUNTRY_ASSERTIONS``). What does not hold before either is no publication's
    fault.
    """
    broken = [each for each in await try_assertions(session, before, after, today) if each.broken]
    above = [each for each in broken if by_region and each.assertion.region_id is None]
    if above:
        first = above[0].assertion
        raise RuleRefused(
            "POLICY_BREAKS_COUNTRY_ASSERTIONS",
            clause=PRODUCT_DEFAULT,
            field="draftId",
            count=len(above),
            first=f"PolicyAssertion:{first.id}",
            action=first.action,
        )
    if broken and despite is None:
        first = broken[0].assertion
        raise RuleRefused(
            "POLICY_BREAKS_ASSERTIONS",
            clause=PRODUCT_DEFAULT,
            field="despite",
            count=len(broken),
            first=f"PolicyAssertion:{first.id}",
            action=first.action,
        )
    return [each.assertion.id for each in broken]
