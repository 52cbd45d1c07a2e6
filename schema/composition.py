"""Whether contributions fit together: every name once, everything described and classified.

All faults are found at once, and each names those it belongs to.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.base import (
    StrawberryContainer,
    StrawberryObjectDefinition,
    StrawberryOptional,
    get_object_definition,
)
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType
from strawberry.types.private import is_private
from strawberry.types.union import StrawberryUnion

from schema.contribution import Contribution
from schema.names import graphql_name
from schema.planner.binding import Computed, Condition, Field, Filter, Value
from schema.planner.filters import family_of
from schema.planner.registry import (
    CORE,
    Bound,
    Catalogue,
    Problem,
    Target,
    by_owner,
    is_filterable,
)

MADE_OF = ("Connection", "Edge", "Stats", "Where", "Order", "OrderField")
"""Endings of the types the planner makes of a noun."""

ANY = "*"
"""Begins actions that stand for one of every resource."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A field of Query, Mutation or Subscription that is no root of the planner."""

    kind: str
    field: StrawberryField
    owner: str
    payload: str | None = None
    """For a mutation: the name of its payload, which belongs to the type of its result."""


@dataclass
class TypeNames:
    """Who has which type name; ``what`` is whatever makes two types the same one."""

    prefixes: Mapping[str, str]
    taken: dict[str, tuple[Any, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def claim(self, name: str, what: Any, owner: str, *, derived: bool = False) -> bool:
        """Take a name; ``derived`` names follow from another's. Whether it was free."""
        if name in self.taken:
            known, first = self.taken[name]
            if known != what:
                self.problems.append(
                    Problem(
                        f"type {name} is made by {first} and by {owner}",
                        tuple(dict.fromkeys((first, owner))),
                    )
                )
            return False
        self.taken[name] = what, owner
        prefix = self.prefixes.get(owner, "")
        if not derived and not begins(name, prefix):
            self.problems.append(
                Problem(f"type {name} of {owner} does not begin with {prefix}", (owner,))
            )
        return True

    def noun(self, noun: Bound) -> None:
        """A bound type, what the planner makes of it, and what its fields show."""
        self.claim(noun.name, noun.binding.type.__strawberry_definition__, noun.owner)
        for interface in noun.binding.interfaces:
            self.claim(interface.name, interface.type.__strawberry_definition__, noun.owner)
        self.derived(noun, noun.owner)
        for item in (*noun.fields.values(), *noun.filters.values()):
            self.item(item, noun.owners[item.name])

    def derived(self, target: Target, owner: str) -> None:
        """Names of the types made of a noun or an interface."""
        for ending in MADE_OF:
            self.claim(f"{target.name}{ending}", (target.name, ending), owner, derived=True)
        for name in target.groups:
            group = f"{target.name}{name[:1].upper()}{name[1:]}Stats"
            self.claim(group, (target.name, "by", name), owner, derived=True)

    def item(self, item: Field | Filter, owner: str) -> None:
        """The types a field or filter names."""
        if isinstance(item, Value):
            enumeration = getattr(item.type, "enum_class", None)
            if enumeration is not None:
                self.claim(enumeration.__name__, enumeration, owner)
                if is_filterable(item):
                    family = family_of(item).name
                    self.claim(family, (enumeration, "filter"), owner, derived=True)
            self.annotation(item.shown_as, owner)
        elif isinstance(item, Computed | Condition):
            self.annotation(item.type, owner)

    def annotation(self, annotation: Any, owner: str) -> None:
        if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
            self.claim(annotation.__name__, annotation, owner)
        elif annotation is not None:
            self.walk(StrawberryAnnotation(annotation).resolve(), owner)

    def operation(self, operation: Operation) -> None:
        """The types a field leads to and takes."""
        made = operation.field.type
        if operation.payload is not None:
            definition = get_object_definition(made, strict=True)
            self.claim(operation.payload, definition, operation.owner, derived=True)
        self.field(operation.field, operation.owner)

    def field(self, given: StrawberryField, owner: str) -> None:
        self.walk(given.type, owner)
        for argument in given.arguments:
            self.walk(argument.type, owner)

    def walk(self, type_: Any, owner: str) -> None:
        """A strawberry type with all it leads to."""
        for inner in named(type_):
            if isinstance(inner, StrawberryEnumDefinition):
                self.claim(inner.name, inner.wrapped_cls, owner)
            elif isinstance(inner, StrawberryUnion):
                for member in inner.types:
                    self.walk(member, owner)
            elif self.claim(inner.name, inner, owner):
                self.described(inner, owner)
                for interface in inner.interfaces:
                    self.walk(interface.origin, owner)
                for each in shown_fields(inner):
                    self.field(each, owner)

    def described(self, definition: StrawberryObjectDefinition, owner: str) -> None:
        names = [definition.name] if not (definition.description or "").strip() else []
        names += [
            f"{definition.name}.{graphql_name(each)}"
            for each in shown_fields(definition)
            if not (each.description or "").strip()
        ]
        self.problems += [Problem(f"{name} has no description", (owner,)) for name in names]


def shown_fields(definition: StrawberryObjectDefinition) -> list[StrawberryField]:
    """The fields of a type but for those strawberry keeps to itself."""
    return [each for each in definition.fields if not is_private(each.type)]


def named(type_: Any) -> Iterator[Any]:
    """The definitions inside lists and optionals: of an object, an input, an enumeration."""
    while isinstance(type_, StrawberryContainer | LazyType):
        type_ = type_.of_type if isinstance(type_, StrawberryContainer) else type_.resolve_type()
    if isinstance(type_, StrawberryEnumDefinition | StrawberryUnion):
        yield type_
        return
    definition = getattr(type_, "__strawberry_definition__", None)
    if isinstance(definition, StrawberryObjectDefinition | StrawberryEnumDefinition):
        yield definition


def begins(name: str, prefix: str) -> bool:
    """Whether a name begins with a prefix as a word of its own."""
    rest = name[len(prefix) :]
    return name.startswith(prefix) and not (prefix and rest[:1].islower())


def faults_of_operations(
    operations: Sequence[Operation],
    catalogue: Catalogue,
    contributions: Sequence[Contribution],
) -> list[Problem]:
    """Names taken twice or without prefix, and fields that do not say what they ask for."""
    prefixes = {each.owner: each.camel_prefix for each in contributions}
    found: list[Problem] = []
    owners = {("Query", name): owner for name, owner in catalogue.root_owners.items()}
    for (_, name), owner in owners.items():
        found += without_prefix("Query", name, owner, prefixes)
    for operation in operations:
        name, owner = graphql_name(operation.field), operation.owner
        place = (operation.kind, name)
        if place in owners:
            both = (owners[place], owner)
            found.append(
                Problem(
                    f"{operation.kind}.{name} is added by {both[0]} and by {both[1]}",
                    tuple(dict.fromkeys(both)),
                )
            )
            continue
        owners[place] = owner
        found += without_prefix(operation.kind, name, owner, prefixes)
        if not operation.field.metadata.get("actions"):
            found.append(
                Problem(f"{operation.kind}.{name} does not say which actions it asks for", (owner,))
            )
        if not (operation.field.description or "").strip():
            found.append(Problem(f"{operation.kind}.{name} has no description", (owner,)))
        if owner != CORE and operation.kind == "Query" and not may_be_null(operation.field):
            found.append(
                Problem(
                    f"Query.{name} of {owner} is never null: where the plugin is off the refusal "
                    "would take the whole answer along",
                    (owner,),
                )
            )
    return found


def without_prefix(kind: str, name: str, owner: str, prefixes: Mapping[str, str]) -> list[Problem]:
    prefix = prefixes.get(owner, "")
    if begins(name, prefix):
        return []
    return [Problem(f"{kind}.{name} of {owner} does not begin with {prefix}", (owner,))]


def may_be_null(field: StrawberryField) -> bool:
    return isinstance(field.type, StrawberryOptional)


def unknown_actions(
    catalogue: Catalogue, operations: Sequence[Operation], known: Collection[str]
) -> list[Problem]:
    """Actions asked for that no permission defines."""
    asked: dict[tuple[str, str, str], None] = {}
    for noun in catalogue.nouns.values():
        for action in noun.binding.levels.values():
            asked[noun.name, action, noun.owner] = None
        for item in (*noun.fields.values(), *noun.filters.values()):
            if isinstance(item.level, str):
                asked[f"{noun.name}.{item.name}", item.level, noun.owners[item.name]] = None
    for operation in operations:
        place = f"{operation.kind}.{graphql_name(operation.field)}"
        for action in operation.field.metadata.get("actions", ()):
            asked[place, action, operation.owner] = None
    return [
        Problem(f"{place} asks for {action}, which no permission defines", (owner,))
        for place, action, owner in asked
        if action not in known and not action.startswith(ANY)
    ]


def type_faults(
    catalogue: Catalogue,
    operations: Sequence[Operation],
    contributions: Sequence[Contribution],
) -> list[Problem]:
    """Type names taken twice or without prefix."""
    names = TypeNames({each.owner: each.type_prefix for each in contributions})
    for noun in catalogue.nouns.values():
        names.noun(noun)
    for group in catalogue.groups.values():
        names.derived(group, CORE)
    given = sorted(contributions, key=lambda each: by_owner(each.owner))
    for owner in [each.owner for each in given]:
        for operation in operations:
            if operation.owner == owner:
                names.operation(operation)
    for contribution in given:
        for type_ in contribution.types:
            names.walk(type_, contribution.owner)
    return names.problems
