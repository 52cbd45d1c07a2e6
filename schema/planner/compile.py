"""Objects and relations as SQL that yields JSON text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLObjectType
from sqlalchemy import ColumnElement, case, func, select

from core.db.base import FALLBACK
from schema.planner.access import Access, both, gate, is_false, is_true
from schema.planner.aggregate import compile_stats
from schema.planner.binding import (
    MEMBER,
    Amount,
    Computed,
    Connection,
    Fact,
    Field,
    Identity,
    Level,
    Many,
    Name,
    Names,
    One,
    Stats,
    Value,
)
from schema.planner.connection import compile_connection
from schema.planner.elements import (
    DENIED,
    NULL,
    Piece,
    Quoted,
    as_text,
    cat,
    folded_together,
    joined,
    json_value,
    money_object,
    or_empty,
    text_literal,
)
from schema.planner.registry import Bound, Group, Target
from schema.planner.row import BaseRow, Row, column_of, sql_of
from schema.planner.selection import Arguments
from schema.planner.statement import Statement, View

COMPUTED = "!"
"""Before the response key: the columns of a field computed in Python."""


class Section:
    """Fields of an object, those of one level together: the reader's right is asked for once."""

    def __init__(self, noun: Bound, row: BaseRow, access: Access) -> None:
        self.noun, self.row, self.access = noun, row, access
        self.entries: list[list[Piece]] = []
        self.keys: list[str] = []
        self.guarded: dict[Level | str, tuple[list[Piece], list[tuple[str, Piece]]]] = {}

    def add(self, level: Level | str, key: str, text: Piece) -> None:
        """A field with its value."""
        self.keys.append(key)
        if is_true(self.access.readable(self.noun, level, self.row)):
            self.entries.append([f'"{key}":', text])
            return
        if level not in self.guarded:
            place: list[Piece] = []
            self.entries.append(place)
            self.guarded[level] = (place, [])
        self.guarded[level][1].append((key, text))

    def pieces(self) -> list[Piece]:
        """All fields with commas between them; ask for it last, and once."""
        for level, (place, fields) in self.guarded.items():
            place.append(self.shown(level, fields))
        return joined(self.entries)

    def shown(self, level: Level | str, fields: Sequence[tuple[str, Piece]]) -> Piece:
        """Fields of one level: their values, or the mark that the reader may not read them."""
        denied = ",".join(f'"{key}":{DENIED}' for key, _ in fields)
        readable = self.access.readable(self.noun, level, self.row)
        if is_false(readable):
            return denied
        shown = cat(joined([[f'"{key}":', text] for key, text in fields]))
        return case((readable, shown), else_=text_literal(denied))


@dataclass
class Objects:
    """Compiles objects and their fields for one statement."""

    statement: Statement

    def __post_init__(self) -> None:
        self.statement.reference = self.reference

    def reference(
        self, target: Target, nodes: Sequence[FieldNode], *, once: bool = False
    ) -> tuple[View, int]:
        """The level of an object that some field leads to, and the cost of one such object."""
        if isinstance(target, Bound):
            return self.noun(target, nodes, once=once)
        return self.group(target, nodes)

    def noun(
        self,
        noun: Bound,
        nodes: Sequence[FieldNode],
        *,
        tagged: bool = False,
        once: bool = False,
    ) -> tuple[View, int]:
        """The level of an object of a known type; ``tagged`` objects say which."""
        view = self.statement.view(noun)
        view.row.once = once
        view.object, cost = self.object(noun, view.row, nodes, tagged=tagged)
        return view, cost

    def group(self, group: Group, nodes: Sequence[FieldNode]) -> tuple[View, int]:
        """The level of an object behind an interface: its kind decides."""
        view = self.statement.view(group)
        kind = group.interface.kind
        if kind is None:
            raise LookupError(f"{group.name} has no kinds")
        members = []
        most = 0
        for member in group.members.values():
            inner, cost = self.noun(member, nodes, tagged=True)
            same = inner[member.key] == view.row[group.key]
            text = select(inner.text).select_from(inner.cte()).where(same)
            members.append((view.row[kind] == member.binding.kind, text.scalar_subquery()))
            most = max(most, cost)
        view.object = case(*members, else_=text_literal(NULL))
        return view, most

    def object(
        self, noun: Bound, row: BaseRow, nodes: Sequence[FieldNode], *, tagged: bool
    ) -> tuple[ColumnElement[str], int]:
        """The text of an object over ``row``, and its cost.

        The fields of one plugin stand together, so that its gate is asked for once.
        """
        type_ = self.statement.type(noun.name)
        own = Section(noun, row, self.statement.access)
        if tagged:
            own.entries.append([f'"{MEMBER}":"{noun.name}"'])
        self.statement.finished &= not tagged
        gated: dict[str, tuple[list[Piece], Section]] = {}
        cost = 1
        for key, same in self.statement.selector.collect(type_, nodes).items():
            name = same[0].name.value
            if name == "__typename":
                own.entries.append([f'"{key}":"{noun.name}"'])
                continue
            item = noun.fields[name]
            plugin = noun.gate_of(name)
            section = own
            if plugin is not None:
                if plugin not in gated:
                    place: list[Piece] = []
                    own.entries.append(place)
                    gated[plugin] = place, Section(noun, row, self.statement.access)
                section = gated[plugin][1]
            text, inner_cost = self.field(item, type_, row, same)
            cost += inner_cost
            section.add(item.level, COMPUTED + key if isinstance(item, Computed) else key, text)
        for plugin, (place, section) in gated.items():
            off = ",".join(f'"{key}":{NULL}' for key in section.keys)
            is_on = gate(plugin, noun, row)
            place.append(case((is_on, cat(section.pieces())), else_=text_literal(off)))
        return cat(["{", *own.pieces(), "}"]), cost

    def field(
        self, item: Field, parent: GraphQLObjectType, row: BaseRow, nodes: Sequence[FieldNode]
    ) -> tuple[Piece, int]:
        """The value of one field as JSON text, and its cost beyond the object's own."""
        if isinstance(item, Value):
            return json_value(sql_of(item.source, row), item.type, nullable=item.nullable), 0
        if isinstance(item, Identity):
            noun = self.statement.catalogue.nouns[parent.name]
            return cat([f'"{parent.name}:', as_text(row[noun.key]), '"']), 0
        if isinstance(item, Name):
            return self.name(item, parent, row, nodes[0]), 0
        if isinstance(item, Names):
            return self.names(item, parent, row, nodes), 0
        if isinstance(item, Amount):
            return self.amount(item, parent, row, nodes), 0
        if isinstance(item, One):
            return self.one(item, row, nodes)
        if isinstance(item, Many):
            return self.many(item, row, nodes)
        if isinstance(item, Connection):
            return compile_connection(self.statement, item, parent, row, nodes)
        if isinstance(item, Stats):
            return compile_stats(self.statement, item, parent, row, nodes)
        if isinstance(item, Computed):
            self.statement.finished = False
            values = [[input_value(row, source)] for source in item.columns]
            return cat(["[", *joined(values), "]"]), 0
        raise TypeError(f"{item!r} cannot be read")

    def name(
        self, item: Name, parent: GraphQLObjectType, row: Row, node: FieldNode
    ) -> ColumnElement[str]:
        """A text in the language asked for, or in the one that stands in for it."""

        def read(arguments: dict[str, Any]) -> Arguments:
            language = arguments.get("lang")
            return Arguments(None if language is None else language.name.lower())

        shape, _ = self.statement.arguments(parent, node, read)
        languages = FALLBACK[shape or self.statement.language]
        return Quoted(func.coalesce(*(row[item.columns[code]] for code in languages)))

    def names(
        self, item: Names, parent: GraphQLObjectType, row: Row, nodes: Sequence[FieldNode]
    ) -> ColumnElement[str]:
        """Every translation as it is stored."""
        type_ = self.statement.field_type(parent, nodes[0].name.value)
        entries: list[list[Piece]] = []
        for key, same in self.statement.selector.collect(type_, nodes).items():
            code = same[0].name.value
            if code == "__typename":
                entries.append([f'"{key}":"{type_.name}"'])
            else:
                entries.append([f'"{key}":', column_value(row, item.columns[code])])
        return cat(["{", *joined(entries), "}"])

    def amount(
        self, item: Amount, parent: GraphQLObjectType, row: Row, nodes: Sequence[FieldNode]
    ) -> ColumnElement[str]:
        """Money, or null where there is no amount."""
        type_ = self.statement.field_type(parent, nodes[0].name.value)
        minor = sql_of(item.minor, row)
        shown = money_object(
            self.statement.selector.collect(type_, nodes), minor, sql_of(item.currency, row)
        )
        if not item.nullable:
            return shown
        return case((minor.is_(None), text_literal(NULL)), else_=shown)

    def one(
        self, item: One, row: Row | None, nodes: Sequence[FieldNode]
    ) -> tuple[ColumnElement[str], int]:
        """The object related to ours, or null."""
        target = self.statement.catalogue.target(item.to)
        once = row.once if isinstance(row, BaseRow) else row is None
        view, cost = self.statement.reference(target, nodes, once=once)
        theirs = self.statement.linked(view, item.link)
        condition = both(item.on(row or NO_ROW, theirs), self.statement.visible(target, theirs))
        found = select(view.text).select_from(*theirs.source()).where(condition)
        return func.coalesce(found.scalar_subquery(), text_literal(NULL)), cost

    def many(
        self, item: Many, row: Row, nodes: Sequence[FieldNode]
    ) -> tuple[ColumnElement[str], int]:
        """The objects related to ours, in order."""
        target = self.statement.catalogue.target(item.to)
        view, cost = self.statement.reference(target, nodes)
        theirs = self.statement.linked(view, item.link)
        condition = both(item.on(row, theirs), self.statement.visible(target, theirs))
        keys = [*(item.order(theirs) if item.order else ()), theirs[target.key]]
        # The order travels beside the text, because SQLite folds an ordered derived table.
        ordered = [key.label(f"k{place}") for place, key in enumerate(keys)]
        items = (
            select(view.text.label("o"), *ordered)
            .select_from(*theirs.source())
            .where(condition)
            .order_by(*keys)
            .subquery(f"i{self.statement.number()}")
        )
        columns = [items.c[f"k{place}"] for place in range(len(keys))]
        folded = folded_together(items.c.o, columns, self.statement.dialect)
        listed = select(cat(["[", or_empty(folded), "]"])).select_from(items)
        return listed.scalar_subquery(), item.typical * cost


class _NoRow:
    """Ours, where nothing is around the object: at the root."""

    def __getitem__(self, attribute: Any) -> ColumnElement[Any]:
        raise LookupError(f"there is no row around to take {attribute} from")


NO_ROW = _NoRow()


def column_value(row: Row, attribute: Any) -> ColumnElement[str]:
    column = column_of(attribute)
    return json_value(row[attribute], column.type, nullable=column.nullable)


def input_value(row: Row, source: Any) -> ColumnElement[str]:
    """What a computed field is worked out from: a column or a fact."""
    if isinstance(source, Fact):
        return json_value(source.sql(row), source.type, nullable=True)
    return column_value(row, source)
