"""All bindings of an installation, checked together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

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

LOGIC = ("and", "or", "not")
"""What a ``where`` may hold beside its fields."""

GRAPHQL_NAME = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@dataclass(frozen=True)
class Problem:
    """Something that does not fit, and whose it is."""

    text: str
    owners: tuple[str, ...]

    def __str__(self) -> str:
        return self.text


class CompositionError(Exception):
    """The parts do not fit together; ``problems`` names each fault and its owners."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(problem.text for problem in problems))
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
    """A binding with what plugins added to it.

    ``owner`` bound it; ``owners`` says by name who declared each field and filter.
    """

    binding: Binding
    fields: Mapping[str, Field]
    filters: Mapping[str, Filter]
    owner: str = CORE
    owners: Mapping[str, str] = field(default_factory=dict)

    @property
    def gate(self) -> str | None:
        """The plugin that must be on at a row for the row to be there at all."""
        return None if self.owner == CORE else self.owner

    def gate_of(self, name: str) -> str | None:
        """The plugin that must be on at a row for a field or filter of it to hold anything."""
        owner = self.owners.get(name, self.owner)
        return None if owner in (CORE, self.owner) else owner

    @property
    def name(self) -> str:
        return self.binding.name

    @property
    def key(self) -> Attribute:
        return self.binding.key

    @cached_property
    def filterable(self) -> dict[str, Field | Filter]:
        """What ``where`` knows: fields of this noun and its own conditions, by GraphQL name."""
        fields = {name: item for name, item in self.fields.items() if is_filterable(item)}
        return {**fields, **self.filters}

    @cached_property
    def sortable(self) -> dict[str, Name | Value | Amount]:
        """What ``orderBy`` knows."""
        return {
            name: item
            for name, item in self.fields.items()
            if isinstance(item, Name) or (isinstance(item, Value | Amount) and item.order)
        }

    @cached_property
    def groups(self) -> dict[str, Value]:
        """What statistics count by."""
        return {
            name: item
            for name, item in self.fields.items()
            if isinstance(item, Value) and item.group
        }

    @cached_property
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

    @cached_property
    def filterable(self) -> dict[str, Field | Filter]:
        return {item.name: item for item in self.interface.columns if is_filterable(item)}

    @cached_property
    def sortable(self) -> dict[str, Name | Value | Amount]:
        return {item.name: item for item in self.interface.columns if item.order}

    @cached_property
    def groups(self) -> dict[str, Value]:
        return {item.name: item for item in self.interface.columns if item.group}

    @cached_property
    def totals(self) -> dict[str, Amount]:
        return {}


Target = Bound | Group


@dataclass(frozen=True)
class Catalogue:
    """What the planner reads: everything bound, without contradictions."""

    nouns: Mapping[str, Bound]
    groups: Mapping[str, Group]
    roots: Mapping[str, Root]
    root_owners: Mapping[str, str] = field(default_factory=dict)

    def target(self, name: str) -> Target:
        return self.nouns[name] if name in self.nouns else self.groups[name]

    def root_gate(self, name: str) -> str | None:
        """The plugin that must be on for a field of Query to answer."""
        owner = self.root_owners.get(name, CORE)
        return None if owner == CORE else owner


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
        catalogue, problems = self.checked()
        if problems:
            raise CompositionError(problems)
        return catalogue

    def checked(self) -> tuple[Catalogue, list[Problem]]:
        """What fits together, and what does not.

        Whatever the order in which plugins came: the core's are first, then by owner.
        """
        problems: list[Problem] = []
        nouns: dict[str, Bound] = {}
        extensions = sorted(self.extensions, key=lambda given: by_owner(given[2]))
        for binding, owner in sorted(self.bindings, key=lambda given: by_owner(given[1])):
            if binding.name in nouns:
                first = nouns[binding.name].owner
                problems.append(
                    Problem(
                        f"type {binding.name} is bound by {first} and by {owner}", (first, owner)
                    )
                )
                continue
            added = [(item, by) for target, item, by in extensions if target == binding.name]
            nouns[binding.name] = bound(binding, owner, added, problems)
        problems += [
            Problem(f"{by} extends {target}, which nobody binds", (by,))
            for target, by in dict.fromkeys((target, by) for target, _, by in extensions)
            if target not in nouns
        ]
        groups = grouped(nouns, problems)
        targets: dict[str, Target] = {**nouns, **groups}
        for noun in nouns.values():
            problems += faults(noun, targets)
        roots: dict[str, Root] = {}
        owners: dict[str, str] = {}
        for root, owner in sorted(self.root_fields, key=lambda given: by_owner(given[1])):
            problems += root_faults(root, owner, owners, targets)
            roots.setdefault(root.name, root)
            owners.setdefault(root.name, owner)
        return Catalogue(nouns, groups, roots, owners), problems


def by_owner(owner: str) -> tuple[bool, str]:
    """Sorts the core first, then plugins by their ids."""
    return owner != CORE, owner


def root_faults(
    root: Root, owner: str, owners: Mapping[str, str], targets: Mapping[str, Target]
) -> list[Problem]:
    """What is wrong with a field of Query; ``owners`` are those of the fields before it."""
    found: list[Problem] = []
    if root.name in owners:
        first = owners[root.name]
        found.append(
            Problem(f"root field {root.name} is added by {first} and by {owner}", (first, owner))
        )
    if root.to not in targets:
        found.append(
            Problem(f"root field {root.name} of {owner}: nobody binds {root.to}", (owner,))
        )
    if not root.description.strip():
        found.append(Problem(f"root field {root.name} has no description", (owner,)))
    if not GRAPHQL_NAME.fullmatch(root.name):
        found.append(Problem(f"root field {root.name!r}: no name of GraphQL", (owner,)))
    return found


def bound(
    binding: Binding,
    owner: str,
    added: Sequence[tuple[Field | Filter, str]],
    problems: list[Problem],
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
            first = owners[item.name]
            problems.append(
                Problem(
                    f"{binding.name}.{item.name} is declared by {first} and by {by}", (first, by)
                )
            )
            continue
        if isinstance(item, Identity) and by != owner:
            problems.append(
                Problem(
                    f"{binding.name}.{item.name} of {by} would promise a value where the"
                    " plugin is off",
                    (by,),
                )
            )
        owners[item.name] = by
        if isinstance(item, Field):
            fields[item.name] = item
        else:
            filters[item.name] = item
    return Bound(binding, fields, filters, owner, owners)


def grouped(nouns: Mapping[str, Bound], problems: list[Problem]) -> dict[str, Group]:
    """The interfaces, with the nouns that implement them."""
    members: dict[str, dict[str, Bound]] = defaultdict(dict)
    interfaces: dict[str, tuple[Interface, str]] = {}
    for noun in nouns.values():
        for interface in noun.binding.interfaces:
            interfaces.setdefault(interface.name, (interface, noun.owner))
            members[interface.name][noun.name] = noun
            problems += [
                Problem(
                    f"{noun.name} lacks {name} of the interface {interface.name}", (noun.owner,)
                )
                for name in interface.fields
                if name not in noun.fields
            ]
            if interface.model is not None and (noun.binding.kind is None or noun.binding.holds):
                problems.append(
                    Problem(
                        f"{noun.name} cannot be told by kind in {interface.name}", (noun.owner,)
                    )
                )
    problems += [
        Problem(f"{name} is a type and an interface", (nouns[name].owner, owner))
        for name, (_, owner) in interfaces.items()
        if name in nouns
    ]
    return {name: Group(interfaces[name][0], members[name]) for name in interfaces}


def faults(noun: Bound, targets: Mapping[str, Target]) -> list[Problem]:
    """What is wrong with one noun, seen beside the others."""
    binding = noun.binding
    found: list[Problem] = []

    def fault(text: str, *owners: str) -> None:
        found.append(Problem(text, owners or (noun.owner,)))

    if not binding.levels and not binding.public:
        fault(f"{noun.name} says neither who may read it nor that it is public")
    if not binding.description.strip():
        fault(f"{noun.name} has no description")
    if not GRAPHQL_NAME.fullmatch(noun.name):
        fault(f"{noun.name!r} is no name of GraphQL")
    for item in (*noun.fields.values(), *noun.filters.values()):
        found += [
            Problem(f"{noun.name}.{item.name}{text}", (noun.owners[item.name],))
            for text in item_faults(noun, item, targets)
        ]
    found += repeated(noun)
    if len({amount.currency for amount in noun.totals.values()}) > 1:
        fault(
            f"{noun.name} sums amounts of different currency columns",
            *dict.fromkeys(noun.owners[name] for name in noun.totals),
        )
    for name, _ in binding.order:
        if name not in noun.sortable:
            fault(f"{noun.name} is sorted by {name}, which is not sortable")
    return found


def item_faults(noun: Bound, item: Field | Filter, targets: Mapping[str, Target]) -> Iterator[str]:
    """What is wrong with one field or filter; what is said follows its name."""
    if not item.description.strip():
        yield " has no description"
    if not GRAPHQL_NAME.fullmatch(item.name):
        yield ": no name of GraphQL"
    if item.name in LOGIC and item.name in noun.filterable:
        yield ": and, or, not are words of filters"
    if isinstance(item.level, Level):
        if item.level is Level.PERSONAL and item.level not in noun.binding.levels:
            yield f" is personal, but {noun.name} names no action for that"
    elif noun.binding.node is None and noun.binding.holds is None:
        yield f" asks for {item.level}, but {noun.name} has no node to ask at"
    if item.level is Level.PERSONAL and (
        item.name in noun.filterable or item.name in noun.sortable or item.name in noun.groups
    ):
        yield " is personal: no filtering, sorting or counting by it"
    if not isinstance(item, Relation):
        return
    target = targets.get(item.to)
    if target is None:
        yield f" leads to {item.to}, which nobody binds"
    elif isinstance(target, Group):
        if target.interface.model is None and isinstance(item, Many | Connection | One):
            yield f": {item.to} has no table to read from"
        if item.where:
            yield f": filters need one type, {item.to} is an interface"


def repeated(noun: Bound) -> list[Problem]:
    """Names that differ as fields, and are the same where something is made from them."""
    sorting = [(screaming(name), name) for name in noun.sortable]
    counting = [
        ("count", "how many there are"),
        *((name, name) for name in noun.totals),
        *((group_field(name), name) for name in noun.groups),
    ]
    found: list[Problem] = []
    for place, names in (("is sorted by", sorting), ("counts", counting)):
        taken: dict[str, str] = {}
        for shown, name in names:
            first = taken.setdefault(shown, name)
            if first != name:
                owners = dict.fromkeys(noun.owners.get(each, noun.owner) for each in (first, name))
                found.append(
                    Problem(f"{noun.name} {place} {shown} twice: {first}, {name}", tuple(owners))
                )
    return found


def screaming(name: str) -> str:
    """``startsOn`` as ``STARTS_ON``."""
    return "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in name)


def group_field(name: str) -> str:
    """The field of statistics that counts by ``stage``: ``byStage``."""
    return "by" + name[:1].upper() + name[1:]
