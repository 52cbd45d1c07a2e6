"""Generated operations over the test schema: everything a client may write, and no nonsense."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

from schema.planner.order import tag
from schema.planner.registry import Catalogue
from tests.schema.planner.reference import Reference

POOLS: dict[str, list[Any]] = {
    "String": [
        "қала", "Кала", "жол", "o", "%", "_", "омар", "KZ-71", "KZ-10", "project_manager",
        "office_member", "Жол салу", "Akimat", "990140000001", "Омар Қайрат", "PRJ",
    ],
    "Int": [0, 1, 2, 5, 50, 100],
    "Float": [43.25, 51.125, 50.0],
    "Boolean": [True, False],
    "Date": ["2026-01-01", "2025-05-05", "2026-04-01", "2026-01-05", "2026-12-31"],
    "DateTime": [
        "2026-02-01T10:20:30.000123Z", "2026-01-05T06:00:00Z", "2025-12-01T00:00:00+05:00",
    ],
    "Decimal": ["500.00", "500", "0", "70000", "0.01", "12345"],
    "currency": ["KZT", "USD", "JPY"],
}  # fmt: skip


@dataclass
class Writer:
    """Writes one operation with two sets of variables for it."""

    chosen_by: Random
    schema: GraphQLSchema
    catalogue: Catalogue
    reference: Reference
    names: Any = field(default_factory=itertools.count)
    fragments: list[str] = field(default_factory=list)
    declared: dict[str, str] = field(default_factory=dict)
    variables: tuple[dict[str, Any], dict[str, Any]] = field(default_factory=lambda: ({}, {}))

    def chance(self, percent: int) -> bool:
        return self.chosen_by.randrange(100) < percent

    def pick(self, options: list[Any]) -> Any:
        return self.chosen_by.choice(options)

    def some(
        self, options: list[Any], most: int, *, least: int = 1, unique: bool = False
    ) -> list[Any]:
        """Some of these, in any order; the same may come twice unless they are to be unique."""
        size = self.chosen_by.randint(least, most)
        if unique:
            return self.chosen_by.sample(options, min(size, len(options)))
        return self.chosen_by.choices(options, k=size)

    def operation(self) -> str:
        query = self.schema.query_type
        assert query is not None
        names = self.some(sorted(query.fields), 2 if self.chance(85) else 4)
        body = " ".join(self.field(query, name, 3) for name in names)
        if self.chance(5):
            body += f" __typename{self.directive()}"
        head = ", ".join(f"${name}: {type_}" for name, type_ in self.declared.items())
        return f"query{f'({head})' if head else ''} {{ {body} }} " + " ".join(self.fragments)

    def selection(self, type_: Any, depth: int) -> str:
        if isinstance(type_, GraphQLInterfaceType):
            return self.mixed(type_, depth)
        leaves = [name for name, f in type_.fields.items() if is_leaf_type(get_named_type(f.type))]
        others = [name for name in type_.fields if name not in leaves]
        parts = []
        if leaves and (not others or self.chance(85)):
            chosen = self.some(leaves, 4)
            parts += [self.field(type_, name, depth) for name in chosen]
        if others and (depth > 0 or not leaves or type_.name.endswith(("Connection", "Edge"))):
            most = 1 if depth < 2 else 2
            chosen = self.some(others, most)
            parts += [self.field(type_, name, depth - 1) for name in chosen]
        if self.chance(15):
            parts.append("__typename")
        if type_.interfaces and self.chance(12):
            parts.append(self.as_interface(self.pick(list(type_.interfaces)), depth))
        if not parts:
            parts.append(self.field(type_, leaves[0], depth) if leaves else "__typename")
        return self.wrapped(type_, parts)

    def mixed(self, type_: GraphQLInterfaceType, depth: int) -> str:
        """A selection of an object behind an interface."""
        shared = [name for name, f in type_.fields.items() if is_leaf_type(get_named_type(f.type))]
        parts = [self.field(type_, name, depth) for name in self.some(shared, 3)]
        members = sorted(member.name for member in self.schema.get_possible_types(type_))
        for name in self.some(members, 2, least=0):
            member = self.schema.type_map[name]
            parts.append(f"... on {name} {{ {self.selection(member, depth - 1)} }}")
        if self.chance(15):
            member = self.schema.type_map[self.pick(members)]
            parts.append(self.as_interface(self.pick(list(member.interfaces)), depth))
        if depth > 0 and "parent" in type_.fields and self.chance(40):
            parts.append(
                self.field(type_, self.pick(["parent", "ancestors", "children"]), depth - 1)
            )
        return " ".join(parts)

    def as_interface(self, type_: GraphQLInterfaceType, depth: int) -> str:
        """Something of what all members of an interface have, in a fragment on it."""
        shared = [name for name, f in type_.fields.items() if is_leaf_type(get_named_type(f.type))]
        inner = " ".join(self.field(type_, name, depth) for name in self.some(shared, 2))
        return f"... on {type_.name}{self.directive()} {{ {inner} }}"

    def wrapped(self, type_: GraphQLObjectType, parts: list[str]) -> str:
        """Some of the fields inside fragments."""
        if self.chance(15):
            name = f"F{next(self.names)}"
            self.fragments.append(f"fragment {name} on {type_.name} {{ {' '.join(parts)} }}")
            return f"...{name}{self.directive()}"
        if self.chance(15):
            on = self.pick([f" on {type_.name}", ""])
            return f"{parts[0]} ...{on}{self.directive()} {{ {' '.join(parts)} }}"
        return " ".join(parts)

    def directive(self) -> str:
        if not self.chance(12):
            return ""
        word = self.pick(["include", "skip"])
        if self.chance(40):
            return f" @{word}(if: {self.pick(['true', 'false'])})"
        return f" @{word}(if: {self.variable('Boolean!', lambda: self.chance(50))})"

    def variable(self, type_: str, value: Callable[[], Any]) -> str:
        name = f"v{next(self.names)}"
        self.declared[name] = type_
        default = self.chance(20) and type_ == "Boolean!"
        if default:
            self.declared[name] += f" = {self.pick(['true', 'false'])}"
        for values in self.variables:
            if not default or self.chance(50):
                values[name] = value()
        return f"${name}"

    def field(self, parent: Any, name: str, depth: int) -> str:
        definition = parent.fields[name]
        named = get_named_type(definition.type)
        arguments = self.arguments(parent.name, definition, named)
        plain = is_leaf_type(named) and not arguments and isinstance(parent, GraphQLObjectType)
        alias = "" if plain and self.chance(80) else f"{name}{next(self.names)}: "
        text = f"{alias}{name}{arguments}{self.directive()}"
        if is_leaf_type(named):
            return text
        return f"{text} {{ {self.selection(named, depth)} }}"

    def arguments(self, parent: str, definition: Any, named: Any) -> str:
        written = []
        values: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
        listed = named.name.removesuffix("Connection").removesuffix("Stats")
        for name in self.argument_names(definition, listed):
            type_ = definition.args[name].type

            def make(name: str = name, type_: Any = type_, which: int = 0) -> Any:
                made = self.argument(name, type_, listed, values[which])
                values[which][name] = made
                return made

            # A cursor belongs to an order, so it varies with it.
            tied = name in ("after", "before") and values[0] != values[1]
            if tied or self.chance(35):
                variable = f"v{next(self.names)}"
                self.declared[variable] = str(type_)
                default = not tied and self.chance(25)
                if default:
                    made = make()
                    self.declared[variable] += f" = {literal(made, type_)}"
                may_be_null = not tied and not isinstance(type_, GraphQLNonNull)
                for which in (0, 1):
                    if default and self.chance(50):
                        values[which][name] = made
                    elif may_be_null and self.chance(8):
                        self.variables[which][variable] = values[which][name] = None
                    elif may_be_null and not default and self.chance(8):
                        values[which][name] = None
                    else:
                        self.variables[which][variable] = make(which=which)
                written.append(f"{name}: ${variable}")
            else:
                made = make()
                values[1][name] = made
                text = self.filter(made, type_) if name == "where" else literal(made, type_)
                written.append(f"{name}: {text}")
        return f"({', '.join(written)})" if written else ""

    def filter(self, value: Any, type_: Any) -> str:
        """A filter as GraphQL writes it, some of its values in variables."""
        if isinstance(type_, GraphQLNonNull):
            return self.filter(value, type_.of_type)
        if value is None or not self.chance(90):
            return literal(value, type_)
        if isinstance(type_, GraphQLList):
            return f"[{', '.join(self.filter(each, type_.of_type) for each in value)}]"
        if isinstance(type_, GraphQLInputObjectType):
            if "currency" in value:  # it says how many decimals the amounts beside it may have
                return literal(value, type_)
            inner = (
                f"{name}: {self.filter(each, type_.fields[name].type)}"
                for name, each in value.items()
            )
            return f"{{{', '.join(inner)}}}"
        if type_.name not in POOLS or self.chance(75):
            return literal(value, type_)
        return self.variable(f"{type_.name}!", lambda: self.pick(POOLS[type_.name]))

    def argument_names(self, definition: Any, listed: str) -> list[str]:
        """Which arguments to give; ``orderBy`` before the cursors, which depend on it."""
        names = [name for name, a in definition.args.items() if isinstance(a.type, GraphQLNonNull)]
        for name, percent in (("lang", 60), ("where", 45), ("orderBy", 50)):
            if name in definition.args and self.chance(percent):
                names.append(name)
        if "first" in definition.args and self.chance(60):
            names.append(self.pick(["first", "last"]))
            if any(self.reference.rows.things[type_] for type_ in self.kinds(listed)):
                names += [name for name in ("after", "before") if self.chance(25)]
        return names

    def argument(self, name: str, type_: Any, listed: str, others: dict[str, Any]) -> Any:
        if name in ("first", "last"):
            return self.pick([1, 2, 3, 100])
        if name in ("after", "before"):
            return self.cursor(listed, others)
        if name == "id":
            return self.id(self.kinds(listed))
        if name == "ids":
            kinds = self.kinds(listed)
            return [self.id(kinds) for _ in range(self.chosen_by.randint(0, 4))]
        return self.value(type_, listed, 2)

    def kinds(self, listed: str) -> tuple[str, ...]:
        """The types of objects where this one is read."""
        group = self.catalogue.groups.get(listed)
        return (listed,) if group is None else tuple(group.members)

    def id(self, types: tuple[str, ...]) -> str:
        options = [
            f"{thing.type}:{thing.key}"
            for type_, things in sorted(self.reference.rows.things.items())
            if type_ in types
            for thing in things
        ]
        options.append(f"{types[0]}:999999")
        return str(self.pick(options))

    def cursor(self, listed: str, others: dict[str, Any]) -> str:
        """The cursor of some object of the listed type, in the list's order."""
        order = self.reference.order(listed, others)
        things = [
            thing for type_ in self.kinds(listed) for thing in self.reference.rows.things[type_]
        ]
        values = self.reference.stands_at(self.pick(things), order)
        tagged = tag(self.catalogue.target(listed), tuple(order), self.reference.language)
        return json.dumps([tagged, *values], ensure_ascii=False).encode().hex()

    def value(self, type_: Any, listed: str, depth: int, name: str = "") -> Any:
        """A value of an input type, as variables carry it."""
        if isinstance(type_, GraphQLNonNull):
            return self.value(type_.of_type, listed, depth, name)
        if isinstance(type_, GraphQLList):
            size = self.chosen_by.randint(0 if name == "in" else 1, 2)
            return [self.value(type_.of_type, listed, depth, name) for _ in range(size)]
        if isinstance(type_, GraphQLEnumType):
            return self.pick(sorted(type_.values))
        if not isinstance(type_, GraphQLInputObjectType):
            if type_.name == "ID":
                return self.id(self.kinds("TreeNode") if name == "under" else (listed,))
            return self.pick(POOLS[name if name == "currency" else type_.name])
        if type_.name.endswith("Where"):
            listed = type_.name.removesuffix("Where")
        required = [n for n, f in type_.fields.items() if isinstance(f.type, GraphQLNonNull)]
        options = [
            n
            for n, f in type_.fields.items()
            if n not in required
            and (depth > 0 or not get_named_type(f.type).name.endswith("Where"))
        ]
        most = 1 if depth < 2 else 2
        chosen = self.some(options, most, least=0, unique=True)
        made = {
            n: self.value(type_.fields[n].type, listed, depth - 1, n) for n in required + chosen
        }
        if made.get("currency") == "JPY":  # it has no minor unit, and finer amounts are refused
            return {
                n: value.partition(".")[0] if isinstance(value, str) and n != "currency" else value
                for n, value in made.items()
            }
        return made


def literal(value: Any, type_: Any) -> str:
    """A value as GraphQL writes it."""
    if isinstance(type_, GraphQLNonNull):
        return literal(value, type_.of_type)
    if value is None:
        return "null"
    if isinstance(type_, GraphQLList):
        return f"[{', '.join(literal(each, type_.of_type) for each in value)}]"
    if isinstance(type_, GraphQLInputObjectType):
        inner = (
            f"{name}: {literal(each, type_.fields[name].type)}" for name, each in value.items()
        )
        return f"{{{', '.join(inner)}}}"
    if isinstance(type_, GraphQLEnumType):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
