"""The dry run: what a draft would do to people, before it is published."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Date, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.appointment import Appointment
from core.authority.conditions import holds_on
from core.authority.policies.draft import PolicyDraft
from core.authority.policies.effective import Ground
from core.authority.policies.ground import code_of_region
from core.authority.policies.policy_version import head_number
from core.authority.policies.problem import Problem
from core.authority.policies.proposal import proposal
from core.authority.policy import PolicySet
from core.authority.rules import NO_CONDITION, Relation
from core.authority.trial.agreeing import Told, compare_with_checks, compare_with_predicates
from core.authority.trial.asserting import Tried, try_assertions
from core.authority.trial.effect import (
    EVERYBODY,
    Effect,
    Group,
    Reckoning,
    changed_actions,
    roles_of,
    words_of,
)
from core.authority.trial.keepers import Keepers, keepers
from core.authority.trial.land import Land, explore, explore_everywhere, survey
from core.authority.trial.stripped import stripped
from core.people.person import Person

SECONDS = 8.5
"""How long a dry run may look at people and compare."""

COMPARING = 1.5
"""How much of it is kept for the comparison with the rules themselves."""

EXAMPLES = 5
"""Shown of each group."""

GROUPS = 500
"""Groups of an action and a role shown at most, those with the most people first."""


@dataclass(frozen=True, slots=True)
class Note:
    """What the numbers leave out, or how a list was cut; a code of the messages."""

    code: str
    params: Mapping[str, Any]


@dataclass(slots=True)
class DryRun:
    """What would change against the version in force; ``region`` limits it to one region.

    ``examples`` are those of the groups that were compared with the answers of both sets of rules.
    ``unsigned`` is what whoever is not signed in gains or loses: action, gained, objects.
    ``stripped`` are people who could do nothing any more but what everybody may. ``checks`` and
    ``predicates`` count the comparisons with the two sides of the rules; all of them agreed.
    """

    head: int
    region: str | None
    problems: tuple[Problem, ...]
    groups: list[Group] = field(default_factory=list)
    examples: dict[tuple[str, str, bool], list[Told]] = field(default_factory=dict)
    gaining: int = 0
    losing: int = 0
    unsigned: list[tuple[str, bool, int]] = field(default_factory=list)
    stripped: list[int] = field(default_factory=list)
    keepers: list[Keepers] = field(default_factory=list)
    assertions: list[Tried] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    checks: int = 0
    predicates: int = 0
    people: int = 0
    seconds: float = 0.0


async def snapshot(session: AsyncSession) -> None:
    """Let the session see one state of the data, however long it asks; call it first."""
    if session.get_bind().dialect.name == "postgresql":
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


async def dry_run(
    session: AsyncSession,
    ground: Ground,
    draft: PolicyDraft,
    today: date,
    *,
    seconds: float = SECONDS,
) -> DryRun:
    """Work out what a draft does to everybody, as long as ``seconds`` allow.

    A draft of a region is asked about the objects of that region alone. A draft with problems is
    tried as far as its rules can be in force. Nothing is written. Raises
    :class:`~core.authority.trial.agreeing.Disagreement` when its numbers are not those of the
    rules. The session should see one :func:`snapshot`.
    """
    started = time.monotonic()
    given = await proposal(session, ground, draft)
    region = None
    if draft.region_id is not None:
        region = await code_of_region(session, draft.region_id)
    run = DryRun(await head_number(session), region, given.problems)
    before, after = await asyncio.to_thread(
        lambda: (ground.policy(given.before), ground.policy(given.after))
    )
    await compare(session, run, before, after, today, started + seconds)
    run.assertions = await try_assertions(session, before, after, today)
    run.keepers = await keepers(session, before, after, today)
    run.seconds = round(time.monotonic() - started, 2)
    return run


async def compare(
    session: AsyncSession,
    run: DryRun,
    before: PolicySet,
    after: PolicySet,
    today: date,
    until: float,
) -> None:
    """Enter into the dry run what the second set of rules does otherwise than the first."""
    own = [
        {rule for rule in policy.rules if rule.relation is Relation.OWN}
        for policy in (before, after)
    ]
    if own[0] != own[1]:
        run.notes.append(Note("POLICY_TRIAL_OWN_ROWS", {"count": len(own[0] ^ own[1])}))
    reckoning = await prepare(session, run, before, after, today)
    if not reckoning.changes:
        return
    run.unsigned = reckoning.unsigned()
    roles = reckoning.concerned()
    people = await seats_of(session, roles, today)
    effect = await asyncio.to_thread(reckoning.effect, people, until - COMPARING)
    run.people, run.gaining, run.losing = (
        effect.looked_at, len(effect.gaining), len(effect.losing)
    )  # fmt: skip
    if effect.left:
        run.notes.append(Note("POLICY_TRIAL_OUT_OF_TIME", {"left": effect.left}))
    enter_groups(run, effect)
    begun = time.monotonic()
    run.predicates = await compare_with_predicates(
        session, reckoning, before, after, people, effect, today, begun + COMPARING / 2
    )
    run.examples, run.checks = await compare_with_checks(
        session, run.groups, before, after, today, begun + COMPARING
    )
    run.stripped, asked, suspects = await stripped(
        session, after, people, effect.losing, reckoning.land, today
    )
    if asked < suspects:
        run.notes.append(Note("POLICY_TRIAL_STRIPPED_CUT", {"asked": asked, "all": suspects}))


async def prepare(
    session: AsyncSession, run: DryRun, before: PolicySet, after: PolicySet, today: date
) -> Reckoning:
    """Everything the reckoning needs to know about the tree and the conditions."""
    changes = changed_actions(before, after)
    land = await survey(session) if changes else Land([], {})
    words = words_of(changes)
    kinds: dict[tuple[Relation, str], set[str]] = {}
    for word in words:
        if word.role in EVERYBODY:
            if word.condition not in land.everywhere:
                await explore_everywhere(session, land, before.conditions, word.condition, today)
            continue
        roles = kinds.setdefault((word.relation, word.condition), set())
        roles |= roles_of([word], before.personnel)
    for (relation, condition), roles in kinds.items():
        if condition != NO_CONDITION:
            await explore(session, land, before.conditions, relation, condition, roles, today)
    limit = land.whole if run.region is None else land.regions.get(run.region, 0)
    return Reckoning(land, changes, limit, before.personnel, EXAMPLES)


async def seats_of(
    session: AsyncSession, roles: frozenset[str] | None, today: date
) -> dict[int, Sequence[tuple[str, int]]]:
    """The appointments that hold of everybody who holds one of the roles, or of all people."""
    day = literal(today, Date())
    chosen = select(Appointment.person_id, Appointment.role, Appointment.node_id).where(
        holds_on(Appointment, day)
    )
    found: dict[int, list[tuple[str, int]]] = {}
    if roles is None:
        everybody = await session.scalars(select(Person.id).order_by(Person.id))
        found = {person_id: [] for person_id in everybody}
    else:
        holders = select(Appointment.person_id).where(
            Appointment.role.in_(sorted(roles)), holds_on(Appointment, day)
        )
        chosen = chosen.where(Appointment.person_id.in_(holders))
    rows: Any = await (await session.connection()).execute(chosen)
    for person_id, role, node_id in rows:
        found.setdefault(person_id, []).append((role, node_id))
    return {person_id: tuple(sorted({*seats})) for person_id, seats in sorted(found.items())}


def enter_groups(run: DryRun, effect: Effect) -> None:
    """The groups, those with the most people first."""
    found = sorted(
        effect.groups.values(),
        key=lambda each: (-each.people, each.action, each.role, each.gained),
    )
    run.groups = found[:GROUPS]
    if len(found) > GROUPS:
        run.notes.append(Note("POLICY_TRIAL_LIST_CUT", {"shown": GROUPS, "all": len(found)}))
