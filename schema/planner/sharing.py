"""Fields that all members of an interface have alike: they are put together once for all kinds.

Behind an interface a statement holds what is selected once for each kind. A relation that asks of
an object only what the interface's own table knows (its key, its parent) is the same for all kinds,
so it needs to be there once, and interfaces inside each other do not multiply.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import FieldNode
from sqlalchemy import ColumnElement, literal_column

from schema.planner.binding import Connection, Level, Many, One, Relation
from schema.planner.registry import Bound, Catalogue, Group
from schema.planner.row import Attribute, BaseRow, column_of, table_of

Selected = Mapping[str, Sequence[FieldNode]]


class MemberRow:
    """An object of one kind, seen as a row of the interface's table."""

    def __init__(self, row: BaseRow, group: Group, member: Bound) -> None:
        self.row, self.group, self.member = row, group, member

    def __getitem__(self, attribute: Attribute) -> ColumnElement[Any]:
        if attribute is self.member.key:
            return self.row[self.group.key]
        return self.row[attribute]


class Named:
    """A row that only spells its columns."""

    def __init__(self, name: str, group: Group | None = None, member: Bound | None = None) -> None:
        self.name, self.group, self.member = name, group, member

    def __getitem__(self, attribute: Attribute) -> ColumnElement[Any]:
        column = column_of(attribute)
        if self.group is not None and self.member is not None:
            if attribute is self.member.key:
                column = column_of(self.group.key)
            if column.table is not table_of(self.group.interface.model):  # type: ignore[arg-type]
                raise LookupError(f"{column} is no column of {self.group.name}")
        return literal_column(f"{self.name}.{column.table.name}.{column.name}", column.type)


def shared_fields(catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """By interface: the relations that are the same for all its members."""
    return {
        group.name: frozenset(
            name
            for name in group.interface.fields
            if group.interface.model is not None and is_shared(group, name)
        )
        for group in catalogue.groups.values()
    }


def is_shared(group: Group, name: str) -> bool:
    """Whether every member reads a field in the same way, whoever asks."""
    spelled = {spelling(group, member, name) for member in group.members.values()}
    return None not in spelled and len(spelled) == 1


def spelling(group: Group, member: Bound, name: str) -> tuple[Any, ...] | None:
    """All that decides how a relation of a member is read; none where its own table does."""
    item = member.fields.get(name)
    if not isinstance(item, Relation) or not isinstance(item, One | Many | Connection):
        return None
    if item.level is not Level.BASIC or member.gate_of(name) is not None:
        return None
    theirs = Named("theirs")
    try:
        condition = str(item.on(Named("ours", group, member), theirs))
    except LookupError:
        return None
    order: list[str] = []
    if isinstance(item, Many) and item.order is not None:
        order = [str(key) for key in item.order(theirs)]
    more = item.typical if isinstance(item, Many) else getattr(item, "large", False)
    return type(item), item.to, item.link, condition, tuple(order), more


def shared_keys(
    group: Group, shared: frozenset[str], selected: Mapping[str, Selected]
) -> list[str]:
    """The response keys that stand for the same field with the same selection in every member."""
    first, *others = selected.values()
    keys = [
        key
        for key, nodes in first.items()
        if nodes[0].name.value in shared
        and all(same_nodes(nodes, other.get(key, ())) for other in others)
    ]
    orders = {tuple(key for key in other if key in keys) for other in others}
    return keys if orders <= {tuple(keys)} else []


def same_nodes(ours: Sequence[FieldNode], theirs: Sequence[FieldNode]) -> bool:
    return len(ours) == len(theirs) and all(a is b for a, b in zip(ours, theirs, strict=True))


def segments(selected: Selected, keys: Sequence[str]) -> list[dict[str, Sequence[FieldNode]]]:
    """What a member selects before, between and after the shared fields."""
    found: list[dict[str, Sequence[FieldNode]]] = [{}]
    for key, nodes in selected.items():
        if key in keys:
            found.append({})
        else:
            found[-1][key] = nodes
    return found
