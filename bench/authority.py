"""What authority costs: ``python -m bench.authority [--db sqlite|postgresql|both] [--quick]``.

A made-up country of 100 000 projects, 10 000 people and 500 000 appointments, the rules of the
Rules and a hundred more of an administrator: denials, conditions, regions. Measured are a check in
a unit of work, the statement of a page of 50 projects as the server sends it for readers of every
size, its growth from a tenth of the country, and the publication of 500 rules. Like the server it
runs on uvloop. ``--quick`` measures the tenth only.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import uvloop
from sqlalchemy import insert, text

import core.models  # noqa: F401 - the tables must know each other
from bench.databases import DIALECTS, empty_databases
from bench.race.planned import whole
from bench.results import keep, show, verdict
from core.authority.appointment import Appointment, Attachment, Employment
from core.authority.catalogue import core_catalogue
from core.authority.policies.change import ADD, Change
from core.authority.policies.draft import create_policy_draft, import_policy_draft
from core.authority.policies.files import Format, write_changes
from core.authority.policies.ground import PolicyOperator
from core.authority.policies.live import LivePolicies
from core.authority.policies.publishing import publish_policy
from core.authority.policy import PolicySet
from core.authority.reader import reader_of
from core.authority.rules import NO_CONDITION, Relation, Rule, default_rules
from core.db.base import name_columns
from core.db.engine import Database
from core.hierarchy.conditions import core_conditions, core_ground
from core.hierarchy.project import Project
from core.people.person import Person
from core.places.region import Region, RegionKind
from core.transaction import transact
from core.tree.node import Node, NodeClosure, NodeKind, Origin
from core.work import OPERATOR, Actor
from schema.compose import ZhobaSchema
from schema.planner.plan import Asker
from schema.planner.run import open_reads
from schema.platform import compose

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
TODAY = date(2026, 3, 2)
BODIES, PROGRAMS, DIRECTIONS, GROUPS, PROJECTS = 50, 2, 5, 5, 40
PEOPLE, APPOINTMENTS = 10_000, 500_000
LEAVES = 5_000

CONDITIONS = ("bd_headed_by_other_deputy", "no_project_group", "outside_project", NO_CONDITION)


@dataclass
class Made:
    """Rows by table, and the readers."""

    nodes: list[dict[str, Any]] = field(default_factory=list)
    closure: list[dict[str, Any]] = field(default_factory=list)
    projects: list[dict[str, Any]] = field(default_factory=list)
    by_kind: dict[NodeKind, list[int]] = field(default_factory=dict)
    above: dict[int, list[int]] = field(default_factory=dict)
    place: dict[int, tuple[int | None, int | None]] = field(default_factory=dict)

    def add(self, kind: NodeKind, parent: int | None, region: int | None = None) -> int:
        """A node below another, with its closure; the nearest first."""
        key = len(self.nodes) + 1
        lineage = [key, *(self.above[parent] if parent else ())]
        body, program = self.place[parent] if parent else (None, None)
        body = key if kind is NodeKind.STATE_BODY else body
        program = key if kind is NodeKind.PROGRAM else program
        self.above[key], self.place[key] = lineage, (body, program)
        self.by_kind.setdefault(kind, []).append(key)
        self.nodes.append(
            {"id": key, "kind": kind, "parent_id": parent, "region_id": region,
             "state_body_id": body, "program_scope_id": program, "origin": Origin.SAMPLE,
             "created_at": NOW, "version": 1}
        )  # fmt: skip
        self.closure.extend(
            {
                "ancestor_id": above,
                "descendant_id": key,
                "depth": depth,
                "service": False,
                "kind": kind,
            }
            for depth, above in enumerate(lineage)
        )
        return key


def country(scale: int) -> Made:
    """The tree; ``scale`` 10 is the whole of it."""
    made = Made()
    root = made.add(NodeKind.COUNTRY, None)
    priorities = [made.add(NodeKind.NATIONAL_PRIORITY, root) for _ in range(10)]
    bodies = BODIES * scale // 10
    for number in range(bodies):
        region = number % 20 + 1 if number % 2 else None
        body = made.add(NodeKind.STATE_BODY, root, region)
        for _ in range(PROGRAMS):
            program = made.add(NodeKind.PROGRAM, body, region)
            priority = priorities[program % len(priorities)]
            served = [program]
            for _ in range(DIRECTIONS):
                direction = made.add(NodeKind.BASIC_DIRECTION, program, region)
                served.append(direction)
                for _ in range(GROUPS):
                    group = made.add(NodeKind.PROJECT_GROUP, direction, region)
                    served.append(group)
                    for _ in range(PROJECTS):
                        project = made.add(NodeKind.PROJECT, group, region)
                        served.append(project)
                        made.projects.append(project_row(project))
            made.closure.extend(
                {
                    "ancestor_id": priority,
                    "descendant_id": each,
                    "depth": 1,
                    "service": True,
                    "kind": made.nodes[each - 1]["kind"],
                }
                for each in served
            )
    return made


def project_row(key: int) -> dict[str, Any]:
    name = f"Project {key * 7919 % 1_000_003:07d}"
    return {"id": key, "number": f"PRJ-2026-{key:06d}", "currency": "KZT", "contractual": False,
            "product_has_priority": False, **name_columns(en=name)}  # fmt: skip


def people(scale: int) -> list[dict[str, Any]]:
    return [
        {"id": key, "family_name": f"P{key}", "given_name": "G", "full_name": f"P{key} G",
         "full_name_sort": f"p{key}", "full_name_search": f"p{key} g", "version": 1}
        for key in range(1, PEOPLE * scale // 10 + 1)
    ]  # fmt: skip


READERS = {
    "team member": 1, "direction head": 2, "program manager": 3, "Office": 4, "5 000 leaf roles": 5,
}  # fmt: skip
LEAFY = 5
LIMITS = {"team member": 5, "direction head": 5, "Office": 5, "program manager": 8,
          "5 000 leaf roles": 100}  # fmt: skip
CHECK, GROWTH, PUBLISHING = 0.2, 2, 1_000


def appointments(made: Made, scale: int) -> Iterator[dict[str, Any]]:
    """Of the readers, and of everybody else; a fifth of them over, or not begun."""
    chance = random.Random(1)

    def one(person: int, role: str, node: int, shift: int = 0) -> dict[str, Any]:
        begins = TODAY - timedelta(days=400)
        ends = None
        if shift == 1:
            ends = TODAY - timedelta(days=chance.randint(1, 300))
        elif shift == 2:
            begins = TODAY + timedelta(days=chance.randint(1, 300))
        return {"person_id": person, "role": role, "node_id": node, "valid_from": begins,
                "valid_to": ends, "employment": Employment.COMBINED,
                "attachment": Attachment.STAFF, "version": 1}  # fmt: skip

    projects, kinds = made.by_kind[NodeKind.PROJECT], made.by_kind
    for project in chance.sample(projects, 4):
        yield one(1, "project_team_member", project)
    yield one(2, "bd_head", kinds[NodeKind.BASIC_DIRECTION][3])
    yield one(3, "program_manager", kinds[NodeKind.STATE_BODY][2])
    yield one(4, "office_member", kinds[NodeKind.COUNTRY][0])
    for project in chance.sample(projects, LEAVES * scale // 10):
        yield one(5, "project_team_member", project)
    seats = (
        (NodeKind.PROJECT, ("project_team_member", "project_manager", "project_sponsor")),
        (NodeKind.PROJECT, ("project_coordinator", "project_customer")),
        (NodeKind.PROJECT_GROUP, ("pg_head", "pg_curator")),
        (NodeKind.BASIC_DIRECTION, ("bd_head", "bdig_head")),
        (NodeKind.STATE_BODY, ("po_administrator", "gc_member")),
    )
    for _ in range(APPOINTMENTS * scale // 10 - LEAVES * scale // 10 - 7):
        kind, roles = chance.choices(seats, (70, 25, 3, 1.5, 0.5))[0]
        yield one(
            chance.randint(6, PEOPLE * scale // 10), chance.choice(roles),
            chance.choice(kinds[kind]), chance.choices((0, 1, 2), (80, 15, 5))[0],
        )  # fmt: skip


def bench_policy() -> PolicySet:
    """The default rules and a hundred of an administrator's, each tenth about reading projects."""
    chance = random.Random(2)
    catalogue = core_catalogue()
    reading = ("project.read", "project.read_basic")
    more = [
        Rule(
            id=f"admin:{number}",
            role=chance.choice(sorted(catalogue.roles)),
            action=chance.choice(sorted(catalogue.permissions) if number % 10 else reading),
            relation=chance.choice((Relation.TREE, Relation.SELF, Relation.REGION)),
            condition=chance.choice(CONDITIONS),
            region=chance.choice(("*", "KZ-11", "KZ-12")),
            effect="deny" if number % 20 == 0 else "allow",
        )
        for number in range(100)
    ]
    # The deny must not be about a role of the readers without a condition, or pages are empty.
    readers = {"project_team_member", "bd_head", "program_manager", "office_member"}
    more = [rule for rule in more if not (rule.role in readers and rule.effect == "deny")]
    more += [
        Rule("admin:deny", "project_team_member", "project.read", Relation.SELF,
             "no_project_group", effect="deny"),
        Rule("admin:head", "bd_head", "project.create", Relation.TREE, "outside_project"),
        Rule("admin:curator", "program_manager", "project.edit_plan", Relation.TREE,
             "bd_headed_by_other_deputy", region="!KZ-11"),
    ]  # fmt: skip
    return PolicySet(catalogue, [*default_rules(catalogue), *more], core_conditions())


async def fill(database: Database, scale: int) -> Made:
    """Write everything; rows in pieces, keys of nodes as made."""
    made = country(scale)
    async with database.session() as session, session.begin():
        regions = [
            {"id": key, "code": f"KZ-{key + 9}", "kind": RegionKind.REGION,
             "special_regime": False, **name_columns(en=f"Region {key}")}
            for key in range(1, 21)
        ]  # fmt: skip
        for model, rows in (
            (Region, regions), (Node, made.nodes), (NodeClosure, made.closure),
            (Project, made.projects), (Person, people(scale)),
            (Appointment, appointments(made, scale)),
        ):  # fmt: skip
            whole = iter(rows)
            while piece := list(itertools.islice(whole, 20_000)):
                await session.execute(insert(model.__table__), piece)
    async with database.engine.connect() as connection:
        settled = await connection.execution_options(isolation_level="AUTOCOMMIT")
        # What the database would do by itself, and disturb the figures with.
        settling = ("VACUUM", "ANALYZE", "CHECKPOINT")
        for statement in settling if database.dialect == "postgresql" else ("ANALYZE",):
            await settled.execute(text(statement))
    return made


async def timed(times: int, act: Any) -> float:
    """Milliseconds: the least of four medians, after some that do not count."""
    found: list[list[float]] = [[] for _ in range(4)]
    for number in range(times + 3):
        start = time.perf_counter()
        await act()
        if number >= 3:
            found[number * 4 // (times + 3)].append(time.perf_counter() - start)
    return min(statistics.median(each) for each in found) * 1000


def places_of(made: Made, person: int) -> list[int]:
    """Projects to ask a reader about: where they hold something, and as many elsewhere."""
    projects = made.by_kind[NodeKind.PROJECT]
    chance = random.Random(person)
    above = {
        2: made.by_kind[NodeKind.BASIC_DIRECTION][3],
        3: made.by_kind[NodeKind.STATE_BODY][2],
    }.get(person)
    own = [each for each in projects if above in made.above[each]][:200]
    return [*own, *chance.sample(projects, 200)]


async def measure_checks(
    database: Database, policy: PolicySet, made: Made, person: int
) -> dict[str, float]:
    """Milliseconds of checks of somebody in a unit of work that has loaded a row: the first, which
    also learns what they hold; at a node not asked about yet; about another action at the same
    node. Of each the least median of ten units of work."""
    actions = sorted(each for each in policy.actions if each.startswith(("project.", "task.")))
    medians: dict[str, list[float]] = {"first": [], "at a new node": [], "at a known node": []}
    allowed, places = 0, places_of(made, person)
    random.Random(3).shuffle(places)
    for start in range(0, len(places), len(places) // 10):
        actor = Actor(person, person)
        spent: dict[str, list[float]] = {which: [] for which in medians}
        async with transact(database, actor=actor, authority=policy, now=NOW) as work:
            await work.session.get(Node, 1)
            which = "first"
            for number, node in enumerate(places[start : start + len(places) // 10]):
                # Another action first at each node, so that every one is asked about a new node.
                turn = (start + number) % len(actions)
                for action in (*actions[turn:], *actions[:turn]):
                    begun = time.perf_counter()
                    decision = await policy.check(work, action, node)
                    spent[which].append(time.perf_counter() - begun)
                    allowed += decision.allowed
                    which = "at a known node"
                which = "at a new node"
        for name, times in spent.items():
            medians[name].append(statistics.median(times))
    assert allowed or person == max(READERS.values())
    return {name: round(min(each) * 1000, 3) for name, each in medians.items()}


async def measure_publication(database: Database, policy: PolicySet) -> float:
    """Milliseconds until a draft of 500 rules is committed and a process judges by it."""
    catalogue, live = core_catalogue(), LivePolicies(core_ground())
    operator = PolicyOperator(catalogue, policy.conditions)
    roles, actions = sorted(catalogue.roles), sorted(catalogue.permissions)
    text = write_changes(
        [
            Change(
                act=ADD,
                rule=f"local:bench:{number}",
                role=roles[number % len(roles)],
                action=actions[number * 7 % len(actions)],
                relation="tree",
                condition=CONDITIONS[number % len(CONDITIONS)],
                region=("*", "KZ-11", "KZ-12")[number % 3],
                effect="deny" if number % 20 == 0 else "allow",
            )
            for number in range(500)
        ],
        Format.CSV,
    )
    found = []
    for number in range(5):
        async with transact(database, actor=OPERATOR, authority=operator, now=NOW) as work:
            draft = await create_policy_draft(work, title="500 rules")
            changed = text.replace("local:bench", f"local:bench{number}")
            await import_policy_draft(
                work, draft.id, expected_version=1, format=Format.CSV, text=changed
            )
        begun = time.perf_counter()
        async with transact(database, actor=OPERATOR, authority=operator, now=NOW) as work:
            await publish_policy(
                work, draft.id, expected_version=2, expected_head=number, reason="figures"
            )
        async with database.reading_session() as session:
            assert (await live.current(session))[0] == number + 1
        found.append(time.perf_counter() - begun)
    return round(min(found) * 1000)


PAGE = "{ projects(first: 50, orderBy: [{field: NAME}]) { nodes { number name stage } } }"


async def measure_page(
    database: Database, schema: ZhobaSchema, policy: PolicySet, person: int
) -> tuple[float, int]:
    """Milliseconds of the statement of a page of 50 as the server sends it, and its rows."""
    async with database.reading_session() as session:
        reader = await reader_of(session, Actor(person), TODAY)
    asked = whole(schema, PAGE)
    asker = Asker(reader, TODAY, "kk")
    reads = await open_reads(database.url, pool_size=1)
    found = asked.ready(schema.planner(reads.dialect, reads.version), policy, asker, {})
    assert found is not None
    ready = [found[0]]
    answers: list[str] = []

    async def read() -> None:
        answers[:] = await reads.run(ready)

    spent = await timed(40, read)
    await reads.close()
    return round(spent, 2), len(json.loads(answers[0])["nodes"])


Found = dict[str, list[dict[str, Any]]]


async def measure(url: str, scale: int, found: Found) -> None:
    """Everything on one database, of one size of the country."""
    database = await Database.open(url)
    policy, schema = bench_policy(), compose()
    made = await fill(database, scale)
    name = {"database": database.dialect, "projects": len(made.projects)}
    for who, person in READERS.items():
        spent, rows = await measure_page(database, schema, policy, person)
        small = next(
            (
                each["ms"] for each in found["pages"]
                if (each["database"], each["reader"]) == (database.dialect, who)
            ),
            None,
        )  # fmt: skip
        # Somebody with thousands of roles has ten times as many of them in the larger country.
        growth = round(spent / small, 2) if small and person != LEAFY else ""
        good = spent <= LIMITS[who] and (not growth or growth <= GROWTH)
        found["pages"].append(
            {**name, "reader": who, "rows": rows, "ms": spent, "limit": LIMITS[who],
             "growth": growth, "limit of growth": GROWTH, "verdict": verdict(not good, 0)}
        )  # fmt: skip
    for who, person in READERS.items():
        checks = await measure_checks(database, policy, made, person)
        worst = max(value for which, value in checks.items() if which != "first")
        found["checks"].append(
            {**name, "reader": who, **checks, "limit": CHECK, "verdict": verdict(worst, CHECK)}
        )
    spent = await measure_publication(database, policy)
    found["publications"].append(
        {**name, "rules": 500, "ms": spent, "limit": PUBLISHING,
         "verdict": verdict(spent, PUBLISHING)}
    )  # fmt: skip
    await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", choices=(*DIALECTS, "both"), default="both")
    parser.add_argument("--quick", action="store_true", help="only a tenth of it")
    chosen = parser.parse_args()
    dialects = DIALECTS if chosen.db == "both" else (chosen.db,)
    found: Found = {"checks": [], "pages": [], "publications": []}
    for scale in (1,) if chosen.quick else (1, 10):
        with (
            tempfile.TemporaryDirectory(prefix="zhoba-bench-") as folder,
            empty_databases(Path(folder), dialects) as urls,
        ):
            for url in urls.values():
                uvloop.run(measure(url, scale, found))
    show("Checks in a unit of work, milliseconds", found["checks"])
    show("Page of 50 projects, milliseconds of the statement", found["pages"])
    show("Publication of 500 rules, milliseconds", found["publications"])
    keep("authority", [row for rows in found.values() for row in rows])


if __name__ == "__main__":
    main()
