"""Who would lose everything: people to whom their roles give nothing any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.policy import PolicySet
from core.authority.predicate import IMPLIED_RELATIONS
from core.authority.reader import reader_of
from core.authority.rules import NO_CONDITION, Relation, Rule, speaks_of
from core.authority.trial.effect import EVERYBODY, Seats
from core.authority.trial.land import Land
from core.tree.node import Node
from core.work import Actor

MOST = 50
"""People asked about one by one at most."""

AT_ONCE = 20
"""Actions asked about in one statement."""

PLAIN = frozenset({Relation.TREE, Relation.SELF})


async def stripped(
    session: AsyncSession,
    after: PolicySet,
    people: Mapping[int, Seats],
    losing: Collection[int],
    land: Land,
    today: date,
) -> tuple[list[int], int, int]:
    """Those of the losing people who could do nothing any more but what everybody may.

    Also how many were asked about, and how many there was reason to ask about. What a plain rule
    still gives somebody at the place of their role needs no asking.
    """
    rules = [rule for rule in after.rules if rule.role not in EVERYBODY]
    denied = {rule.action for rule in after.rules if rule.effect == "deny"}
    plain: dict[str, list[Rule]] = {}
    for rule in rules:
        if (
            rule.effect == "allow"
            and rule.condition == NO_CONDITION
            and rule.relation in PLAIN
            and rule.action not in denied
        ):
            plain.setdefault(rule.role, []).append(rule)
    suspects = [
        person_id
        for person_id in sorted(losing)
        if not any(
            speaks_of(rule.region, land.spots[held_at].region)
            for role, held_at in people[person_id]
            for rule in plain.get(role, ())
        )
    ]
    everybodys = [rule for rule in after.rules if rule.role in EVERYBODY and rule.effect == "deny"]
    theirs = PolicySet(after.catalogue, [*rules, *everybodys], after.conditions)
    found = [
        person_id
        for person_id in suspects[:MOST]
        if not await can_anything(session, theirs, people[person_id], person_id, today)
    ]
    return found, min(len(suspects), MOST), len(suspects)


async def can_anything(
    session: AsyncSession, policy: PolicySet, seats: Seats, person_id: int, today: date
) -> bool:
    """Whether the person may do anything anywhere."""
    held = {role for role, _ in seats}
    actions = sorted(
        {
            rule.action
            for rule in policy.rules
            if rule.effect == "allow"
            and rule.relation is not Relation.OWN
            and (
                rule.role in held
                or (rule.relation in IMPLIED_RELATIONS and held & policy.personnel)
            )
        }
    )
    reader = await reader_of(session, Actor(person_id), today)
    column = Node.id.__clause_element__()
    for start in range(0, len(actions), AT_ONCE):
        anywhere = or_(
            *(
                exists(select(Node.id).where(policy.predicate(action, column, reader, form="in")))
                for action in actions[start : start + AT_ONCE]
            )
        )
        if await session.scalar(
            select(anywhere), {"reader_person": person_id, "reader_today": today}
        ):
            return True
    return False
