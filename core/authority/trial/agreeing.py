"""The dry run's numbers against the answers of the rules: in SQL, and in the check of one object.

A dry run that is wrong is worse than none: where the three differ it fails.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.policy import PolicySet
from core.authority.reader import Reader, reader_of
from core.authority.trial.effect import Case, Changed, Effect, Group, Reckoning, Seats
from core.tree.node import Node
from core.work import Actor, Decision

LEAST = 3
"""Comparisons made however late it is."""

SAMPLE = 60
"""People of whom the whole set of objects is compared, at most."""


class Disagreement(RuntimeError):
    """Two sides of the same rules gave different answers: a mistake in the program."""


@dataclass(frozen=True, slots=True)
class Told:
    """An example, with the decisions of both sets of rules about it."""

    case: Case
    before: Decision
    after: Decision


async def compare_with_checks(
    session: AsyncSession,
    groups: Sequence[Group],
    before: PolicySet,
    after: PolicySet,
    today: date,
    until: float,
) -> tuple[dict[tuple[str, str, bool], list[Told]], int]:
    """Ask both sets of rules about every example; how many were asked.

    The first of every group comes before the second of any, and what there was no time for is not
    shown.
    """
    found: dict[tuple[str, str, bool], list[Told]] = {}
    asked = 0
    rounds = max((len(group.examples) for group in groups), default=0)
    for number in range(rounds):
        for group in groups:
            if number >= len(group.examples):
                continue
            if asked >= LEAST and time.monotonic() > until:
                return found, asked
            case = group.examples[number]
            told = Told(
                case,
                await decision(session, before, case, today),
                await decision(session, after, case, today),
            )
            asked += 1
            if (told.before.allowed, told.after.allowed) != (not case.gained, case.gained):
                raise Disagreement(
                    f"Person:{case.person_id} at node {case.node_id}: {case.action} is "
                    f"{told.before.allowed} before and {told.after.allowed} after"
                )
            found.setdefault((group.action, group.role, group.gained), []).append(told)
    return found, asked


async def decision(session: AsyncSession, policy: PolicySet, case: Case, today: date) -> Decision:
    found = await policy.decisions(
        session, Reader(case.person_id), [case.action], [case.node_id], today
    )
    return found[case.action, case.node_id]


async def compare_with_predicates(
    session: AsyncSession,
    reckoning: Reckoning,
    before: PolicySet,
    after: PolicySet,
    people: Mapping[int, Seats],
    effect: Effect,
    today: date,
    until: float,
) -> int:
    """Compare the whole sets of some people with what the predicates of both sides select.

    For every action first people who gain or lose, then others. How many sets were compared.
    """
    compared = 0
    for change, person_id in sample(reckoning, people, effect):
        if compared >= LEAST and time.monotonic() > until:
            break
        sets = reckoning.sides(change, people[person_id])
        for policy, reckoned in zip((before, after), sets, strict=True):
            selected = await select_of(session, policy, change.action, person_id, today)
            positions = (reckoning.land.spots[node].position for node in selected)
            if reckoning.land.set_of(positions) & reckoning.limit != reckoned:
                raise Disagreement(
                    f"Person:{person_id}: the predicate of {change.action} selects "
                    f"{len(selected)} objects, {reckoned.bit_count()} were reckoned"
                )
            compared += 1
    return compared


def sample(
    reckoning: Reckoning, people: Mapping[int, Seats], effect: Effect
) -> list[tuple[Changed, int]]:
    """Whom to compare about what: of each action one example of each group, then anybody."""
    by_action = {change.action: change for change in reckoning.changes}
    likely = [
        (group.action, case.person_id)
        for group in effect.groups.values()
        for case in group.examples[-1:]
    ]
    ids = sorted(people)
    step = max(1, len(ids) // (1 + SAMPLE // (1 + len(by_action))))
    spread = [
        (action, ids[place])
        for number, action in enumerate(by_action)
        for place in range(number % step, len(ids), step)
    ]
    chosen = dict.fromkeys([*likely[: SAMPLE // 2], *spread])
    return [(by_action[action], person_id) for action, person_id in list(chosen)[:SAMPLE]]


async def select_of(
    session: AsyncSession, policy: PolicySet, action: str, person_id: int, today: date
) -> Sequence[int]:
    """The objects the predicate selects for this person."""
    reader = await reader_of(session, Actor(person_id), today)
    predicate = policy.predicate(action, Node.id.__clause_element__(), reader, form="in")
    found = await session.scalars(
        select(Node.id).where(predicate),
        {"reader_person": person_id, "reader_today": today},
    )
    return found.all()
