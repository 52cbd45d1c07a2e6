"""The dry run's numbers are those of asking everybody about everything."""

from __future__ import annotations

import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.catalogue import core_catalogue
from core.authority.explanation import Explanation
from core.authority.holding import ANYONE
from core.authority.joining import join, join_conditions
from core.authority.policy import PolicySet
from core.authority.rules import ANY_REGION, NO_CONDITION, Relation, Rule, default_rules
from core.authority.trial.dry_run import DryRun, compare
from core.authority.trial.effect import Word
from core.db.engine import Database
from core.hierarchy.conditions import core_conditions
from core.tree.node import Node, NodeKind
from tests import factories as make
from tests.core.authority.survey_plugin import SURVEY, switch_on
from tests.core.authority.worlds import TODAY, RandomWorld, appoint, extra_rules, plant

EXAMPLES = int(os.environ.get("ZHOBA_EXAMPLES", "200")) // 5
"""Half of them on each database."""

ACTIONS = ["project.read", "task.manage", "country.read", "state_body.read_basic", "survey.read"]
CATALOGUE = join(core_catalogue(), [SURVEY])
CONDITIONS = join_conditions(core_conditions(), [SURVEY])
RULES = [rule for rule in default_rules(CATALOGUE) if rule.action in ACTIONS]

Told = dict[tuple[str, str, bool], set[tuple[int, int]]]
"""By action, role and whether it is gained: who, and where."""


def sets_of_rules(
    chance: random.Random, asked: Sequence[str], held: Sequence[str]
) -> tuple[PolicySet, PolicySet]:
    """Rules, and the same after an administrator's day: some gone, some come, some changed."""
    sides = []
    for _ in range(2):
        kept = [rule for rule in RULES if chance.random() < 0.8]
        added = extra_rules(chance, [*asked], [*held])
        if chance.random() < 0.2:
            condition = chance.choice([NO_CONDITION, "outside_project"])
            region = chance.choice([ANY_REGION, "KZ-10"])
            added.append(Rule("test:open", ANYONE, asked[0], Relation.TREE, condition, region))
        sides.append(PolicySet(CATALOGUE, [*kept, *added], CONDITIONS))
    return sides[0], sides[1]


async def asked_one_by_one(
    session: AsyncSession,
    before: PolicySet,
    after: PolicySet,
    world: RandomWorld,
    actions: Sequence[str],
    limit: frozenset[int],
) -> Told:
    """The difference of the explanations of everybody at every object."""
    found: Told = defaultdict(set)
    for action in actions:
        words = [{Word.of(rule) for rule in side.rules_of(action)} for side in (before, after)]
        for person_id in world.persons:
            for node_id in limit:
                old, new = [
                    await side.explain(session, person_id, node_id, action, TODAY)
                    for side in (before, after)
                ]
                if old.allowed is new.allowed:
                    continue
                for role in roles_to_blame(old, new, words, gained=new.allowed):
                    found[action, role, new.allowed].add((person_id, node_id))
    return dict(found)


def roles_to_blame(
    old: Explanation, new: Explanation, words: Sequence[set[Word]], *, gained: bool
) -> set[str]:
    """The roles of the rules that count here and are in one of the sets only."""
    came = {one.rule for one in new.rules if one.matches and Word.of(one.rule) not in words[0]}
    went = {one.rule for one in old.rules if one.matches and Word.of(one.rule) not in words[1]}
    allowing, denying = (came, went) if gained else (went, came)
    return {rule.role for rule in allowing if rule.effect == "allow"} | {
        rule.role for rule in denying if rule.effect == "deny"
    }


async def in_region(session: AsyncSession, region_id: int) -> frozenset[int]:
    return frozenset(await session.scalars(select(Node.id).where(Node.region_id == region_id)))


async def tried(
    session: AsyncSession, before: PolicySet, after: PolicySet, region: str | None = None
) -> DryRun:
    run = DryRun(0, region, ())
    await compare(session, run, before, after, TODAY, time.monotonic() + 60)
    return run


async def one_example(database: Database, seed: int, tally: Counter[str]) -> None:
    chance = random.Random(seed)
    asked = chance.sample(ACTIONS, 2)
    async with database.session() as session:
        regions = [await make.make_region(session, code) for code in ("KZ-10", "KZ-75")]
        country = await make.make_node(session, NodeKind.COUNTRY, None)
        await switch_on(session, regions[0])
        world = await plant(session, chance, country, regions)
        held = [row["role"] for row in await appoint(session, world, chance)]
        before, after = sets_of_rules(chance, asked, held)
        limit, region = frozenset(world.nodes), None
        if chance.random() < 0.2:
            region = "KZ-75"
            limit = await in_region(session, regions[1].id)
        run = await tried(session, before, after, region)
        naive = await asked_one_by_one(session, before, after, world, ACTIONS, limit)
        await session.rollback()
    assert {
        (each.action, each.role, each.gained): (each.people, each.nodes, each.pairs)
        for each in run.groups
    } == {
        key: (len({who for who, _ in pairs}), len({at for _, at in pairs}), len(pairs))
        for key, pairs in naive.items()
    }
    for gained, people in ((True, run.gaining), (False, run.losing)):
        theirs = [pairs for key, pairs in naive.items() if key[2] is gained]
        assert people == len({who for pairs in theirs for who, _ in pairs})
        tally["gained" if gained else "lost"] += sum(map(len, theirs))
    for key, examples in run.examples.items():
        assert {(one.case.person_id, one.case.node_id) for one in examples} <= naive[key]
        tally["denied"] += any(one.after.rule and not one.after.allowed for one in examples)
    tally["regional"] += region is not None and bool(naive)
    assert run.checks == sum(map(len, run.examples.values()))


@pytest.mark.early
async def test_the_dry_run_is_the_difference_of_the_explanations(database: Database) -> None:
    tally: Counter[str] = Counter()
    for seed in range(database.dialect == "sqlite", EXAMPLES, 2):
        await one_example(database, seed, tally)
    assert tally["gained"] > EXAMPLES / 2
    assert tally["lost"] > EXAMPLES / 2
    assert tally["regional"] > 0
    assert tally["denied"] > 0
