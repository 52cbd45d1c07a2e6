"""Whatever a region's administrators change, nobody may do more than the country allows."""

from __future__ import annotations

import random
from dataclasses import replace

from core.authority.policies.change import Change
from core.authority.policies.effective import Ground, effective
from core.authority.reader import Reader
from core.authority.rules import Relation, Rule
from core.db.engine import Database
from core.hierarchy.conditions import core_ground
from core.tree.node import NodeKind
from tests import factories as make
from tests.core.authority.policies.changes import add, disable, put
from tests.core.authority.worlds import CONDITIONS, TODAY, appoint, plant

ACTIONS = ("project.read", "project.read_basic", "task.manage", "country.read", "project.create")
REGIONS = ("KZ-10", "KZ-75")


def few(ground: Ground) -> list[Rule]:
    return [rule for rule in ground.defaults if rule.action in ACTIONS]


def drawn(chance: random.Random, rules: list[Rule], number: int) -> Change:
    """A change somebody might make: of a rule there is, or a new one near one."""
    rule = chance.choice(rules)
    region = chance.choice(REGIONS)
    condition = chance.choice(["*", "*", rule.condition, *CONDITIONS])
    relation = chance.choice([rule.relation, Relation.SELF, Relation.TREE, Relation.UP]).value
    kind = chance.choice(["disable", "put", "add", "add", "deny", "turn"])
    if kind == "disable":
        return disable(rule.id, region=region)
    if kind == "put":
        return put(rule.id, relation=relation, condition=condition, region=region)
    if kind == "turn":
        return put(rule.id, effect="deny", region="*" if number < 10 else region)
    return add(
        f"local:n{number}",
        role=rule.role,
        action=chance.choice([rule.action, *ACTIONS]),
        relation=relation,
        condition=condition,
        region=region,
        effect="deny" if kind == "deny" else "allow",
    )


async def test_a_region_never_lets_anybody_do_more(database: Database) -> None:
    chance = random.Random(75)
    whole = core_ground()
    less = 0
    covered = 0
    async with database.session() as session:
        regions = [await make.make_region(session, code) for code in REGIONS]
        country = await make.make_node(session, NodeKind.COUNTRY, None)
        worlds = [await plant(session, chance, country, regions) for _ in range(3)]
        ground = replace(whole, defaults=few(whole))
        for _ in range(60):
            world = chance.choice(worlds)
            nodes = list(world.nodes)
            async with session.begin_nested() as undo:
                held = {row["role"] for row in await appoint(session, world, chance)}
                rules = [rule for rule in ground.defaults if rule.role in held] or few(ground)
                national = [drawn(chance, rules, number) for number in range(3)]
                regional = [
                    replace(drawn(chance, rules, number), by_region=True)
                    for number in range(10, 16)
                ]
                over = effective(ground, [*national, *regional])
                covered += 6 - sum(each.code == "POLICY_OVER_CEILING" for each in over.dangling)
                narrow, wide = ground.policy([*national, *regional]), ground.policy(national)
                for person in (*world.persons, None):
                    reader = Reader(person)
                    mine = await narrow.decisions(session, reader, ACTIONS, nodes, TODAY)
                    theirs = await wide.decisions(session, reader, ACTIONS, nodes, TODAY)
                    more = {key for key in mine if mine[key].allowed and not theirs[key].allowed}
                    assert more == set()
                    less += sum(theirs[key].allowed and not mine[key].allowed for key in mine)
                await undo.rollback()
    assert less > 50
    assert covered > 60
