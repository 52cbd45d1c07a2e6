"""Test files of the policy: a small world, who may do what in it, and nothing besides.

::

    nodes:
      country: {kind: COUNTRY}
      akimat: {kind: STATE_BODY, in: country, region: KZ-75}
      roads: {kind: PROGRAM, in: akimat}
      streets: {kind: BASIC_DIRECTION, in: roads}
      bridge: {kind: PROJECT, in: streets}
    people:
      manager: [{role: project_manager, at: bridge}]
      stranger: []
    actions: [project.create]
    allowed:
      manager:
        bridge/**: [project.read, task.manage]
        streets, roads: [project.read_basic]

A place is a node, ``node/**`` a node with everything inside, ``*`` every node. Every action named
anywhere is asked of everybody at every node, by the check of one row and by the predicate of lists;
whatever ``allowed`` does not list must be denied. Optional: ``serves`` of a program (a priority),
``contractual`` of a project, ``plugins`` (the regions where each is on).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.catalogue import Catalogue
from core.authority.policy import PolicySet
from core.authority.reader import reader_of
from core.db.engine import Database
from core.people.person import Person
from core.places.region import Region
from core.plugins.plugin_region import PluginRegion
from core.tree.node import Node, NodeKind
from core.work import Actor
from migrations.run import Owner, migrate
from zhoba.testing.rows import (
    make_appointment,
    make_node,
    make_person,
    make_region,
    make_service,
)

TODAY = date(2026, 3, 2)
"""The day of the questions; appointments began before it."""

MOST_QUESTIONS = 1_000_000

ANYBODY = "anybody"
"""Whoever is not signed in; in the list of people without being named there."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NodeCase(Strict):
    kind: NodeKind
    inside: Annotated[str | None, Field(alias="in")] = None
    region: str | None = None
    serves: str | None = None
    contractual: bool = False


class RoleCase(Strict):
    role: str
    at: str


class Cases(Strict):
    """The content of a file."""

    nodes: dict[str, NodeCase]
    people: dict[str, list[RoleCase]]
    actions: list[str] = []
    allowed: dict[str, dict[str, list[str]]]
    plugins: dict[str, list[str]] = {}

    def places(self, text: str) -> set[str]:
        """The nodes that a key of ``allowed`` names; :class:`KeyError` for one there is not."""
        found: set[str] = set()
        for place in (part.strip() for part in text.split(",")):
            name = place.removesuffix("/**")
            if place == "*":
                found |= set(self.nodes)
            elif name not in self.nodes:
                raise KeyError(name)
            else:
                found |= self.inside(name) if name != place else {name}
        return found

    def inside(self, name: str) -> set[str]:
        """A node and everything inside it; nodes stand after those they lie in."""
        found = {name}
        for other, node in self.nodes.items():
            if node.inside in found:
                found.add(other)
        return found

    def expected(self, person: str) -> dict[str, set[str]]:
        """The nodes at which a person may do each action."""
        found: dict[str, set[str]] = {}
        for places, actions in self.allowed.get(person, {}).items():
            for action in actions:
                found.setdefault(action, set()).update(self.places(places))
        return found

    @property
    def asked(self) -> list[str]:
        """Every action named anywhere."""
        listed = [each for at in self.allowed.values() for found in at.values() for each in found]
        return sorted({*self.actions, *listed})


class BadCases(Exception):
    """The file is no test of the policy; the words say where."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A question answered otherwise than expected. ``how``: by check, or by list."""

    person: str
    action: str
    node: str
    expected: bool
    how: str

    def __str__(self) -> str:
        verb = "should" if self.expected else "should not"
        return f"{self.person} {verb} be allowed {self.action} at {self.node} (by {self.how})"


@dataclass(slots=True)
class Outcome:
    """How many questions were asked, and those answered otherwise than expected."""

    asked: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)


def read_cases(text: str, catalogue: Catalogue) -> Cases:
    """The tests in a file. Raises :class:`BadCases` for names that nothing defines."""
    try:
        given = yaml.safe_load(text)
        cases = Cases.model_validate(with_kinds(given))
    except (yaml.YAMLError, RecursionError) as error:
        raise BadCases(f"no YAML: {error}") from None
    except ValidationError as error:
        found = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise BadCases("; ".join(found)) from None
    problems = list(unknown_names(cases, catalogue))
    if problems:
        raise BadCases("; ".join(problems))
    return cases


def with_kinds(given: Any) -> Any:
    """Kinds by name, as people write them."""
    if not isinstance(given, dict) or not isinstance(given.get("nodes"), dict):
        return given
    nodes = {
        name: {**node, "kind": NodeKind.__members__.get(str(node.get("kind")), node.get("kind"))}
        if isinstance(node, dict)
        else node
        for name, node in given["nodes"].items()
    }
    return {**given, "nodes": nodes}


def unknown_names(cases: Cases, catalogue: Catalogue) -> Sequence[str]:
    """What a file names and neither it nor the catalogue defines; and worlds too large to ask."""
    found: list[str] = []
    roots = [name for name, node in cases.nodes.items() if node.inside is None]
    if [cases.nodes[name].kind for name in roots] != [NodeKind.COUNTRY]:
        found.append("nodes: exactly one COUNTRY lies in nothing")
    earlier: set[str] = set()
    for name, node in cases.nodes.items():
        for other in (node.inside, node.serves):
            if other is not None and other not in earlier:
                found.append(f"nodes.{name}: {other} has to stand before it")
        earlier.add(name)
    for person, roles in cases.people.items():
        if person == ANYBODY or person in catalogue.roles or person in catalogue.implied:
            found.append(f"people.{person}: nobody may be called like a role, or {ANYBODY}")
        for held in roles:
            if held.at not in cases.nodes:
                found.append(f"people.{person}: there is no node {held.at}")
            if held.role not in catalogue.roles:
                found.append(f"people.{person}: there is no role {held.role}")
    for person, places in cases.allowed.items():
        if person not in cases.people and person != ANYBODY:
            found.append(f"allowed.{person}: nobody is called so")
        for place in places:
            try:
                cases.places(place)
            except KeyError as error:
                found.append(f"allowed.{person}: there is no node {error.args[0]}")
    found += [
        f"there is no action {action}"
        for action in cases.asked
        if action not in catalogue.permissions
    ]
    if len(cases.asked) * len(cases.nodes) * (len(cases.people) + 1) > MOST_QUESTIONS:
        found.append(f"there are more than {MOST_QUESTIONS} questions")
    return found


async def answer_cases(cases: Cases, policy: PolicySet, owners: Sequence[Owner]) -> Outcome:
    """Build the world in a database of its own, and ask everything both ways."""
    with TemporaryDirectory(prefix="zhoba-policy-") as folder:
        url = f"sqlite:///{Path(folder) / 'world.db'}"
        await migrate(url, owners)
        database = await Database.open(url)
        try:
            async with database.session() as session:
                nodes, people = await build(session, cases)
                outcome = Outcome()
                for person in (*cases.people, ANYBODY):
                    key = people[person].id if person in people else None
                    await ask(session, cases, policy, nodes, person, key, outcome)
                return outcome
        finally:
            await database.close()


async def build(session: AsyncSession, cases: Cases) -> tuple[dict[str, Node], dict[str, Person]]:
    """The rows of the world."""
    regions: dict[str, Region] = {}
    wanted = [node.region for node in cases.nodes.values()]
    for code in dict.fromkeys([*wanted, *(c for on in cases.plugins.values() for c in on)]):
        if code is not None:
            regions[code] = await make_region(session, code)
    nodes: dict[str, Node] = {}
    for name, given in cases.nodes.items():
        columns: dict[str, Any] = (
            {"contractual": given.contractual} if given.kind is NodeKind.PROJECT else {}
        )
        nodes[name] = await make_node(
            session,
            given.kind,
            nodes[given.inside] if given.inside else None,
            name=name,
            region=regions[given.region] if given.region else None,
            **columns,
        )
        if given.serves:
            await make_service(session, nodes[given.serves], nodes[name])
    for plugin, codes in cases.plugins.items():
        for code in codes:
            session.add(
                PluginRegion(
                    plugin=plugin,
                    region_id=regions[code].id,
                    enabled=True,
                    settings={},
                    changed_at=datetime(2026, 1, 5, tzinfo=UTC),
                )
            )
    people: dict[str, Person] = {}
    for name, roles in cases.people.items():
        people[name] = await make_person(session, f"{name} Persona")
        for held in roles:
            await make_appointment(session, people[name], held.role, nodes[held.at])
    await session.flush()
    return nodes, people


async def ask(
    session: AsyncSession,
    cases: Cases,
    policy: PolicySet,
    nodes: dict[str, Node],
    person: str,
    person_id: int | None,
    outcome: Outcome,
) -> None:
    """Everything about one person: row by row, and by list."""
    reader = await reader_of(session, Actor(person_id=person_id), TODAY)
    keys = {node.id: name for name, node in nodes.items()}
    node_id: Any = Node.id
    expected = cases.expected(person)
    decisions = await policy.decisions(session, reader, cases.asked, list(keys), TODAY)
    for action in cases.asked:
        wanted = expected.get(action, set())
        listed = await session.scalars(
            select(node_id).where(policy.predicate(action, node_id, reader)),
            {"reader_person": person_id, "reader_today": TODAY},
        )
        answers = {
            "check": {keys[key] for key in keys if decisions[action, key].allowed},
            "list": {keys[key] for key in listed},
        }
        outcome.asked += len(keys)
        outcome.mismatches += [
            Mismatch(person, action, name, name in wanted, how)
            for how, found in answers.items()
            for name in sorted(found ^ wanted)
        ]
