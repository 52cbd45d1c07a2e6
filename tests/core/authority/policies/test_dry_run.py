"""The dry run tells exactly who gains and who loses, like asking everybody about everything."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.catalogue import core_catalogue
from core.authority.joining import join, join_conditions
from core.authority.policies.dry_run import Effect, dry_run
from core.authority.policies.effective import Ground
from core.authority.policy import PolicySet
from core.authority.reader import Reader
from core.authority.rules import Rule
from core.db.engine import Database
from core.hierarchy.conditions import core_conditions
from core.tree.node import NodeKind
from core.work import Profile
from tests import factories as make
from tests.core.authority.policies.changes import READS, add, disable, ground, put
from tests.core.authority.survey_plugin import SURVEY
from tests.core.authority.worlds import TODAY, RandomWorld, appoint, extra_rules, plant

ACTIONS = ["project.read", "task.manage", "country.read", "state_body.read_basic"]


async def asked_of_everybody(
    session: AsyncSession,
    world: RandomWorld,
    before: PolicySet,
    after: PolicySet,
    actions: Iterable[str],
) -> set[tuple[str, bool, int | None, bool, int]]:
    """(action, gained, person, anonymous, objects) by the check of each row."""
    nodes = list(world.nodes)
    found: set[tuple[str, bool, int | None, bool, int]] = set()
    readers = [(key, key, False) for key in world.persons] + [(0, None, False), (None, None, True)]
    for action in actions:
        for key, shown, anonymous in readers:
            counts = {True: 0, False: 0}
            old = await before.decisions(session, Reader(key), [action], nodes, TODAY)
            new = await after.decisions(session, Reader(key), [action], nodes, TODAY)
            for node in nodes:
                was, will = old[action, node].allowed, new[action, node].allowed
                if was != will:
                    counts[will] += 1
            found |= {
                (action, gained, shown, anonymous, count)
                for gained, count in counts.items()
                if count
            }
    return found


def told(effects: Iterable[Effect]) -> set[tuple[str, bool, int | None, bool, int]]:
    return {
        (each.action, each.gained, each.person_id, each.anonymous, each.nodes) for each in effects
    }


async def test_the_dry_run_tells_what_asking_everybody_tells(database: Database) -> None:
    chance = random.Random(4)
    differences = 0
    async with database.session() as session:
        regions = [await make.make_region(session, code) for code in ("KZ-10", "KZ-75")]
        country = await make.make_node(session, NodeKind.COUNTRY, None)
        world = await plant(session, chance, country, regions)
        known = Ground.of(
            join(core_catalogue(), [SURVEY]),
            join_conditions(core_conditions(), [SURVEY]),
            Profile.R2023,
        )
        rules = [rule for rule in known.defaults if rule.action in ACTIONS]
        for _ in range(40):
            async with session.begin_nested() as undo:
                held = [row["role"] for row in await appoint(session, world, chance)]
                sets: list[list[Rule]] = []
                for name in ("old", "new"):
                    kept = [rule for rule in rules if chance.random() < 0.9]
                    extra = [
                        Rule(f"{name}:{rule.id}", rule.role, rule.action, rule.relation,
                             rule.condition, rule.region, rule.effect)
                        for rule in extra_rules(chance, ACTIONS, held)
                    ]  # fmt: skip
                    sets.append([*kept, *extra])
                old, new = (PolicySet(known.catalogue, each, known.conditions) for each in sets)
                found = await dry_run(session, old, new, TODAY)
                everything = await asked_of_everybody(session, world, old, new, ACTIONS)
                hidden = set(found.incomplete)
                assert {each for each in told(found.effects) if each[0] not in hidden} == {
                    each for each in everything if each[0] not in hidden
                }
                assert {each for each in told(found.effects) if each[2] is None} == {
                    each for each in everything if each[2] is None
                }
                differences += len({each for each in everything if each[0] not in hidden})
                await undo.rollback()
    assert differences > 100


@pytest.mark.parametrize("gained", [True, False])
async def test_a_changed_rule_is_told_for_its_holders_only(
    database: Database, gained: bool
) -> None:
    async with database.session() as session:
        world = await make.make_world(session)
        manager, auditor = await make.make_person(session), await make.make_person(session)
        await make.make_appointment(session, manager, "project_manager", world.project)
        await make.make_appointment(session, auditor, "auditor", world.country)
        known = ground()
        sets = [known.policy([disable()]), known.policy([])]
        found = await dry_run(session, *(sets if gained else sets[::-1]), TODAY)
        assert found.effects == (Effect("project.read", gained, manager.id, 2, world.project.id),)
        assert found.incomplete == ()
        # The auditor may create where others may not: both are told of one draft.
        found = await dry_run(
            session, known.policy([]), known.policy([put(READS, relation="self"), add()]), TODAY
        )
        assert {(each.action, each.person_id, each.nodes) for each in found.effects} == {
            ("project.read", manager.id, 1),
            ("project.create", auditor.id, 8),
        }
