"""The predicate in SQL, the check of one row and the explanation never disagree."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.catalogue import core_catalogue
from core.authority.joining import join, join_conditions
from core.authority.policy import PolicySet
from core.authority.reader import reader_of
from core.authority.rules import default_rules
from core.db.engine import Database
from core.hierarchy.conditions import core_conditions
from core.tree.node import Node, NodeKind
from core.work import Actor, Profile
from tests import factories as make
from tests.core.authority.survey_plugin import SURVEY, switch_on
from tests.core.authority.worlds import TODAY, RandomWorld, appoint, extra_rules, plant

EXAMPLES = int(os.environ.get("ZHOBA_EXAMPLES", "200"))
WORLDS = 12

ACTIONS = [
    "project.read", "project.read_basic", "task.manage", "project.create", "node.move",
    "role_assignment.appoint", "state_body.read_basic", "portfolio.read_basic", "portfolio.read",
    "act.register", "act.read", "person.read_basic", "kni.decide_revision", "country.read",
    "initiative.submit", "appointment.read", "project.confirm_stage", "state_body.manage",
    "survey.read", "survey.plan", "lessons_log.edit",
]  # fmt: skip


CONDITIONS = join_conditions(core_conditions(), [SURVEY])


class Tally:
    """How often each answer was given, and by the relation and condition of the deciding rule."""

    def __init__(self) -> None:
        self.answers: Counter[bool] = Counter()
        self.relations: Counter[str] = Counter()
        self.conditions: Counter[str] = Counter()
        self.denied_by_rule = 0


async def compare(
    session: AsyncSession,
    world: RandomWorld,
    policy: PolicySet,
    asked: list[str],
    chance: random.Random,
    tally: Tally,
) -> None:
    """Ask every way about these actions for everybody and the anonymous, at every node."""
    nodes = list(world.nodes)
    for person_id in (*world.persons, None):
        reader = await reader_of(session, Actor(person_id=person_id), TODAY)
        owner_id = chance.choice([None, person_id, world.persons[0]])
        decisions = await policy.decisions(session, reader, asked, nodes, TODAY, owner_id=owner_id)
        for action in asked:
            checked = {node for node in nodes if decisions[action, node].allowed}
            for form in ("exists", "in"):
                owner = literal_column(str(owner_id)) if owner_id is not None else None
                predicate = policy.predicate(action, Node.id, reader, form=form, owner=owner)
                found = await session.scalars(
                    select(Node.id).where(predicate),
                    {"reader_person": person_id, "reader_today": TODAY},
                )
                assert set(found) & set(nodes) == checked, (action, person_id, form)
            likely = [node for node in checked if node != nodes[0]] or nodes
            for node in (chance.choice(nodes), chance.choice(likely)):
                explained = await policy.explain(
                    session, person_id, node, action, TODAY, owner_id=owner_id
                )
                assert explained.allowed == (node in checked)
                matching = [one.rule for one in explained.rules if one.matches]
                effects = {rule.effect for rule in matching}
                assert explained.allowed == (effects == {"allow"})
                if matching:
                    assert explained.deciding_rule in {rule.id for rule in matching}
                tally.denied_by_rule += "deny" in effects
            rules = {rule.id: rule for rule in policy.rules_of(action)}
            for node in nodes:
                deciding = rules.get(decisions[action, node].rule or "")
                if deciding is not None:
                    tally.relations[deciding.relation.value] += 1
                    tally.conditions[deciding.condition] += 1
            tally.answers[True] += len(checked)
            tally.answers[False] += len(nodes) - len(checked)


async def plant_worlds(database: Database) -> list[RandomWorld]:
    """Several worlds side by side under one country; an example asks about one of them."""
    async with database.session() as session, session.begin():
        chance = random.Random(2023)
        regions = [await make.make_region(session, code) for code in ("KZ-10", "KZ-75")]
        country = await make.make_node(session, NodeKind.COUNTRY, None)
        await switch_on(session, regions[0])
        return [await plant(session, chance, country, regions) for _ in range(WORLDS)]


async def one_example(
    database: Database, worlds: list[RandomWorld], seed: int, tally: Tally
) -> None:
    """New appointments and up to three more rules, undone afterwards."""
    chance = random.Random(seed)
    catalogue, asked = join(core_catalogue(), [SURVEY]), chance.sample(ACTIONS, 2)
    rules = [
        rule
        for rule in default_rules(catalogue, chance.choice([*Profile, Profile.R2023]))
        if rule.action in asked
    ]
    world = chance.choice(worlds)
    async with database.session() as session:
        held = [row["role"] for row in await appoint(session, world, chance)]
        added = extra_rules(chance, asked, held)
        policy = PolicySet(catalogue, [*rules, *added], CONDITIONS)
        await compare(session, world, policy, asked, chance, tally)
        await session.rollback()


def test_predicate_check_and_explanation_agree(database_url: str, dialect: str) -> None:
    tally = Tally()
    # One loop for all examples: connections of a pool belong to the loop they were made in.
    with asyncio.Runner() as runner:
        database = runner.run(Database.open(database_url))

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.integers(min_value=0, max_value=2**32))
        def examples(seed: int) -> None:
            runner.run(one_example(database, worlds, seed, tally))

        try:
            worlds = runner.run(plant_worlds(database))
            examples()
        finally:
            runner.run(database.close())
    asked = tally.answers.total()
    assert asked > EXAMPLES * 50
    assert 0.1 < tally.answers[True] / asked < 0.6
    assert tally.denied_by_rule > 0
    assert set(tally.relations) == {
        "tree", "self", "up", "region", "program", "body", "priority", "own"
    }  # fmt: skip
    assert len(tally.conditions) == 9
