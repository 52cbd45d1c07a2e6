"""One trial of the property: predicate, check, explanation and "who can" never disagree."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.catalogue import core_catalogue
from core.authority.joining import join, join_conditions
from core.authority.policy import PolicySet
from core.authority.predicate import Form
from core.authority.reader import reader_of
from core.authority.rules import default_rules
from core.authority.who_can import who_can
from core.db.engine import Database
from core.hierarchy.conditions import core_conditions
from core.tree.node import Node, NodeKind
from core.work import Actor, Profile
from tests import factories as make
from tests.core.authority.survey_plugin import SURVEY, switch_on
from tests.core.authority.worlds import TODAY, RandomWorld, appoint, extra_rules, plant

WORLDS = 12

ACTIONS = [
    "project.read", "project.read_basic", "task.manage", "project.create", "node.move",
    "role_assignment.appoint", "state_body.read_basic", "portfolio.read_basic", "portfolio.read",
    "act.register", "act.read", "person.read_basic", "kni.decide_revision", "country.read",
    "initiative.submit", "appointment.read", "project.confirm_stage", "state_body.manage",
    "survey.read", "survey.plan", "lessons_log.edit",
]  # fmt: skip

CATALOGUE = join(core_catalogue(), [SURVEY])
CONDITIONS = join_conditions(core_conditions(), [SURVEY])
RULES = {profile: default_rules(CATALOGUE, profile) for profile in Profile}

MakePolicy = Callable[[Any, Any, Any], PolicySet]


@dataclass
class Tally:
    """How often each answer was given, and by the relation and condition of the deciding rule."""

    answers: Counter[bool] = field(default_factory=Counter)
    relations: Counter[str] = field(default_factory=Counter)
    conditions: Counter[str] = field(default_factory=Counter)
    denied_by_rule: int = 0
    acting: int = 0
    entitled: int = 0


async def compare(
    session: AsyncSession,
    world: RandomWorld,
    policy: PolicySet,
    asked: list[str],
    chance: random.Random,
    tally: Tally,
) -> None:
    """Ask every way about these actions for everybody and the anonymous, at every node.

    Building a predicate costs more than asking it: each trial takes one of its two forms.
    """
    nodes = list(world.nodes)
    form: Form = chance.choice(("exists", "in"))
    owner_id = chance.choice([None, *world.persons])
    owner = literal_column(str(owner_id)) if owner_id is not None else None
    statements: dict[Any, Any] = {}
    allowed: dict[tuple[str, int], set[int]] = {}
    for person_id in (*world.persons, None):
        reader = await reader_of(session, Actor(person_id=person_id), TODAY)
        decisions = await policy.decisions(session, reader, asked, nodes, TODAY, owner_id=owner_id)
        for action in asked:
            checked = {node for node in nodes if decisions[action, node].allowed}
            key = action, reader.national_roles
            if key not in statements:  # the text depends on the policy, never on the person
                statements[key] = select(Node.id).where(
                    Node.id.in_(nodes),
                    policy.predicate(action, Node.id, reader, form=form, owner=owner),
                )
            found = await session.scalars(
                statements[key], {"reader_person": person_id, "reader_today": TODAY}
            )
            assert set(found) == checked, (action, person_id, form)
            if owner_id is None and person_id is not None:
                for node in checked:
                    allowed.setdefault((action, node), set()).add(person_id)
            likely = [node for node in checked if node != nodes[0]] or nodes
            node = chance.choice(likely if chance.random() < 0.7 else nodes)
            explained = await policy.explain(
                session, person_id, node, action, TODAY, owner_id=owner_id
            )
            assert explained.allowed == (node in checked)
            matching = [one.rule for one in explained.rules if one.matches]
            effects = {rule.effect for rule in matching}
            assert explained.allowed == (effects == {"allow"})
            if matching:
                assert explained.deciding_rule in {rule.id for rule in matching}
            rules = {rule.id: rule for rule in policy.rules_of(action)}
            for node in nodes:
                decision = decisions[action, node]
                deciding = rules.get(decision.rule or "")
                if deciding is not None:
                    tally.relations[deciding.relation.value] += 1
                    tally.conditions[deciding.condition] += 1
                    tally.denied_by_rule += deciding.effect == "deny"
                tally.acting += decision.acting
            tally.answers[True] += len(checked)
            tally.answers[False] += len(nodes) - len(checked)
    if owner_id is None:
        action = asked[0]
        node = chance.choice([key for one, key in allowed if one == action] or nodes)
        people, more = await who_can(session, policy, action, node, TODAY, first=500)
        assert not more
        named = {each.person.id for each in people} & set(world.persons)
        assert named == allowed.get((action, node), set()), (action, node)
        tally.entitled += len(named)


@dataclass(frozen=True)
class Planted:
    """A database with several worlds side by side under one country; trials leave no trace."""

    url: str
    worlds: Sequence[RandomWorld]


def planted_in(url: str) -> Planted:
    """Plant worlds in a migrated, empty database; a trial asks about one of them."""

    async def run() -> Planted:
        database = await Database.open(url)
        async with database.session() as session, session.begin():
            chance = random.Random(2023)
            regions = [await make.make_region(session, code) for code in ("KZ-10", "KZ-75")]
            country = await make.make_node(session, NodeKind.COUNTRY, None)
            await switch_on(session, regions[0])
            worlds = [await plant(session, chance, country, regions) for _ in range(WORLDS)]
        await database.close()
        return Planted(url, worlds)

    return asyncio.run(run())


async def one_trial(
    database: Database,
    worlds: Sequence[RandomWorld],
    seed: int,
    tally: Tally,
    known: dict[Any, Any],
    make_policy: MakePolicy = PolicySet,
    actions: Sequence[str] = ACTIONS,
) -> None:
    """New appointments and up to three more rules, undone afterwards.

    ``known``: the parts of predicates that trials before this one built, as a policy keeps them.
    """
    chance = random.Random(seed)
    asked = [chance.choice(actions)]
    profile = chance.choice([*Profile, Profile.R2023])
    rules = [rule for rule in RULES[profile] if rule.action in asked]
    world = chance.choice(worlds)
    async with database.session() as session:
        held = [row["role"] for row in await appoint(session, world, chance)]
        added = extra_rules(chance, asked, held)
        policy = make_policy(CATALOGUE, [*rules, *added], CONDITIONS)
        policy._reach = replace(policy._reach, _selects=known)
        await compare(session, world, policy, asked, chance, tally)
        await session.rollback()


def run_trials(
    planted: Planted,
    seeds: Iterable[int],
    tally: Tally,
    make_policy: MakePolicy = PolicySet,
    actions: Sequence[str] = ACTIONS,
) -> int | None:
    """Run trials until one fails; the number of that trial, from 1, or None."""

    async def run() -> int | None:
        database = await Database.open(planted.url)
        known: dict[Any, Any] = {}
        try:
            for number, seed in enumerate(seeds, 1):
                try:
                    await one_trial(
                        database, planted.worlds, seed, tally, known, make_policy, actions
                    )
                except AssertionError as error:
                    error.add_note(f"seed {seed}")
                    if make_policy is PolicySet:
                        raise
                    return number
        finally:
            await database.close()
        return None

    return asyncio.run(run())
