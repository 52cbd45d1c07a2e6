"""A naive resolver of any bound schema: each binding's own SQL, asked of one noun at a time.

Values, relations and rows come from the simplest statement a binding allows, without authority,
pages or nesting; everything else happens here, row by row in Python, and authority is asked of the
policy's Python side. What it shares with the planner are the bindings; of how statements are put
together it knows nothing. graphql-core walks every field through :meth:`Naive.resolve`.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from typing import Any

import sqlalchemy as sa
from graphql import DocumentNode, GraphQLEnumType, GraphQLResolveInfo, get_named_type
from sqlalchemy import select
from sqlalchemy.exc import SAWarning

from core.authority.policy import PolicySet
from core.authority.reader import Reader
from core.db.base import FALLBACK
from core.db.engine import Database
from core.db.text import fold
from core.plugins.plugin_region import PluginRegion
from core.tree.node import Node, NodeClosure
from schema.planner.access import Access
from schema.planner.binding import (
    Amount,
    Computed,
    Condition,
    Connection,
    Fact,
    Identity,
    Level,
    Many,
    Name,
    Names,
    One,
    Relation,
    Stats,
    Under,
    Value,
)
from schema.planner.generate import screaming
from schema.planner.marks import PersonalRead
from schema.planner.plan import sql_dialect
from schema.planner.registry import Bound, ById, ByIds, Catalogue, Page, Target, group_field
from schema.planner.row import BaseRow, sql_of, table_of
from tests.schema.planner import reference
from tests.schema.planner.reference import (
    Reference,
    Refused,
    amount,
    both,
    either,
    shown,
)


@dataclass(frozen=True)
class Thing:
    """A row of a noun."""

    type: str
    key: int


@dataclass(frozen=True)
class Facts:
    """What belongs to a thing itself: its node, its region, the person it is about."""

    node: int | None
    region: int | None
    owner: int | None


@dataclass
class Rows:
    """The database, asked noun by noun; every answer is remembered."""

    database: Database
    catalogue: Catalogue
    policy: PolicySet
    today: date
    run: Callable[[Coroutine[Any, Any, Any]], Any]
    things: dict[str, list[Thing]] = field(default_factory=dict)
    facts: dict[Thing, Facts] = field(default_factory=dict)
    closure: set[tuple[int, int]] = field(default_factory=set)
    regions: dict[str, set[int | None]] = field(default_factory=dict)
    allowed: dict[Any, set[tuple[str, int]]] = field(default_factory=dict)
    known: dict[Any, Any] = field(default_factory=dict)

    def load(self, readers: Iterable[Reader]) -> None:
        """Every row, and what each reader may do at each node."""
        for noun in self.catalogue.nouns.values():
            row, binding = self.row(noun, 1), noun.binding
            columns = {
                name: sa.null() if source is None else sql_of(source, row)
                for name, source in (
                    ("node", binding.node), ("region", binding.region), ("owner", binding.owner)
                )
            }  # fmt: skip
            found = self.select([row[noun.key], *columns.values()], [row], sa.true(), None)
            self.things[noun.name] = [Thing(noun.name, key) for key, *_ in found]
            self.facts |= {Thing(noun.name, key): Facts(*facts) for key, *facts in found}
        self.run(self.load_rights(list(readers)))

    async def load_rights(self, readers: Sequence[Reader]) -> None:
        actions = {
            level
            for noun in self.catalogue.nouns.values()
            for level in (*noun.binding.levels.values(), *(i.level for i in noun.fields.values()))
            if isinstance(level, str)
        }
        async with self.database.session() as session:
            links = await session.scalars(select(NodeClosure))
            self.closure = {(link.ancestor_id, link.descendant_id) for link in links}
            for place in await session.scalars(select(PluginRegion).where(PluginRegion.enabled)):
                self.regions.setdefault(place.plugin, set()).add(place.region_id)
            nodes = list(await session.scalars(select(Node.id)))
            for reader in readers:
                for own in (False, True):
                    decisions = await self.policy.decisions(
                        session,
                        reader,
                        sorted(actions),
                        nodes,
                        self.today,
                        owner_id=reader.person_id if own else None,
                    )
                    self.allowed[reader, own] = {
                        place for place, decision in decisions.items() if decision.allowed
                    }

    def row(self, target: Target, number: int, link: Any = None) -> BaseRow:
        """The tables of a noun or of an interface."""
        if isinstance(target, Bound):
            model, joined = target.binding.model, target.binding.joined
        else:
            model, joined = target.interface.model, None
        return BaseRow(
            number,
            sql_dialect(self.database.dialect, 0).identifier_preparer,
            table_of(model),
            joined=None if joined is None else table_of(joined),
            link=None if link is None else table_of(link),
        )

    def select(
        self, columns: Sequence[Any], rows: Sequence[BaseRow], condition: Any, reader: Reader | None
    ) -> list[Any]:
        """Lines of a statement, as the reader if it asks for one."""
        sources = [source for row in rows for source in row.source()]
        tables = reduce(lambda left, right: left.join(right, sa.true()), sources)
        named = [column.label(f"c{place}") for place, column in enumerate(columns)]
        statement = select(*named).select_from(tables).where(condition)
        given = {"reader_today": self.today, "reader_person": reader and reader.person_id}

        async def ask() -> list[Any]:
            async with self.database.session() as session:
                return [tuple(line) for line in await session.execute(statement, given)]

        with warnings.catch_warnings():
            # Columns are written as text, so SQLAlchemy does not see what joins the tables.
            warnings.simplefilter("ignore", SAWarning)
            lines: list[Any] = self.run(ask())
        return lines

    def values(self, type_: str, reader: Reader) -> dict[int, dict[Any, Any]]:
        """Everything of the rows of a noun but its relations, by key."""
        if (type_, reader) not in self.known:
            noun = self.catalogue.nouns[type_]
            row = self.row(noun, 1)
            columns: dict[Any, Any] = {}
            for name, item in noun.fields.items():
                if isinstance(item, Value):
                    columns[name] = sql_of(item.source, row)
                    for extra in ("order_by", "search"):
                        if getattr(item, extra) is not None:
                            columns[name, extra] = row[getattr(item, extra)]
                elif isinstance(item, Name):
                    columns[name, "search"] = row[item.search]
                    for code in item.columns:
                        columns[name, code] = row[item.columns[code]]
                        columns[name, "sort", code] = row[item.sort[code]]
                elif isinstance(item, Names):
                    for code in item.columns:
                        columns[name, code] = row[item.columns[code]]
                elif isinstance(item, Amount):
                    columns[name] = sql_of(item.minor, row)
                    columns[name, "currency"] = sql_of(item.currency, row)
                elif isinstance(item, Computed):
                    for place, source in enumerate(item.columns):
                        columns[name, place] = (
                            source.sql(row) if isinstance(source, Fact) else row[source]
                        )
            lines = self.select([row[noun.key], *columns.values()], [row], sa.true(), reader)
            self.known[type_, reader] = {
                key: dict(zip(columns, line, strict=True)) for key, *line in lines
            }
        found: dict[int, dict[Any, Any]] = self.known[type_, reader]
        return found

    def related(self, type_: str, item: Relation, reader: Reader) -> dict[int, list[int]]:
        """For each row the keys of those it is related to, in the order of a list."""
        name = (type_, item.name, reader)
        if name not in self.known:
            noun, target = self.catalogue.nouns[type_], self.catalogue.target(item.to)
            mine, theirs = self.row(noun, 1), self.row(target, 2, item.link)
            condition = item.on(mine, theirs)
            order = item.order(theirs) if isinstance(item, Many) and item.order else ()
            columns = [mine[noun.key], theirs[target.key], *order]
            found: dict[int, list[int]] = {}
            lines = self.select(columns, [mine, theirs], condition, reader)
            # What an order calls equal is in the order of the keys.
            for key, other, *_ in sorted(lines, key=lambda line: (*line[2:], line[1])):
                found.setdefault(key, []).append(other)
            self.known[name] = found
        related: dict[int, list[int]] = self.known[name]
        return related

    def own(self, item: One, reader: Reader) -> list[int]:
        """The keys of what a field of Query says of who asks."""
        target = self.catalogue.target(item.to)
        theirs = self.row(target, 1)
        condition = item.on(None, theirs)  # type: ignore[arg-type]
        return [key for (key,) in self.select([theirs[target.key]], [theirs], condition, reader)]

    def held(self, noun: Bound, action: str, reader: Reader) -> set[int]:
        """The keys of rows at which an action is allowed that the noun asks for by itself."""
        name = ("holds", noun.name, action, reader)
        if name not in self.known:
            assert noun.binding.holds is not None
            row = self.row(noun, 1)
            condition = noun.binding.holds(Access(self.policy, reader), row, action, "exists")
            lines = self.select([row[noun.key]], [row], condition, reader)
            self.known[name] = {key for (key,) in lines}
        keys: set[int] = self.known[name]
        return keys

    def meets(self, noun: Bound, item: Condition, given: Any) -> dict[int, bool | None]:
        """What a condition says of each row."""
        if isinstance(item.column, sa.Date):
            given = date.fromisoformat(given)
        row = self.row(noun, 1)
        says = item.sql(row, sa.bindparam("given", given, type_=item.column))
        lines = self.select(
            [row[noun.key], sa.type_coerce(says, sa.Boolean())], [row], sa.true(), None
        )
        return dict(lines)


def deeply_shown(value: Any) -> Any:
    return [shown(each) for each in value] if isinstance(value, list) else shown(value)


@dataclass
class Naive(Reference):
    """One reader's answers; ``rows`` are :class:`Rows`."""

    rows: Any
    made: Any = None
    """The schema with its resolvers, for objects that no table holds."""
    personal: set[tuple[str, str]] = field(default_factory=set)
    """What was read of what is logged: of whom, and the field."""

    def resolve(self, source: Any, info: GraphQLResolveInfo, **args: Any) -> Any:
        if hasattr(type(source), "__strawberry_definition__"):
            resolver = self.made.type_map[info.parent_type.name].fields[info.field_name]
            for name, argument in resolver.args.items():
                if args.get(name) is not None and isinstance(argument.type, GraphQLEnumType):
                    args[name] = argument.type.parse_value(args[name])
            value = deeply_shown(resolver.resolve(source, info, **args))
            named = get_named_type(resolver.type)
            return named.serialize(value) if isinstance(value, Decimal) else value
        value = super().resolve(source, info, **args)
        if isinstance(source, Thing):
            noun, name = self.noun(source), info.field_name
            logged = noun.binding.logged or noun.fields[name].level is Level.PERSONAL
            if logged and not self.off(source, name):
                self.personal.add((f"{source.type}:{source.key}", name))
        return value

    def execute(self, document: DocumentNode, variables: dict[str, Any]) -> Any:
        self.personal.clear()
        return super().execute(document, variables)

    def tells_of(self, told: Iterable[PersonalRead]) -> bool:
        return {(read.id, name) for read in told for name in read.fields} == self.personal

    def noun(self, thing: Thing) -> Bound:
        found: Bound = self.rows.catalogue.nouns[thing.type]
        return found

    def things(self, target: str, keys: Iterable[int]) -> list[Thing]:
        """Rows of a noun, or of whichever members of an interface have these keys."""
        group = self.rows.catalogue.groups.get(target)
        types = (target,) if group is None else group.members
        return [
            thing
            for key in keys
            for type_ in types
            if (thing := Thing(type_, key)) in self.rows.facts
        ]

    # What the reader may

    def holds(self, action: str, thing: Any) -> bool:
        noun = self.noun(thing)
        if noun.binding.holds is not None:
            return thing.key in self.rows.held(noun, action, self.reader)
        facts = self.rows.facts[thing]
        me = self.reader.person_id
        own = me is not None and noun.binding.owner is not None and facts.owner == me
        return (action, facts.node) in self.rows.allowed[self.reader, own]

    def sees(self, thing: Any) -> bool:
        return self.gate_open(thing, self.noun(thing).gate) and self.allowed(thing)

    def allowed(self, thing: Any) -> bool:
        levels = self.noun(thing).binding.levels
        asked = [levels[level] for level in (Level.BASIC, Level.FULL) if level in levels]
        return not levels or any(self.holds(action, thing) for action in asked)

    def gate_open(self, thing: Any, plugin: str | None) -> bool:
        if plugin is None:
            return True
        regions = self.rows.regions.get(plugin, set())
        if self.noun(thing).binding.region is None:
            return bool(regions)
        return self.rows.facts[thing].region in regions

    def off(self, thing: Any, name: str) -> bool:
        return not self.gate_open(thing, self.noun(thing).gate_of(name))

    def readable(self, thing: Any, name: str) -> bool:
        noun = self.noun(thing)
        item: Any = noun.fields.get(name) or noun.filters[name]
        level, levels = item.level, noun.binding.levels
        if isinstance(level, str):
            return self.holds(level, thing)
        if level not in levels or level is Level.BASIC:
            return True
        if level is Level.FULL and Level.BASIC not in levels:
            return True
        return self.holds(levels[level], thing)

    # Fields

    def root(self, name: str, args: dict[str, Any]) -> Any:
        root = self.rows.catalogue.roots[name]
        plugin = self.rows.catalogue.root_gate(name)
        if plugin is not None and not self.rows.regions.get(plugin):
            raise Refused("PLUGIN_NOT_ENABLED")
        if isinstance(root, Page):
            things = self.rows.things[root.to]
            return self.listed(
                root.to, [thing for thing in things if self.gate_open(thing, plugin)], args
            )
        if isinstance(root, ByIds):
            return [self.by_id(text) for text in args["ids"]]
        if isinstance(root, ById):
            found = self.by_id(args["id"])
            if found is not None and self.gate_open(found, plugin):
                return found
            hidden = any(map(self.allowed, self.named(args["id"])))
            raise Refused("PLUGIN_NOT_ENABLED" if hidden else "NOT_FOUND")
        keys = self.rows.own(root.relation, self.reader)
        return next(filter(self.sees, self.things(root.to, keys)), None)

    def named(self, text: str) -> list[Thing]:
        type_, key = text.split(":")
        return self.things(type_, [int(key)])

    def by_id(self, text: str) -> Any:
        return next(filter(self.sees, self.named(text)), None)

    def of(self, thing: Thing) -> dict[Any, Any]:
        """The columns of a thing."""
        found: dict[Any, Any] = self.rows.values(thing.type, self.reader)[thing.key]
        return found

    def value(self, thing: Any, name: str, args: dict[str, Any]) -> Any:
        item = self.noun(thing).fields[name]
        columns = self.of(thing)
        if isinstance(item, Identity):
            return f"{thing.type}:{thing.key}"
        if isinstance(item, Value):
            return None if columns[name] is None else shown(columns[name])
        if isinstance(item, Name):
            languages = FALLBACK[(args.get("lang") or self.language).lower()]
            return next(text for code in languages if (text := columns[name, code]))
        if isinstance(item, Names):
            return {code: columns[name, code] for code in item.columns}
        if isinstance(item, Amount):
            minor = columns[name]
            return None if minor is None else amount(minor, columns[name, "currency"])
        if isinstance(item, Computed):
            given = [columns[name, place] for place in range(len(item.columns))]
            for place, source in enumerate(item.columns):
                if isinstance(source, Fact) and isinstance(source.type, sa.JSON):
                    given[place] = json.loads(given[place])  # such facts are texts in SQL
            return deeply_shown(item.python(*[self.context] * item.in_context, *given))
        assert isinstance(item, Relation)
        keys = self.rows.related(thing.type, item, self.reader).get(thing.key, ())
        things = self.things(item.to, keys)
        if isinstance(item, Connection):
            return self.listed(item.to, things, args)
        if isinstance(item, Stats):
            return reference.Stats(item.to, self.listed(item.to, things, args).things)
        seen = [found for found in things if self.sees(found)]
        return seen if isinstance(item, Many) else next(iter(seen), None)

    # Lists

    def order(self, type_: str, args: dict[str, Any]) -> list[tuple[str, bool]]:
        target = self.rows.catalogue.target(type_)
        names = {screaming(name): name for name in target.sortable}
        given: dict[str, bool] = {}
        for item in args.get("orderBy") or ():
            given.setdefault(names[item["field"]], item["direction"] == "DESC")
        default = target.binding.order if isinstance(target, Bound) else ()
        return list(given.items()) or list(default)

    def sorts_by(self, thing: Any, name: str) -> Any:
        if self.off(thing, name) or not self.readable(thing, name):
            return None
        item, columns = self.noun(thing).fields[name], self.of(thing)
        if isinstance(item, Name):
            return columns[name, "sort", self.language]
        found = columns.get((name, "order_by"), columns[name])
        return shown(found)

    def stats(self, given: Any, name: str) -> Any:
        target = self.rows.catalogue.target(given.type)
        if name == "count":
            return len(given.things)
        if name in target.totals:
            return self.sums(given.things, name)
        value = next(field for field in target.groups if group_field(field) == name)
        groups: dict[Any, list[Any]] = {}
        for thing in given.things:
            hidden = self.off(thing, value) or not self.readable(thing, value)
            groups.setdefault(None if hidden else shown(self.of(thing)[value]), []).append(thing)
        ordered = sorted(groups, key=lambda found: (found is None, found or False, ""))
        return [
            {
                value: found,
                "count": len(groups[found]),
                **{total: self.sums(groups[found], total) for total in target.totals},
            }
            for found in ordered
        ]

    def sums(self, things: Any, name: str) -> list[dict[str, str]]:
        sums: dict[str, int] = {}
        for thing in things:
            if self.off(thing, name) or not self.readable(thing, name):
                continue
            columns = self.of(thing)
            if columns[name] is not None:
                currency = columns[name, "currency"]
                sums[currency] = sums.get(currency, 0) + columns[name]
        return [amount(sums[currency], currency) for currency in sorted(sums)]

    # Filters

    def part(self, thing: Any, name: str, given: Any) -> bool | None:
        if name == "and":
            return both(self.passes(thing, inner) for inner in given)
        if name == "or":
            return either(self.passes(thing, inner) for inner in given)
        if name == "not":
            inner = self.passes(thing, given)
            return None if inner is None else not inner
        if self.off(thing, name) or not self.readable(thing, name):
            return None
        noun = self.noun(thing)
        item = noun.fields.get(name) or noun.filters[name]
        if isinstance(item, Under):
            above = self.by_id(given)
            return above is not None and (above.key, thing.key) in self.rows.closure
        if isinstance(item, Condition):
            says: bool | None = self.rows.meets(noun, item, given).get(thing.key)
            return says
        if isinstance(item, Relation):
            keys = self.rows.related(thing.type, item, self.reader).get(thing.key, ())
            things = self.things(item.to, keys)
            return any(self.sees(it) and self.passes(it, given) is True for it in things)
        return both(
            self.comparison(thing, name, operator, value, given)
            for operator, value in given.items()
            if value is not None
        )

    def comparison(
        self, thing: Any, name: str, operator: str, value: Any, given: dict[str, Any]
    ) -> bool | None:
        item, columns = self.noun(thing).fields[name], self.of(thing)
        if operator == "contains":
            return fold(value) in columns[name, "search"]
        if operator == "currency":
            return bool(columns[name, "currency"] == value)
        ours: Any
        ours = f"{thing.type}:{thing.key}" if isinstance(item, Identity) else columns[name]
        if isinstance(item, Amount) and operator != "isNull":
            value = Decimal(value).scaleb(reference.DIGITS.get(given["currency"], 2))
        if operator == "isNull":
            return (ours is None) is value
        if operator == "in":
            return False if not value else None if ours is None else shown(ours) in value
        if ours is None:
            return None
        if isinstance(ours, datetime):
            value = datetime.fromisoformat(value)
        else:
            ours = shown(ours)
        compared = {"lt": -1, "lte": -1, "gt": 1, "gte": 1}
        if operator == "eq":
            return bool(ours == value)
        if ours == value:
            return operator in ("lte", "gte")
        return (1 if ours > value else -1) == compared[operator]
