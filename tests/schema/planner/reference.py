"""A naive resolver of the test schema: all rows in memory, authority asked row by row in Python.

It shares nothing with the planner but the tables and the policy, and of the policy it asks the
Python side only. graphql-core walks every field through :meth:`Reference.resolve`.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from graphql import DocumentNode, GraphQLResolveInfo, GraphQLSchema, build_schema, execute_sync
from sqlalchemy import select

from core.authority.appointment import Appointment
from core.authority.reader import Reader
from core.db.base import FALLBACK
from core.db.engine import Database
from core.db.text import fold, sort_key
from core.hierarchy.program import Program
from core.hierarchy.project import Project
from core.hierarchy.project_group import ProjectGroup
from core.hierarchy.project_location import ProjectLocation
from core.hierarchy.state_body import StateBody
from core.hierarchy.task import Task
from core.people.person import Person
from core.places.region import Region
from core.plugins.plugin_region import PluginRegion
from core.tree.node import Node, NodeClosure
from schema.planner.marks import PersonalRead
from tests.schema.planner.nouns import LISTS
from tests.schema.planner.plugin import PLUGIN_LISTS, Visit, VisitKind
from tests.schema.planner.world import POLICY, TODAY

MODELS: dict[str, Any] = {
    "Region": Region,
    "StateBody": StateBody,
    "Program": Program,
    "ProjectGroup": ProjectGroup,
    "Project": Project,
    "Task": Task,
    "ProjectLocation": ProjectLocation,
    "Appointment": Appointment,
    "Person": Person,
    "VisitsVisit": Visit,
    "VisitsKind": VisitKind,
}

TREE = ("StateBody", "Program", "ProjectGroup", "Project", "Task")

VISIBLE: dict[str, tuple[str, ...]] = {
    "Region": (),
    "StateBody": ("state_body.read_basic", "state_body.read"),
    "Program": ("program.read_basic", "program.read"),
    "ProjectGroup": ("project_group.read_basic", "project_group.read"),
    "Project": ("project.read_basic", "project.read"),
    "Task": ("task.read_basic", "task.read"),
    "ProjectLocation": ("project.read",),
    "Appointment": ("appointment.read",),
    "Person": ("person.read",),
    "VisitsVisit": ("project.read_basic", "project.read"),
    "VisitsKind": (),
}

ACTIONS = {
    ("StateBody", "bin"): "state_body.read",
    ("Program", "goal"): "program.read",
    ("Project", "goal"): "project.read",
    ("Project", "budget"): "project.read",
    ("Project", "costClass"): "project.read",
    ("Project", "days"): "project.read",
    ("Project", "implementingBody"): "task.read",
    ("Task", "result"): "task.read",
    ("Person", "iin"): "person.read_personal",
    ("Project", "visitSecret"): "project.read",
    ("VisitsVisit", "note"): "project.read",
}
"""Fields that not everybody may read who sees the row."""

OF_PLUGIN = {
    "visitCount", "lastScore", "visitSecret", "visitFee", "visitMark", "lastVisit", "visits",
    "visitList", "visitStats", "wasVisited",
}  # fmt: skip
"""Fields and filters of projects that the plugin adds."""

AMOUNTS = ("budget", "visitFee", "fee")

ASKED = sorted(
    {action for actions in VISIBLE.values() for action in actions} | set(ACTIONS.values())
)

DEFAULT_ORDER: dict[str, list[tuple[str, bool]]] = {
    "Region": [("code", False)],
    "StateBody": [("name", False)],
    "Program": [("name", True)],
    "Project": [("startsOn", False)],
    "Task": [("dueOn", True)],
    "Appointment": [("validFrom", False)],
    "Person": [("fullName", False)],
    "VisitsVisit": [("score", True)],
    "VisitsKind": [("code", False)],
}

DIGITS = {"JPY": 0}


class Refused(Exception):
    """An error with a code, as the planner would report it."""


@dataclass(frozen=True, eq=False)
class Thing:
    """A row with its node."""

    type: str
    row: Any
    node: Any

    @property
    def key(self) -> int:
        key: int = self.row.id
        return key


@dataclass(frozen=True)
class List:
    """A connection, or statistics, before it is cut into a page."""

    type: str
    things: list[Thing]
    args: dict[str, Any]


@dataclass(frozen=True)
class Stats:
    type: str
    things: list[Thing]


@dataclass
class Rows:
    """Everything in the database, and what each reader may do at each node."""

    things: dict[str, list[Thing]]
    closure: set[tuple[int, int]]
    contained: dict[tuple[int, int], int]
    allowed: dict[tuple[int | None, frozenset[str] | None, bool], set[tuple[str, int]]]
    regions: set[int | None]
    """Where the plugin is on."""

    def thing(self, type_: str, key: int | None) -> list[Thing]:
        return [thing for thing in self.things[type_] if thing.key == key]

    def node(self, key: int | None) -> list[Thing]:
        return [thing for type_ in TREE for thing in self.thing(type_, key)]


async def load(database: Database, readers: Iterable[Reader]) -> Rows:
    async with database.session() as session:
        nodes = {node.id: node for node in await session.scalars(select(Node))}
        things = {
            name: [
                Thing(name, row, nodes.get(row.id) if name in TREE else None)
                for row in await session.scalars(select(model))
            ]
            for name, model in MODELS.items()
        }
        links = list(await session.scalars(select(NodeClosure)))
        regions = set(
            await session.scalars(select(PluginRegion.region_id).where(PluginRegion.enabled))
        )
        allowed = {}
        for reader in readers:
            for own in (False, True):
                decisions = await POLICY.decisions(
                    session,
                    reader,
                    ASKED,
                    list(nodes),
                    TODAY,
                    owner_id=reader.person_id if own else None,
                )
                allowed[reader.person_id, reader.scopes, own] = {
                    place for place, decision in decisions.items() if decision.allowed
                }
        session.expunge_all()
    return Rows(
        things=things,
        closure={(link.ancestor_id, link.descendant_id) for link in links},
        contained={
            (link.ancestor_id, link.descendant_id): link.depth for link in links if not link.service
        },
        allowed=allowed,
        regions=regions,
    )


def shown(value: Any) -> Any:
    """A value as JSON."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    return value


def amount(minor: int, currency: str) -> dict[str, str]:
    digits = DIGITS.get(currency, 2)
    return {"amount": format(Decimal(minor).scaleb(-digits), "f"), "currency": currency}


def compare(ours: Sequence[Any], theirs: Sequence[Any], falling: Sequence[bool]) -> int:
    """Which of two rows comes first; null is last either way."""
    for one, other, falls in zip(ours, theirs, falling, strict=True):
        if one == other:
            continue
        if one is None or other is None:
            return 1 if one is None else -1
        return -1 if (one < other) is not falls else 1
    return 0


def both(truths: Iterable[bool | None]) -> bool | None:
    found = list(truths)
    return False if False in found else None if None in found else True


def either(truths: Iterable[bool | None]) -> bool | None:
    found = list(truths)
    return True if True in found else None if None in found else False


@dataclass
class Reference:
    rows: Rows
    reader: Reader
    language: str
    schema: GraphQLSchema
    context: Any = None

    @classmethod
    def over(cls, rows: Rows, reader: Reader, language: str, sdl: str) -> Reference:
        return cls(rows, reader, language, build_schema(sdl))

    def execute(self, document: DocumentNode, variables: dict[str, Any]) -> Any:
        return execute_sync(
            self.schema,
            document,
            variable_values=variables,
            context_value=self.context,
            field_resolver=self.resolve,
            type_resolver=lambda thing, *_: thing.type,
        )

    def tells_of(self, told: Iterable[PersonalRead]) -> bool:
        """Whether just what is logged was told of."""
        return all(read.fields == ("iin",) for read in told)

    # What the reader may

    def may(self, action: str, node_id: int | None, *, own: bool = False) -> bool:
        allowed = self.rows.allowed[self.reader.person_id, self.reader.scopes, own]
        return (action, node_id) in allowed

    def holds(self, action: str, thing: Thing) -> bool:
        me = self.reader.person_id
        if thing.type == "Person":
            return thing.key == me or self.may(action, thing.row.state_body_id)
        if thing.type in ("ProjectLocation", "VisitsVisit"):
            return self.may(action, thing.row.project_id)
        if thing.type == "Appointment":
            own = me is not None and thing.row.person_id == me
            return self.may(action, thing.row.node_id, own=own)
        return self.may(action, thing.key)

    def sees(self, thing: Thing) -> bool:
        return self.allowed(thing) and (not thing.type.startswith("Visits") or self.is_on(thing))

    def allowed(self, thing: Thing) -> bool:
        actions = VISIBLE[thing.type]
        return not actions or any(self.holds(action, thing) for action in actions)

    def is_on(self, thing: Thing) -> bool:
        """Whether the plugin is on where a project or a visit lies; anywhere, for the rest."""
        if thing.type == "VisitsKind":
            return bool(self.rows.regions)
        if thing.type == "VisitsVisit":
            (thing,) = self.rows.thing("Project", thing.row.project_id)
        return thing.node.region_id in self.rows.regions

    def off(self, thing: Thing, name: str) -> bool:
        """Whether this is of the plugin, and the plugin is off."""
        return thing.type == "Project" and name in OF_PLUGIN and not self.is_on(thing)

    def readable(self, thing: Thing, name: str) -> bool:
        action = ACTIONS.get((thing.type, name))
        return action is None or self.holds(action, thing)

    # Fields

    def resolve(self, source: Any, info: GraphQLResolveInfo, **args: Any) -> Any:
        name = info.field_name
        if info.parent_type.name == "Query":
            return self.root(name, args)
        if isinstance(source, dict):
            return source[name]
        if isinstance(source, List):
            return self.page(source)[name] if name != "stats" else Stats(source.type, source.things)
        if isinstance(source, Stats):
            return self.stats(source, name)
        if self.off(source, name):
            return None
        if not self.readable(source, name):
            raise Refused("FORBIDDEN")
        return self.value(source, name, args)

    def root(self, name: str, args: dict[str, Any]) -> Any:
        if name in LISTS:
            return self.listed(LISTS[name], self.rows.things[LISTS[name]], args)
        if name in PLUGIN_LISTS:
            things = self.rows.things[PLUGIN_LISTS[name]]
            return self.listed(PLUGIN_LISTS[name], filter(self.is_on, things), args)
        if name == "viewer":
            found = self.rows.thing("Person", self.reader.person_id)
            return next(filter(self.sees, found), None)
        if name == "visitsLatest":
            latest = max(self.rows.things["VisitsVisit"], key=lambda visit: visit.key)
            return latest if self.sees(latest) else None
        if name in ("nodes", "projectsById", "visitsByIds"):
            return [self.by_id(text) for text in args["ids"]]
        found_one = self.by_id(args["id"])
        if found_one is None or (name == "visitsProject" and not self.is_on(found_one)):
            type_, key = args["id"].split(":")
            hidden = any(map(self.allowed, self.rows.thing(type_, int(key))))
            raise Refused("PLUGIN_NOT_ENABLED" if hidden else "NOT_FOUND")
        return found_one

    def by_id(self, text: str) -> Thing | None:
        type_, key = text.split(":")
        return next(filter(self.sees, self.rows.thing(type_, int(key))), None)

    def names(self, thing: Thing) -> dict[str, str | None]:
        row = thing.row
        return {"kk": row.name_kk, "ru": row.name_ru, "en": row.name_en}

    def name(self, thing: Thing, language: str) -> str:
        names = self.names(thing)
        return next(text for code in FALLBACK[language] if (text := names[code]))

    def value(self, thing: Thing, name: str, args: dict[str, Any]) -> Any:
        row = thing.row
        if name == "id":
            return f"{thing.type}:{thing.key}"
        if name == "name":
            return self.name(thing, (args.get("lang") or self.language).lower())
        if name == "names":
            return self.names(thing)
        if name in AMOUNTS:
            minor = self.minor(thing, name)
            return None if minor is None else amount(minor, row.currency)
        if name == "visitMark":
            return f"{self.plain(thing, 'visitCount')} visits"
        if name == "days":
            known = row.starts_on is not None and row.ends_on is not None
            return (row.ends_on - row.starts_on).days if known else None
        relation = self.related(thing, name)
        if relation is None:
            return shown(self.plain(thing, name))
        target, things = relation
        if name in ("ancestors", "locations", "visitList"):
            return [found for found in things if self.sees(found)]
        if name in ("projectStats", "visitStats"):
            return Stats(target, self.listed(target, things, args).things)
        if self.is_connection(thing.type, name):
            return self.listed(target, things, args)
        return next(filter(self.sees, things), None)

    def is_connection(self, type_: str, name: str) -> bool:
        fields = self.schema.type_map[type_].fields  # type: ignore[attr-defined]
        return str(fields[name].type).rstrip("!").endswith("Connection")

    def visits(self, thing: Thing) -> list[Any]:
        return [it.row for it in self.rows.things["VisitsVisit"] if it.row.project_id == thing.key]

    def minor(self, thing: Thing, name: str) -> int | None:
        """An amount in minor units."""
        if name != "visitFee":
            found: int | None = getattr(thing.row, f"{name}_minor", None)
            return found
        fees = [row.fee_minor for row in self.visits(thing) if row.fee_minor is not None]
        return sum(fees) if fees else None

    def plain(self, thing: Thing, name: str) -> Any:
        """A value that is simply stored, or nearly."""
        if name == "visitCount":
            return len(self.visits(thing))
        if name == "lastScore":
            scores = [row.score for row in self.visits(thing) if row.score is not None]
            return max(scores, default=None)
        if name == "visitSecret":
            notes = [row.note for row in self.visits(thing) if row.note is not None]
            return max(notes, default=None)
        snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
        if thing.node is not None and name in ("stage", "createdAt"):
            return getattr(thing.node, snake)
        if name == "managerName":
            names = [
                person.row.full_name
                for held in self.rows.things["Appointment"]
                if held.row.node_id == thing.key and held.row.role == "project_manager"
                for person in self.rows.thing("Person", held.row.person_id)
            ]
            return min(names, default=None)
        return getattr(thing.row, {"programKind": "kind", "roleCode": "role"}.get(name, snake))

    def related(self, thing: Thing, name: str) -> tuple[str, list[Thing]] | None:
        """All things a relation leads to, whether the reader sees them or not."""
        rows, row, node, type_ = self.rows, thing.row, thing.node, thing.type
        key = thing.key

        def below(types: Sequence[str]) -> list[Thing]:
            return [
                found
                for each in types
                for found in rows.things[each]
                if (key, found.key) in rows.closure
            ]

        def where(target: str, test: Callable[[Thing], bool]) -> tuple[str, list[Thing]]:
            return target, [found for found in rows.things[target] if test(found)]

        match name:
            case "parent":
                return "TreeNode", rows.node(node.parent_id)
            case "ancestors":
                above = [
                    (depth, found)
                    for (ancestor, inner), depth in rows.contained.items()
                    if inner == key and depth > 0
                    for found in rows.node(ancestor)
                ]
                return "TreeNode", [found for _, found in sorted(above, key=lambda pair: -pair[0])]
            case "children":
                found = [t for each in TREE for t in rows.things[each] if t.node.parent_id == key]
                return "TreeNode", found
            case "descendants":
                inside = [t for t in below(TREE) if rows.contained.get((key, t.key), 0) > 0]
                return "TreeNode", inside
            case "bodies":
                return where("StateBody", lambda it: it.node.region_id == key)
            case "region":
                region_id = row.region_id if type_ == "ProjectLocation" else node.region_id
                return where("Region", lambda it: it.key == region_id)
            case "programs":
                return where("Program", lambda it: it.node.parent_id == key)
            case "projects" if type_ == "ProjectGroup":
                return where("Project", lambda it: it.node.parent_id == key)
            case "projects" | "projectStats":
                return "Project", below(["Project"])
            case "program":
                return where("Program", lambda it: it.key == node.program_scope_id)
            case "group":
                return where("ProjectGroup", lambda it: it.key == node.parent_id)
            case "locations":
                return where("ProjectLocation", lambda it: it.row.project_id == key)
            case "tasks":
                return where("Task", lambda it: it.node.parent_id == key)
            case "appointments" if type_ == "Project":
                return where("Appointment", lambda it: it.row.node_id == key)
            case "appointments":
                return where("Appointment", lambda it: it.row.person_id == key)
            case "executor":
                return where("Person", lambda it: it.key == row.executor_id)
            case "person":
                return where("Person", lambda it: it.key == row.person_id)
            case "visits" | "visitStats" | "visitList":
                return where("VisitsVisit", lambda it: it.row.project_id == key)
            case "lastVisit":
                last = max((visit.id for visit in self.visits(thing)), default=None)
                return where("VisitsVisit", lambda it: it.key == last)
            case "project":
                return where("Project", lambda it: it.key == row.project_id)
            case "node":
                return "TreeNode", rows.node(row.node_id)
        return None

    # Lists

    def listed(self, type_: str, things: Iterable[Thing], args: dict[str, Any]) -> List:
        where = args.get("where") or {}
        found = [
            thing for thing in things if self.sees(thing) and self.passes(thing, where) is True
        ]
        return List(type_, found, args)

    def order(self, type_: str, args: dict[str, Any]) -> list[tuple[str, bool]]:
        given: dict[str, bool] = {}
        for item in args.get("orderBy") or ():
            first, *rest = item["field"].lower().split("_")
            name = first + "".join(word.title() for word in rest)
            given.setdefault(name, item["direction"] == "DESC")
        return list(given.items()) or DEFAULT_ORDER.get(type_, [])

    def sorts_by(self, thing: Thing, name: str) -> Any:
        if self.off(thing, name) or not self.readable(thing, name):
            return None
        if name == "name":
            return sort_key(self.name(thing, self.language))
        if name in AMOUNTS:
            return self.minor(thing, name)
        if name == "fullName":
            return sort_key(thing.row.full_name)
        return shown(self.plain(thing, name))

    def stands_at(self, thing: Thing, order: list[tuple[str, bool]]) -> list[Any]:
        """The values of the cursor of a thing."""
        return [*(self.sorts_by(thing, name) for name, _ in order), thing.key]

    def page(self, given: List) -> dict[str, Any]:
        args = given.args
        order = self.order(given.type, args)
        falling = [falls for _, falls in order]
        falling.append(falling[-1] if falling else False)
        at = {thing: self.stands_at(thing, order) for thing in given.things}
        things = sorted(
            given.things,
            key=functools.cmp_to_key(lambda one, other: compare(at[one], at[other], falling)),
        )
        after, before = (
            json.loads(bytes.fromhex(args[name]))[1:] if args.get(name) else None
            for name in ("after", "before")
        )
        inside = [
            thing
            for thing in things
            if (after is None or compare(at[thing], after, falling) > 0)
            and (before is None or compare(at[thing], before, falling) < 0)
        ]
        first, last = args.get("first"), args.get("last")
        if last is not None:
            page = inside[-last:]
            more_after, more_before = False, len(inside) > last
        else:
            size = 50 if first is None else first
            page = inside[:size]
            more_after, more_before = len(inside) > size, False
        if before is not None:
            more_after |= any(compare(at[thing], before, falling) >= 0 for thing in things)
        if after is not None:
            more_before |= any(compare(at[thing], after, falling) <= 0 for thing in things)
        cursors = [json.dumps(at[thing], ensure_ascii=False) for thing in page]
        return {
            "edges": [
                {"cursor": cursor, "node": thing}
                for cursor, thing in zip(cursors, page, strict=True)
            ],
            "nodes": page,
            "totalCount": len(things),
            "pageInfo": {
                "hasNextPage": more_after,
                "hasPreviousPage": more_before,
                "startCursor": cursors[0] if page else None,
                "endCursor": cursors[-1] if page else None,
            },
        }

    def stats(self, given: Stats, name: str) -> Any:
        if name == "count":
            return len(given.things)
        if name in AMOUNTS:
            return self.sums(given.things, name)
        value = name[2].lower() + name[3:]
        groups: dict[Any, list[Thing]] = {}
        for thing in given.things:
            hidden = self.off(thing, value) or not self.readable(thing, value)
            found = None if hidden else shown(self.plain(thing, value))
            groups.setdefault(found, []).append(thing)
        ordered = sorted(groups, key=lambda found: (found is None, found or False, ""))
        return [
            {
                value: found,
                "count": len(groups[found]),
                **{name: self.sums(groups[found], name) for name in AMOUNTS},
            }
            for found in ordered
        ]

    def sums(self, things: list[Thing], name: str) -> list[dict[str, str]]:
        sums: dict[str, int] = {}
        for thing in things:
            if self.off(thing, name) or not self.readable(thing, name):
                continue
            minor = self.minor(thing, name) if thing.type in ("Project", "VisitsVisit") else None
            if minor is not None:
                sums[thing.row.currency] = sums.get(thing.row.currency, 0) + minor
        return [amount(sums[currency], currency) for currency in sorted(sums)]

    # Filters: True, False, or None for unknown

    def passes(self, thing: Thing, where: dict[str, Any]) -> bool | None:
        return both(
            self.part(thing, name, given) for name, given in where.items() if given is not None
        )

    def part(self, thing: Thing, name: str, given: Any) -> bool | None:
        if name == "and":
            return both(self.passes(thing, inner) for inner in given)
        if name == "or":
            return either(self.passes(thing, inner) for inner in given)
        if name == "not":
            inner = self.passes(thing, given)
            return None if inner is None else not inner
        if self.off(thing, name) or not self.readable(thing, name):
            return None
        if name == "wasVisited":
            return bool(self.visits(thing)) is given
        if name == "under":
            above = self.by_id(given)
            return above is not None and (above.key, thing.key) in self.rows.closure
        if name == "startedBefore":
            starts = shown(thing.row.starts_on)
            return None if starts is None else starts < given
        relation = self.related(thing, name)
        if relation is not None:
            return any(self.sees(it) and self.passes(it, given) is True for it in relation[1])
        return both(
            self.comparison(thing, name, operator, value, given)
            for operator, value in given.items()
            if value is not None
        )

    def comparison(
        self, thing: Thing, name: str, operator: str, value: Any, given: dict[str, Any]
    ) -> bool | None:
        ours: Any
        if operator == "contains":
            row = thing.row
            text = row.full_name_search if thing.type == "Person" else row.name_search
            return fold(value) in text
        if operator == "currency":
            return bool(thing.row.currency == value)
        if name in AMOUNTS:
            ours = self.minor(thing, name)
            if operator != "isNull":
                value = Decimal(value).scaleb(DIGITS.get(given["currency"], 2))
        elif name == "id":
            ours = f"{thing.type}:{thing.key}"
        else:
            ours = shown(self.plain(thing, name))
        if operator == "isNull":
            return (ours is None) is value
        if operator == "in":
            return False if not value else None if ours is None else ours in value
        if ours is None:
            return None
        if name in ("createdAt", "resultsAcceptedAt"):
            ours, value = datetime.fromisoformat(ours), datetime.fromisoformat(value)
        return {
            "eq": ours == value,
            "lt": operator == "lt" and ours < value,
            "lte": operator == "lte" and ours <= value,
            "gt": operator == "gt" and ours > value,
            "gte": operator == "gte" and ours >= value,
        }[operator]
