"""All bindings of an installation, checked together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schema.planner.binding import (
    Amount,
    Binding,
    Connection,
    Field,
    Filter,
    Identity,
    Interface,
    Level,
    Many,
    Name,
    One,
    Relation,
    Value,
)
from schema.planner.row import Attribute

CORE = "core"

ROOT_WORDS = ("and", "or", "not")


class CompositionError(Exception):
    """The parts do not fit together; ``problems`` names each fault and its owners."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class ById:
    """A root field that reads one object by its id; ``to`` is a noun or an interface."""

    name: str
    description: str
    to: str


@dataclass(frozen=True)
class ByIds:
    """A root field that reads several objects by their ids, in their order."""

    name: str
    description: str
    to: str


@dataclass(frozen=True)
class Page:
    """A root field over all objects of a noun, in pages."""

    name: str
    description: str
    to: str


@dataclass(frozen=True)
class Own:
    """A root field that reads the object ``on`` says, which knows who asks (``reader_person``)."""

    relation: One

    @property
    def name(self) -> str:
        return self.relation.name

    @property
    def description(self) -> str:
        return self.relation.description

    @property
    def to(self) -> str:
        return self.relation.to


Root = ById | ByIds | Page | Own


@dataclass(frozen=True)
class Bound:
    """A binding with what plugins added to it."""

    binding: Binding
    fields: Mapping[str, Field]
    filters: Mapping[str, Filter]

    @property
    def name(self) -> str:
        return self.binding.name

    @property
    def key(self) -> Attribute:
        return self.binding.key

    @property
    def filterable(self) -> dict[str, Field | Filter]:
        """What ``where`` knows: fields of this noun and its own conditions, by GraphQL name."""
        fields = {name: item for name, item in self.fields.items() if is_filterable(item)}
        return {**fields, **self.filters}

    @property
    def sortable(self) -> dict[str, Name | Value | Amount]:
        """What ``orderBy`` knows."""
        return {
            name: item
            for name, item in self.fields.items()
            if isinstance(item, Name) or (isinstance(item, Value | Amount) and item.order)
        }

    @property
    def groups(self) -> dict[str, Value]:
        """What statistics count by."""
        return {
            name: item
            for name, item in self.fields.items()
            if isinstance(item, Value) and item.group
        }

    @property
    def totals(self) -> dict[str, Amount]:
        """What statistics sum."""
        return {
            name: item
            for name, item in self.fields.items()
            if isinstance(item, Amount) and item.total
        }


def is_filterable(item: Field) -> bool:
    if isinstance(item, Value):
        return item.where or item.search is not None
    if isinstance(item, Amount | Relation):
        return item.where
    return isinstance(item, Name | Identity)


@dataclass(frozen=True)
class Group:
    """An interface with its members."""

    interface: Interface
    members: Mapping[str, Bound]

    @property
    def name(self) -> str:
        return self.interface.name

    @property
    def key(self) -> Attribute:
        if self.interface.model is None:
            raise LookupError(f"{self.name} has no table")
        key: Attribute = self.interface.model.id
        return key

    @property
    def filterable(self) -> dict[str, Field | Filter]:
        return {item.name: item for item in self.interface.columns if is_filterable(item)}

    @property
    def sortable(self) -> dict[str, Name | Value | Amount]:
        return {item.name: item for item in self.interface.columns if item.order}

    @property
    def groups(self) -> dict[str, Value]:
        return {item.name: item for item in self.interface.columns if item.group}

    @property
    def totals(self) -> dict[str, Amount]:
        return {}


Target = Bound | Group


@dataclass(frozen=True)
class Catalogue:
    """What the planner reads: everything bound, without contradictions."""

    nouns: Mapping[str, Bound]
    groups: Mapping[str, Group]
    roots: Mapping[str, Root]

    def target(self, name: str) -> Target:
        return self.nouns[name] if name in self.nouns else self.groups[name]


@dataclass
class Registry:
    """Collects bindings, extensions and root fields of the core and of plugins."""

    bindings: list[tuple[Binding, str]] = field(default_factory=list)
    extensions: list[tuple[str, Field | Filter, str]] = field(default_factory=list)
    root_fields: list[tuple[Root, str]] = field(default_factory=list)

    def add(self, *bindings: Binding, owner: str = CORE) -> None:
        """Bind nouns."""
        self.bindings.extend((binding, owner) for binding in bindings)

    def extend(
        self,
        target: str,
        *,
        owner: str,
        fields: Sequence[Field] = (),
        filters: Sequence[Filter] = (),
    ) -> None:
        """Add fields and filters to somebody's noun."""
        self.extensions.extend((target, item, owner) for item in (*fields, *filters))

    def root(self, *roots: Root, owner: str = CORE) -> None:
        """Add fields to Query."""
        self.root_fields.extend((root, owner) for root in roots)

    def catalogue(self) -> Catalogue:
        """Everything together.

        Raises :class:`CompositionError` with all faults at once: names taken twice, unknown
        targets, fields that cannot be what they say, missing descriptions.
        """
        problems: list[str] = []
        owners: dict[str, str] = {}
        nouns: dict[str, Bound] = {}
        for binding, owner in self.bindings:
            if binding.name in owners:
                problems.append(
                    f"type {binding.name} is bound by {owners[binding.name]} and by {owner}"
                )
                continue
            owners[binding.name] = owner
            added = [(item, by) for target, item, by in self.extensions if target == binding.name]
            nouns[binding.name] = bound(binding, owner, added, problems)
        problems += [
            f"{by} extends {target}, which nobody binds"
            for target, _, by in self.extensions
            if target not in nouns
        ]
        groups = grouped(nouns, problems)
        targets: dict[str, Target] = {**nouns, **groups}
        for noun in nouns.values():
            problems += faults(noun, targets)
        roots: dict[str, Root] = {}
        root_owners: dict[str, str] = {}
        for root, owner in self.root_fields:
            if root.name in roots:
                problems.append(
                    f"root field {root.name} is added by {root_owners[root.name]} and by {owner}"
                )
            if root.to not in targets:
                problems.append(f"root field {root.name} of {owner}: nobody binds {root.to}")
            roots[root.name] = root
            root_owners[root.name] = owner
        if problems:
            raise CompositionError(problems)
        return Catalogue(nouns, groups, roots)


def bound(
    binding: Binding,
    owner: str,
    added: Sequence[tuple[Field | Filter, str]],
    problems: list[str],
) -> Bound:
    """A binding and its extensions; every name once."""
    fields: dict[str, Field] = {}
    filters: dict[str, Filter] = {}
    owners: dict[str, str] = {}
    own: list[tuple[Field | Filter, str]] = [
        (item, owner) for item in (*binding.fields, *binding.filters)
    ]
    for item, by in own + list(added):
        if item.name in owners:
            problems.append(
                f"{binding.name}.{item.name} is declared by {owners[item.name]} and by {by}"
            )
            continue
        owners[item.name] = by
        if isinstance(item, Field):
            fields[item.name] = item
        else:
            filters[item.name] = item
    return Bound(binding, fields, filters)


def grouped(nouns: Mapping[str, Bound], problems: list[str]) -> dict[str, Group]:
    """The interfaces, with the nouns that implement them."""
    members: dict[str, dict[str, Bound]] = defaultdict(dict)
    interfaces: dict[str, Interface] = {}
    for noun in nouns.values():
        for interface in noun.binding.interfaces:
            interfaces[interface.name] = interface
            members[interface.name][noun.name] = noun
            problems += [
                f"{noun.name} lacks {name} of the interface {interface.name}"
                for name in interface.fields
                if name not in noun.fields
            ]
            if interface.model is not None and (noun.binding.kind is None or noun.binding.holds):
                problems.append(f"{noun.name} cannot be told by kind in {interface.name}")
    problems += [f"{name} is a type and an interface" for name in interfaces if name in nouns]
    return {name: Group(interfaces[name], members[name]) for name in interfaces}


def faults(noun: Bound, targets: Mapping[str, Target]) -> list[str]:
    """What is wrong with one noun, seen beside the others."""
    found: list[str] = []
    for item in (*noun.fields.values(), *noun.filters.values()):
        where = f"{noun.name}.{item.name}"
        if not item.description.strip():
            found.append(f"{where} has no description")
        if item.name in ROOT_WORDS and item.name in noun.filterable:
            found.append(f"{where}: and, or, not are words of filters")
        if isinstance(item.level, Level):
            if item.level is Level.PERSONAL and item.level not in noun.binding.levels:
                found.append(f"{where} is personal, but {noun.name} names no action for that")
        elif noun.binding.node is None and noun.binding.holds is None:
            found.append(f"{where} asks for {item.level}, but {noun.name} has no node to ask at")
        if item.level is Level.PERSONAL and (
            item.name in noun.filterable or item.name in noun.sortable or item.name in noun.groups
        ):
            found.append(f"{where} is personal: no filtering, sorting or counting by it")
        if not isinstance(item, Relation):
            continue
        target = targets.get(item.to)
        if target is None:
            found.append(f"{where} leads to {item.to}, which nobody binds")
        elif isinstance(target, Group):
            if target.interface.model is None and isinstance(item, Many | Connection | One):
                found.append(f"{where}: {item.to} has no table to read from")
            if item.where:
                found.append(f"{where}: filters need one type, {item.to} is an interface")
    currencies = {amount.currency for amount in noun.totals.values()}
    if len(currencies) > 1:
        found.append(f"{noun.name} sums amounts of different currency columns")
    found += [
        f"{noun.name} is sorted by {name}, which is not sortable"
        for name, _ in noun.binding.order
        if name not in noun.sortable
    ]
    return found
