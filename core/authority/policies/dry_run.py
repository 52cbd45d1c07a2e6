"""What a publication would do to people: who gains, who loses, which actions, on which objects.

Only rules that change can make a difference. What they reach is asked of the data at once, for
everybody, and judged by the predicates of both sets; a sample of each finding is judged again by
the check of one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    and_,
    func,
    join,
    literal,
    not_,
    select,
    true,
    union,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql import visitors

from core.authority.appointment import Appointment
from core.authority.conditions import holds_on, role_is
from core.authority.holding import ANYONE, REGISTERED
from core.authority.policy import PolicySet
from core.authority.predicate import IMPLIED_RELATIONS, Arm, Reach, arms_of
from core.authority.reader import READER_PERSON, READER_TODAY, Reader
from core.authority.rules import Relation, Rule
from core.people.person import Person
from core.tree.node import Node

MOST_PAIRS = 400_000
"""Pairs of a person and an object looked at for one action and one direction; beyond it the
answer says that it is not complete."""

NOBODY_IN_PARTICULAR = 0
"""The key of no person: somebody signed in who holds nothing."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Somebody who gains or loses an action.

    ``person_id`` None stands for everybody signed in who holds no role, and ``anonymous`` for
    whoever is not signed in. ``nodes`` are how many objects, ``example`` the key of one.
    """

    action: str
    gained: bool
    person_id: int | None
    nodes: int
    example: int
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class DryRun:
    """Everybody who gains or loses something, by action.

    ``incomplete`` are the actions not told person by person: the rule of everybody changes, and
    then only those are told of who hold nothing, or too many pairs would have to be looked at.
    """

    effects: tuple[Effect, ...]
    incomplete: tuple[str, ...]


class PredicatesDisagree(AssertionError):
    """The predicate of lists and the check of one row answered differently: a mistake of Zhoba."""


async def dry_run(
    session: AsyncSession, before: PolicySet, after: PolicySet, today: date
) -> DryRun:
    """What ``after`` in place of ``before`` would do to everybody on this day.

    Relations to one's own rows (``own``) are left out: they are about rows, not about objects.
    """
    effects: list[Effect] = []
    incomplete: list[str] = []
    for action in changed_actions(before, after):
        for gained in (True, False):
            narrow, wide = (before, after) if gained else (after, before)
            arms = arms_of(moving(narrow, wide, action))
            if not arms:
                continue
            found = await everybody(session, narrow, wide, action, arms, today)
            complete = not found
            if complete:
                found, complete = await people_who_differ(
                    session, narrow, wide, action, arms, today
                )
            effects += [
                Effect(action, gained, person_id, nodes, example, anonymous)
                for person_id, nodes, example, anonymous in found
            ]
            if not complete:
                incomplete.append(action)
    await verify(session, before, after, effects, today)
    return DryRun(tuple(effects), tuple(dict.fromkeys(incomplete)))


def changed_actions(before: PolicySet, after: PolicySet) -> list[str]:
    """The actions whose rules are not the same."""
    old, new = words_of(before.rules), words_of(after.rules)
    return sorted({rule[1] for rule in old ^ new})


Words = tuple[str, str, Relation, str, str, str]


def words_of(rules: Iterable[Rule]) -> set[Words]:
    """Rules without their ids, which change nothing."""
    return {
        (rule.role, rule.action, rule.relation, rule.condition, rule.region, rule.effect)
        for rule in rules
    }


def moving(narrow: PolicySet, wide: PolicySet, action: str) -> list[Rule]:
    """The rules by which ``wide`` may allow what ``narrow`` does not."""
    old, new = words_of(narrow.rules_of(action)), words_of(wide.rules_of(action))
    allows = [rule for rule in wide.rules_of(action) if rule.effect == "allow"]
    lifted = [
        rule
        for rule in narrow.rules_of(action)
        if rule.effect == "deny" and not words_of([rule]) <= new
    ]
    if any(rule.role in (ANYONE, REGISTERED) for rule in lifted):
        return [*allows, *lifted]  # Whoever is allowed anything may have been denied it.
    return [*(rule for rule in allows if not words_of([rule]) <= old), *lifted]


Found = tuple[int | None, int, int, bool]


async def people_who_differ(
    session: AsyncSession,
    narrow: PolicySet,
    wide: PolicySet,
    action: str,
    arms: Sequence[Arm],
    today: date,
) -> tuple[list[Found], bool]:
    """Persons with a role that one of the arms is about, and how many objects each."""
    pairs = [
        pair
        for arm in arms
        for pair in pairs_of(Reach(wide.conditions, wide.personnel), arm, today)
    ]
    if not pairs:
        return [], True
    once: Any = union(*pairs) if len(pairs) > 1 else pairs[0].distinct()
    limited = once.limit(MOST_PAIRS + 1).cte("pairs")
    person, node = limited.c.person_id, limited.c.node_id
    differs = and_(
        not_(of_person(narrow.predicate(action, node, Reader()), person, today)),
        of_person(wide.predicate(action, node, Reader()), person, today),
    )
    rows = await session.execute(
        select(person, func.count(), func.min(node))
        .where(differs)
        .group_by(person)
        .order_by(person)
    )
    found: list[Found] = [(key, count, example, False) for key, count, example in rows]
    counted = await session.scalar(select(func.count()).select_from(limited))
    return found, (counted or 0) <= MOST_PAIRS


def pairs_of(reach: Reach, arm: Arm, today: date) -> Iterable[Select[Any]]:
    """Every person with a role of the arm, with every object it reaches."""
    roles = arm.roles - {ANYONE, REGISTERED}
    if not roles or arm.relation is Relation.OWN:
        return
    wanted = reach.personnel if arm.relation in IMPLIED_RELATIONS else roles
    for found, column, tables in reach.selects(arm, roles):
        who: Any = aliased(Person)
        held: Any = aliased(Appointment)
        holders = (
            select(held.person_id)
            .where(role_is(held.role, wanted), holds_on(held, literal(today, Date())))
            .correlate(None)
        )
        statement = found.with_only_columns(who.id.label("person_id"), column.label("node_id"))
        if len(tables) == 1:
            # Only a subquery ties the object to the person here.
            statement = statement.select_from(join(who, tables[0], true()))
        narrowed = statement.where(who.id.in_(holders)).correlate_except(who, *tables)
        yield of_person(narrowed, who.id.__clause_element__(), today)


def of_person(clause: Any, person: ColumnElement[Any], today: date) -> Any:
    """A clause with a column of persons in the place of the reader."""

    def instead(element: Any, **_: Any) -> Any:
        if element is READER_PERSON:
            return person
        if element is READER_TODAY:
            return literal(today, Date())
        return None

    return visitors.replacement_traverse(clause, {}, instead)


async def everybody(
    session: AsyncSession,
    narrow: PolicySet,
    wide: PolicySet,
    action: str,
    arms: Sequence[Arm],
    today: date,
) -> list[Found]:
    """How many objects it is for those who hold nothing, where a rule about everybody changes."""
    roles = {role for arm in arms for role in arm.roles}
    found: list[Found] = []
    for role, person_id, anonymous in (
        (REGISTERED, NOBODY_IN_PARTICULAR, False),
        (ANYONE, NOBODY_IN_PARTICULAR, False),
        (ANYONE, None, True),
    ):
        if role not in roles or any(anonymous == other for *_, other in found):
            continue
        node_id: Any = Node.id
        row = (
            await session.execute(
                select(func.count(), func.min(node_id)).where(
                    not_(narrow.predicate(action, node_id, Reader(person_id))),
                    wide.predicate(action, node_id, Reader(person_id)),
                ),
                {"reader_person": person_id, "reader_today": today},
            )
        ).one()
        if row[0]:
            found.append((None, row[0], row[1], anonymous))
    return found


async def verify(
    session: AsyncSession,
    before: PolicySet,
    after: PolicySet,
    effects: Sequence[Effect],
    today: date,
    *,
    most: int = 200,
) -> None:
    """Ask the check of one row about the examples. Raises :class:`PredicatesDisagree`."""
    step = max(1, len(effects) // most)
    for effect in effects[::step]:
        person_id = effect.person_id
        if person_id is None and not effect.anonymous:
            person_id = NOBODY_IN_PARTICULAR
        for policy, expected in ((before, not effect.gained), (after, effect.gained)):
            found = await policy.decisions(
                session, Reader(person_id), [effect.action], [effect.example], today
            )
            if found[effect.action, effect.example].allowed != expected:
                raise PredicatesDisagree(effect)
