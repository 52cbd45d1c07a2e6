"""Random small worlds for the comparison of the three answers, drawn so that edges are common."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.acting import Substitution
from core.authority.appointment import Appointment, Employment
from core.authority.rules import ANY_REGION, NO_CONDITION, Relation, Rule
from core.places.region import Region
from core.tree.node import Node, NodeKind
from tests import factories as make

TODAY = date(2026, 3, 2)

STARTS = (-400, -1, 0, 0, 0, 1)
"""First days, counted from today: the edges are as likely as the rest."""
ENDS = (None, None, None, -1, 0, 0, 1, 30)

CONDITIONS = (
    "bd_headed_by_other_deputy",
    "no_governing_council",
    "contractual_relations",
    "no_project_group",
    "outside_project",
)

ROLES_AT: dict[NodeKind, tuple[str, ...]] = {
    NodeKind.COUNTRY: ("national_administrator", "office_member", "data_consumer", "auditor"),
    NodeKind.NATIONAL_PRIORITY: ("np_curator", "governing_council_member", "np_group_head"),
    NodeKind.STATE_BODY: ("program_manager", "po_head", "hr_service", "regional_administrator"),
    NodeKind.ORGANIZATION_UNIT: ("unit_head", "employee", "sac_head"),
    NodeKind.PROGRAM: ("gc_member",),
    NodeKind.BASIC_DIRECTION: ("bd_head", "standard_bd_head", "bdig_head"),
    NodeKind.PROJECT_GROUP: ("pg_head", "pg_curator", "pg_curator"),
    NodeKind.PROJECT: (
        "project_manager", "project_customer", "project_customer", "project_sponsor",
        "contractor_group_head", "survey_lead",
    ),
    NodeKind.TASK: ("project_team_member",),
}  # fmt: skip


REGIONS = (*[ANY_REGION] * 4, "KZ-10", "KZ-75", "!KZ-10", "!KZ-10,KZ-75")

PEOPLE = 3


@dataclass
class RandomWorld:
    """Nodes by id with their kinds, each group with its direction, and persons."""

    nodes: dict[int, NodeKind] = field(default_factory=dict)
    groups: list[tuple[int, int]] = field(default_factory=list)
    persons: list[int] = field(default_factory=list)


async def plant(
    session: AsyncSession, chance: random.Random, country: Node, regions: Sequence[Region]
) -> RandomWorld:
    """Priorities served by programs, bodies with all below, and people."""
    world = RandomWorld({country.id: country.kind})

    async def node(kind: NodeKind, parent: Node, **columns: object) -> Node:
        made = await make.make_node(session, kind, parent, **columns)  # type: ignore[arg-type]
        if chance.random() < 0.1:
            made.archived_at = make.MADE_AT
        world.nodes[made.id] = made.kind
        return made

    priorities = [await node(NodeKind.NATIONAL_PRIORITY, country) for _ in range(2)]
    for number in range(chance.randint(1, 3)):
        region = chance.choice([*regions, None])
        body = await node(NodeKind.STATE_BODY, country, region=region)
        unit = await node(NodeKind.ORGANIZATION_UNIT, body)
        if chance.random() < 0.4:
            await node(NodeKind.ORGANIZATION_UNIT, unit)
        directions = [await node(NodeKind.BASIC_DIRECTION, body)]
        for _ in range(chance.randint(1 if number == 0 else 0, 2)):
            program = await node(NodeKind.PROGRAM, body)
            for priority in chance.sample(priorities, chance.randint(0, 2)):
                await make.make_service(session, priority, program)
            directions.append(await node(NodeKind.BASIC_DIRECTION, program))
        for direction in directions:
            places = [direction]
            for _ in range(chance.randint(0, 2)):
                places.append(await node(NodeKind.PROJECT_GROUP, chance.choice(places)))
                world.groups.append((places[-1].id, direction.id))
            for place in places:
                if chance.random() < 0.6:
                    project = await node(NodeKind.PROJECT, place, contractual=chance.random() < 0.5)
                    await node(NodeKind.TASK, project)
                elif chance.random() < 0.5:
                    await node(NodeKind.TASK, place)
    for _ in range(PEOPLE):
        world.persons.append((await make.make_person(session)).id)
    await session.flush()
    return world


async def appoint(
    session: AsyncSession, world: RandomWorld, chance: random.Random
) -> list[dict[str, Any]]:
    """Up to four appointments for each person, often a curated group or an auditor besides; in
    some of them they only act."""
    wanted = [
        (person_id, chance.choice(list(world.nodes)), None)
        for person_id in world.persons
        for _ in range(chance.randint(0, 4))
    ]
    if world.groups and chance.random() < 0.4:
        group, direction = chance.choice(world.groups)
        wanted.append((chance.choice(world.persons), group, "pg_curator"))
        wanted.append((chance.choice(world.persons), direction, "bd_head"))
    if chance.random() < 0.4:
        country = next(iter(world.nodes))
        wanted.append((chance.choice(world.persons), country, "auditor"))
    rows = []
    for person_id, at, role in wanted:
        ends = chance.choice(ENDS)
        rows.append(
            {
                "person_id": person_id,
                "role": role or chance.choice(ROLES_AT[world.nodes[at]]),
                "node_id": at,
                "employment": Employment.COMBINED,
                "valid_from": TODAY + timedelta(days=chance.choice(STARTS)),
                "valid_to": None if ends is None else TODAY + timedelta(days=ends),
            }
        )
    if rows:
        await session.execute(insert(Appointment), rows)
        made = await session.scalars(
            select(Appointment.id).where(Appointment.person_id.in_(world.persons))
        )
        acting = [{"id": key, "performer_id": key} for key in made if chance.random() < 0.25]
        if acting:
            await session.execute(insert(Substitution), acting)
    return rows


def extra_rules(chance: random.Random, actions: list[str], held: list[str]) -> list[Rule]:
    """Rules an administrator might add: regional, denying, conditional, in every relation.

    Most are about roles somebody holds.
    """
    found = []
    held = [*held, "auditor", "auditor", "auditor"]
    relations = [
        Relation.TREE,
        Relation.TREE,
        Relation.SELF,
        Relation.SELF,
        Relation.UP,
        Relation.REGION,
    ]
    for number in range(chance.randint(1, 4)):
        implied = chance.random() < 0.3
        role, relation = chance.choice(held), chance.choice(relations)
        if chance.random() < 0.3:  # of a national role: lists take a short way there
            role, relation = "auditor", chance.choice(relations[:3])
        if implied:
            role, relation = chance.choice(
                [
                    ("anyone", Relation.TREE),
                    ("registered_person", Relation.TREE),
                    ("oneself", Relation.OWN),
                    ("oneself", Relation.OWN),
                    ("program_personnel", Relation.PROGRAM),
                    ("program_personnel", Relation.BODY),
                    ("program_personnel", Relation.PRIORITY),
                ]
            )
        found.append(
            Rule(
                id=f"test:{number}",
                role=role,
                action=chance.choice(actions),
                relation=relation,
                condition=chance.choice([NO_CONDITION, NO_CONDITION, *CONDITIONS]),
                region=chance.choice(REGIONS),
                effect=chance.choice(["allow", "allow", "deny"]),  # type: ignore[arg-type]
            )
        )
    return found
