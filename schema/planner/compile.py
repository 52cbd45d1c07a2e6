"""Objects and relations as SQL that yields JSON text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import strawberry
from graphql import FieldNode, GraphQLObjectType
from sqlalchemy import ColumnElement, func, literal_column, select

from core.db.base import FALLBACK
from schema.limits.branches import SHARED
from schema.planner.access import Access, both, is_false, is_true
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
    NULL,
    Choice,
    Coalesce,
    OrNull,
    Piece,
    Quoted,
    Same,
    as_text,
    cat,
    folded_together,
    joined,
    json_value,
    money_object,
    or_empty,
    text_literal,
)
from schema.planner.generate import action_of
from schema.planner.level import LookUp
from schema.planner.marks import DENIED, END, PERSONAL, WORK, begin, mark
from schema.planner.registry import Bound, Group, Target
from schema.planner.row import BaseRow, Row, column_of
from schema.planner.selection import Arguments
from schema.planner.sharing import MemberRow, Selected, segments, shared_keys
from schema.planner.statement import Statement, View
from schema.planner.working import Work


@dataclass(frozen=True)
class Guard:
    """What stands before a field: a plugin that must be on, a level the reader must hold."""

    plugin: str | None
    level: Level | str | None


@dataclass(frozen=True)
class Shown:
    """A field with its value, and what stands there for who may not read it; ``cheap`` says that
    writing the value twice costs nothing."""

    key: str
    text: Piece
    guard: Guard
    cheap: bool
    denied: str

    def entry(self, value: Piece) -> list[Piece]:
        return [f'"{self.key}":', value]


OPEN = Guard(None, None)


class Fields:
    """The fields of one object in the order selected.

    A guard is asked for once as long as only cheap open fields lie between those behind it.
    """

    def __init__(self, noun: Bound, row: BaseRow, statement: Statement) -> None:
        self.noun, self.row, self.statement = noun, row, statement
        self.fields: list[Shown] = []

    @property
    def access(self) -> Access:
        return self.statement.access

    def open(self, key: str, text: Piece) -> None:
        """Something that whoever sees the object may read."""
        self.fields.append(Shown(key, text, OPEN, True, NULL))

    def add(self, key: str, item: Field, text: Piece, nodes: Sequence[FieldNode]) -> None:
        """A field with its value, selected by ``nodes``."""
        plugin, level, denied = self.noun.gate_of(item.name), None, NULL
        if not is_true(self.access.readable(self.noun, item.level, self.row)):
            level = item.level
            denied = mark(DENIED, self.statement.denial(action_of(self.noun, item) or "", nodes))
        self.fields.append(Shown(key, text, Guard(plugin, level), is_cheap(item), denied))

    def pieces(self) -> list[Piece]:
        """All fields with commas between them."""
        return joined([[self.shown(guard, fields)] for guard, fields in self.runs()])

    def runs(self) -> list[tuple[Guard, list[Shown]]]:
        """The fields cut where another guard begins; open ones may lie inside a run."""
        runs: list[tuple[Guard, list[Shown]]] = []
        for field in self.fields:
            guards = [guard for guard, _ in runs[-2:]]
            if guards[-1:] == [field.guard]:
                runs[-1][1].append(field)
            elif guards == [field.guard, OPEN] and all(open.cheap for open in runs[-1][1]):
                _, between = runs.pop()
                runs[-1][1].extend([*between, field])
            else:
                runs.append((field.guard, [field]))
        return runs

    def shown(self, guard: Guard, fields: Sequence[Shown]) -> Piece:
        """A run of fields: their values, the mark of what is denied, null where a plugin is off."""
        text: Piece = cat(joined([field.entry(field.text) for field in fields]))
        if guard.level is not None:
            readable = self.access.readable(self.noun, guard.level, self.row)
            denied = hidden([(field, field.denied) for field in fields])
            text = denied if is_false(readable) else Choice((readable, text), otherwise=denied)
        if guard.plugin is not None:
            is_on = self.access.gate(guard.plugin, self.noun, self.row)
            text = Choice((is_on, text), otherwise=hidden([(field, NULL) for field in fields]))
        return text


def hidden(fields: Sequence[tuple[Shown, str]]) -> ColumnElement[str]:
    """The fields of a run with these values for those behind its guard."""
    return cat(
        joined(
            [field.entry(field.text if field.guard == OPEN else value) for field, value in fields]
        )
    )


def is_cheap(item: Field) -> bool:
    """Whether the value of a field is a column or two."""
    if isinstance(item, Value):
        return not callable(item.source)
    return isinstance(item, Identity | Name | Names)


@dataclass
class Objects:
    """Compiles objects and their fields for one statement."""

    statement: Statement

    def __post_init__(self) -> None:
        self.statement.reference = self.reference
        self.statement.inline = self.inline

    def reference(
        self, target: Target, nodes: Sequence[FieldNode], *, once: bool = False
    ) -> tuple[View, int]:
        """The level of an object that some field leads to, and the cost of one such object."""
        if isinstance(target, Bound):
            return self.noun(target, nodes, once=once)
        return self.group(target, nodes)

    def inline(
        self, noun: Bound, row: BaseRow, nodes: Sequence[FieldNode]
    ) -> tuple[ColumnElement[str], int]:
        """The text of an object over a row that is read anyway."""
        return self.object(noun, row, nodes, tagged=False)

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
        """The level of an object behind an interface: its kind decides, but for what all kinds
        have alike."""
        view = self.statement.view(group)
        selector = self.statement.selector
        selected: dict[str, Selected] = {
            name: selector.collect(self.statement.type(name), nodes) for name in group.members
        }
        shared = selector.schema.extensions.get(SHARED, {}).get(group.name, frozenset())
        keys = shared_keys(group, shared, selected)
        parts = {name: segments(of_kind, keys) for name, of_kind in selected.items()}
        if not keys:
            whole = {name: part for name, (part,) in parts.items()}
            view.object, cost = self.by_kind(group, view, whole, tagged=self.statement.tags())
            return view, 1 + cost
        first = next(iter(group.members.values()))
        ours = MemberRow(view.row, group, first)
        type_ = self.statement.type(first.name)
        pieces: list[Piece] = []
        cost = 1
        for place in range(len(keys) + 1):
            tagged = place == 0 and self.statement.tags()
            of_kind = {name: part[place] for name, part in parts.items()}
            if tagged or any(of_kind.values()):
                text, most = self.by_kind(group, view, of_kind, tagged=tagged, part=True)
                pieces.append(text)
                cost += most
            if place < len(keys):
                same = selected[first.name][keys[place]]
                item = first.fields[same[0].name.value]
                inner, more = self.field(item, type_, ours, same)
                pieces += [f',"{keys[place]}":', inner]
                cost += more
        # Every part begins with a comma, and any but the shared ones may be empty.
        view.object = cat(["{", func.substr(cat(pieces), literal_column("2")), "}"])
        return view, cost

    def by_kind(
        self,
        group: Group,
        view: View,
        selected: Mapping[str, Selected],
        *,
        tagged: bool,
        part: bool = False,
    ) -> tuple[ColumnElement[str], int]:
        """The text of what each kind selects, and the most it may cost.

        It stands between braces, or behind a comma where it is only a ``part`` of the object.
        """
        kind = group.interface.kind
        if kind is None:
            raise LookupError(f"{group.name} has no kinds")
        begin, end = (",", "") if part else ("{", "}")
        cases = []
        most = 0
        for name, member in group.members.items():
            if part and not selected[name] and not tagged:
                continue
            inner = self.statement.view(member)
            pieces, cost = self.fields(member, inner.row, selected[name], tagged=tagged)
            inner.object = cat([begin, *pieces, end])
            ours = Same(inner[member.key], view.row[group.key])
            text = LookUp(inner.text, [inner.source()], ours)
            assert member.binding.kind is not None
            named = Same(view.row[kind], text_literal(member.binding.kind.name))
            cases.append((named, text))
            most = max(most, cost)
        missing = text_literal("" if part else NULL)
        return Choice(*cases, otherwise=missing), most

    def object(
        self, noun: Bound, row: BaseRow, nodes: Sequence[FieldNode], *, tagged: bool
    ) -> tuple[ColumnElement[str], int]:
        """The text of an object over ``row``, and its cost."""
        selected = self.statement.selector.collect(self.statement.type(noun.name), nodes)
        pieces, cost = self.fields(noun, row, selected, tagged=tagged)
        return cat(["{", *pieces, "}"]), 1 + cost

    def fields(
        self, noun: Bound, row: BaseRow, selected: Selected, *, tagged: bool
    ) -> tuple[list[Piece], int]:
        """The fields of an object with commas between them, and their cost."""
        type_ = self.statement.type(noun.name)
        fields = Fields(noun, row, self.statement)
        if tagged:
            fields.open(MEMBER, f'"{noun.name}"')
        cost = 0
        for key, nodes_of_key in selected.items():
            name = nodes_of_key[0].name.value
            if name == "__typename":
                fields.open(key, f'"{noun.name}"')
                continue
            item = noun.fields[name]
            text, inner_cost = self.field(item, type_, row, nodes_of_key)
            cost += inner_cost
            if isinstance(item, Computed):
                number = self.statement.work(Work(item, type_, tuple(nodes_of_key)))
                text = cat([begin(WORK, f"{number}:"), text, END])
            if item.level is Level.PERSONAL or noun.binding.logged:
                # Whose it is, and what: such reads are written down.
                self.statement.personal = True
                whose = begin(PERSONAL, f"{noun.name}:")
                text = cat([text, whose, as_text(row[noun.key]), f" {name}{END}"])
            fields.add(key, item, text, nodes_of_key)
        return fields.pieces(), cost

    def field(
        self, item: Field, parent: GraphQLObjectType, row: Row, nodes: Sequence[FieldNode]
    ) -> tuple[Piece, int]:
        """The value of one field as JSON text, and its cost beyond the object's own."""
        if isinstance(item, Value):
            sql = self.statement.access.sql(item.source, row)
            if item.shown_as is strawberry.ID:
                # An ID is a text in every answer, whatever it is in its column.
                return json_value(as_text(sql), sa.Text(), nullable=item.nullable), 0
            return json_value(sql, item.type, nullable=item.nullable), 0
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
            values = [[input_value(row, source)] for source in item.columns]
            return cat(["[", *joined(values), "]"]), 0
        raise TypeError(f"{item!r} cannot be read")

    def name(
        self, item: Name, parent: GraphQLObjectType, row: Row, node: FieldNode
    ) -> ColumnElement[str]:
        """A text in the language asked for, or in the one that stands in for it."""

        def read(arguments: dict[str, Any]) -> Arguments:
            language = arguments.get("lang")
            return None if language is None else language.name.lower(), ()

        shape, _ = self.statement.arguments(parent, node, read)
        languages = FALLBACK[shape or self.statement.language]
        return Quoted(Coalesce(*(row[item.columns[code]] for code in languages)))

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
        minor = self.statement.access.sql(item.minor, row)
        selected = self.statement.selector.collect(type_, nodes)
        currency = self.statement.access.sql(item.currency, row)
        shown = money_object(selected, minor, currency)
        if not item.nullable:
            return shown
        if any(same[0].name.value == "amount" for same in selected.values()):
            return OrNull([shown])
        return Choice((minor.is_(None), text_literal(NULL)), otherwise=shown)

    def one(
        self, item: One, row: Row | None, nodes: Sequence[FieldNode]
    ) -> tuple[ColumnElement[str], int]:
        """The object related to ours, or null."""
        target = self.statement.catalogue.target(item.to)
        once = row.once if isinstance(row, BaseRow) else row is None
        view, cost = self.statement.reference(target, nodes, once=once)
        theirs = self.statement.linked(view, item.link)
        condition = both(item.on(row or NO_ROW, theirs), self.statement.visible(target, theirs))
        found = LookUp(view.text, theirs.source(), condition)
        return Coalesce(found, text_literal(NULL)), cost

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
