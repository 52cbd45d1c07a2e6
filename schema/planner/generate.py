"""GraphQL types made from bindings: objects, pages, filters, orders, statistics.

Everything the planner reads has its type made here, so that types and plans cannot drift apart.
Strawberry builds the schema through its hook ``Schema.get_fields``.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Optional

import sqlalchemy as sa
import strawberry
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.scalars import JSON
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

from core.db.types import UtcDateTime
from schema.planner.binding import (
    Amount,
    Computed,
    Condition,
    Connection,
    Field,
    Filter,
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
from schema.planner.connection import LARGEST_PAGE, USUAL_PAGE
from schema.planner.filters import Family, family_of
from schema.planner.registry import (
    Bound,
    ById,
    ByIds,
    Catalogue,
    Group,
    Page,
    Root,
    Target,
    group_field,
    screaming,
)
from schema.types import Direction, Language, enum_type, is_enum

Annotation = Any

OPERATORS = {
    "eq": "Equal to this.",
    "in": "Equal to one of these.",
    "lt": "Less than this, or before it.",
    "lte": "At most this, or not after it.",
    "gt": "Greater than this, or after it.",
    "gte": "At least this, or not before it.",
    "isNull": "True: only where there is no value. False: only where there is one.",
    "contains": "Contains this text; case and Kazakh letters do not matter (қ is found by к).",
}

LIST_ARGUMENTS = (
    ("first", Optional[int], f"How many from the start, 1 to {LARGEST_PAGE}; {USUAL_PAGE} if"
     " neither first nor last is given."),
    ("after", Optional[str], "Only what follows this cursor."),
    ("last", Optional[int], f"How many from the end, 1 to {LARGEST_PAGE}."),
    ("before", Optional[str], "Only what precedes this cursor."),
)  # fmt: skip


def output(
    name: str,
    annotation: Annotation,
    description: str,
    *,
    arguments: Sequence[StrawberryArgument] = (),
    deprecated: str | None = None,
    action: str | None = None,
) -> StrawberryField:
    """A field of an object type; the planner gives it its resolver."""
    made = StrawberryField(
        python_name=name,
        graphql_name=name,
        type_annotation=StrawberryAnnotation(annotation),
        description=description,
        deprecation_reason=deprecated,
        metadata={"action": action} if action else None,
    )
    made.arguments = list(arguments)
    return made


def argument(
    name: str, annotation: Annotation, description: str, default: object = UNSET
) -> StrawberryArgument:
    return StrawberryArgument(
        python_name=name,
        graphql_name=name,
        type_annotation=StrawberryAnnotation(annotation),
        description=description,
        default=default,
    )


def given(
    name: str, annotation: Annotation, description: str, default: object = UNSET
) -> StrawberryField:
    """A field of an input type."""
    return StrawberryField(
        python_name=name,
        graphql_name=name,
        type_annotation=StrawberryAnnotation(annotation),
        description=description,
        default=default,
    )


def object_class(name: str, description: str) -> Annotation:
    return strawberry.type(type(name, (), {}), name=name, description=description)


def input_class(name: str, description: str) -> Annotation:
    return strawberry.input(type(name, (), {}), name=name, description=description)


PAGE_INFO = object_class("PageInfo", "Where a page stands in its list.")
MONEY = object_class("Money", "An exact amount and its currency.")
TRANSLATIONS = object_class("Names", "A text in the languages it is kept in.")

FIXED: dict[str, list[StrawberryField]] = {
    "PageInfo": [
        output("hasNextPage", bool, "Whether something follows this page."),
        output("hasPreviousPage", bool, "Whether something precedes this page."),
        output("startCursor", Optional[str], "Cursor of the first item; null for an empty page."),
        output("endCursor", Optional[str], "Cursor of the last item; null for an empty page."),
    ],
    "Money": [],
    "Names": [
        output("kk", Optional[str], "In Kazakh."),
        output("ru", Optional[str], "In Russian."),
        output("en", Optional[str], "In English."),
    ],
}


class Generator:
    """The types of one schema. Ask :meth:`fields` for those of a strawberry definition."""

    def __init__(self, catalogue: Catalogue, decimal: type) -> None:
        self.catalogue = catalogue
        self.made: dict[str, tuple[Annotation, list[StrawberryField]]] = {}
        for annotation in (PAGE_INFO, MONEY, TRANSLATIONS):
            name = annotation.__strawberry_definition__.name
            self.made[name] = (annotation, FIXED[name])
        self.made["Money"] = (
            MONEY,
            [
                output("amount", decimal, "The amount in whole units, with all its decimals."),
                output("currency", str, "ISO 4217 code of the currency, such as KZT."),
            ],
        )
        for group in catalogue.groups.values():
            self.made[group.name] = (group.interface.type, [])
        for noun in catalogue.nouns.values():
            self.made[noun.name] = (noun.binding.type, [])
        for noun in catalogue.nouns.values():
            self.made[noun.name][1].extend(self.noun_fields(noun))
        for group in catalogue.groups.values():
            self.made[group.name][1].extend(self.group_fields(group))
        self.roots = [self.root(root) for root in catalogue.roots.values()]

    def fields(self, definition: StrawberryObjectDefinition) -> list[StrawberryField] | None:
        """The fields of a type that the planner reads; none for anybody else's type."""
        found = self.made.get(definition.name)
        if found is None or found[0].__strawberry_definition__ is not definition:
            return None
        return found[1]

    @property
    def types(self) -> list[Annotation]:
        """Types to put into the schema even where no field leads to them."""
        return [noun.binding.type for noun in self.catalogue.nouns.values()]

    def noun_fields(self, noun: Bound) -> list[StrawberryField]:
        return [self.field(noun, item) for item in noun.fields.values()]

    def group_fields(self, group: Group) -> list[StrawberryField]:
        """The fields of an interface: those of any member, since all declare them alike."""
        member = next(iter(group.members.values()))
        return [self.field(member, member.fields[name]) for name in group.interface.fields]

    def field(self, noun: Bound, item: Field) -> StrawberryField:
        annotation = self.annotation(noun, item)
        optional = not isinstance(item, Identity) and self.may_be_denied(noun, item)
        return output(
            item.name,
            Optional[annotation] if optional else annotation,
            item.description,
            arguments=self.arguments(item),
            deprecated=item.deprecated,
            action=action_of(noun, item),
        )

    def may_be_denied(self, noun: Bound, item: Field) -> bool:
        """Whether the row may be seen without this field: by its reader, or where it lies."""
        if noun.gate_of(item.name) is not None:
            return True
        if isinstance(item.level, str) or item.level is Level.PERSONAL:
            return True
        binding = noun.binding
        return item.level is Level.FULL and Level.BASIC in binding.levels

    def annotation(self, noun: Bound, item: Field) -> Annotation:
        """The GraphQL type of a field whose value may be read."""
        if isinstance(item, Identity):
            return strawberry.ID
        if isinstance(item, Value):
            shown = item.shown_as if item.shown_as is not None else scalar(item.type)
            return Optional[shown] if item.nullable else shown
        if isinstance(item, Name):
            return str
        if isinstance(item, Names):
            return TRANSLATIONS
        if isinstance(item, Amount):
            return Optional[MONEY] if item.nullable else MONEY
        if isinstance(item, Computed):
            return item.type
        if not isinstance(item, Relation):
            raise TypeError(f"{noun.name}.{item.name} has no GraphQL type")
        target = self.catalogue.target(item.to)
        if isinstance(item, One):
            return Optional[self.type(target)]
        if isinstance(item, Many):
            return list[self.type(target)]  # type: ignore[misc]
        if isinstance(item, Stats):
            return self.stats(target)
        return self.connection(target)

    def arguments(self, item: Field) -> list[StrawberryArgument]:
        if isinstance(item, Name):
            return [
                argument("lang", Optional[Language], "In this language; else in the request's.")
            ]
        if isinstance(item, Connection):
            return self.list_arguments(self.catalogue.target(item.to))
        if isinstance(item, Stats):
            return self.where_arguments(self.catalogue.target(item.to))
        return []

    def type(self, target: Target) -> Annotation:
        return target.binding.type if isinstance(target, Bound) else target.interface.type

    def list_arguments(self, target: Target) -> list[StrawberryArgument]:
        arguments = [argument(*described) for described in LIST_ARGUMENTS]
        arguments += self.where_arguments(target)
        if target.sortable:
            arguments.append(
                argument(
                    "orderBy",
                    Optional[list[self.order(target)]],  # type: ignore[misc]
                    "Sorted by these, one after the other, and by the id in the end.",
                )
            )
        return arguments

    def where_arguments(self, target: Target) -> list[StrawberryArgument]:
        if not target.filterable:
            return []
        return [argument("where", Optional[self.where(target)], "Only what passes this filter.")]

    def make(self, name: str, annotation: Annotation) -> list[StrawberryField]:
        """Reserve a type before its fields, which may lead back to it."""
        fields: list[StrawberryField] = []
        self.made[name] = (annotation, fields)
        return fields

    def connection(self, target: Target) -> Annotation:
        name = f"{target.name}Connection"
        if name not in self.made:
            made = object_class(name, f"A page of a list of {target.name}.")
            fields = self.make(name, made)
            edge: Any = object_class(
                f"{target.name}Edge", f"A {target.name} and its place in a list."
            )
            self.make(f"{target.name}Edge", edge).extend(
                [
                    output("cursor", str, "The place, for after and before."),
                    output("node", self.type(target), "The object."),
                ]
            )
            fields += [
                output("edges", list[edge], "The items of the page with their cursors."),
                output(
                    "nodes",
                    list[self.type(target)],  # type: ignore[misc]
                    "The items of the page.",
                ),
                output("pageInfo", PAGE_INFO, "Whether there is more, and where to go on."),
                output("totalCount", int, "How many there are in the whole list."),
                output("stats", self.stats(target), "Counts and sums over the whole list."),
            ]
        return self.made[name][0]

    def stats(self, target: Target) -> Annotation:
        name = f"{target.name}Stats"
        if name not in self.made:
            made = object_class(name, f"Counts and sums over a list of {target.name}.")
            fields = self.make(name, made)
            fields.append(output("count", int, "How many there are."))
            totals = [
                output(
                    amount.name,
                    list[MONEY],  # type: ignore[valid-type]
                    f"Sums by currency of what the reader may read. {amount.description}",
                )
                for amount in target.totals.values()
            ]
            fields += totals
            for value in target.groups.values():
                fields.append(
                    output(
                        group_field(value.name),
                        list[self.group_stats(target, value, totals)],  # type: ignore[misc]
                        f"The same for each value of {value.name}, in their order.",
                    )
                )
        return self.made[name][0]

    def group_stats(
        self, target: Target, value: Value, totals: Sequence[StrawberryField]
    ) -> Annotation:
        name = f"{target.name}{value.name[:1].upper()}{value.name[1:]}Stats"
        made = object_class(name, f"Counts and sums over {target.name} of one {value.name}.")
        shown = value.shown_as if value.shown_as is not None else scalar(value.type)
        self.make(name, made).extend(
            [
                output(value.name, Optional[shown], value.description),
                output("count", int, "How many there are."),
                *totals,
            ]
        )
        return made

    def where(self, target: Target) -> Annotation:
        name = f"{target.name}Where"
        if name not in self.made:
            made = input_class(
                name,
                f"A filter of {target.name}: all fields given must hold. A comparison with a"
                " value that is missing, or that the reader may not read, never holds, nor does"
                " its negation.",
            )
            fields = self.make(name, made)
            several = Optional[list[made]]  # type: ignore[valid-type]
            fields += [
                given("and", several, "All of these hold."),
                given("or", several, "At least one of these holds."),
                given("not", Optional[made], "This does not hold."),
            ]
            fields += [self.condition(item) for item in target.filterable.values()]
        return self.made[name][0]

    def condition(self, item: Field | Filter) -> StrawberryField:
        if isinstance(item, Under):
            return given(item.name, Optional[strawberry.ID], item.description)
        if isinstance(item, Condition):
            return given(item.name, Optional[item.type], item.description)
        if isinstance(item, Relation):
            where = self.where(self.catalogue.target(item.to))
            what = (
                "The related object the reader sees is like this."
                if isinstance(item, One)
                else "At least one of them that the reader sees is like this."
            )
            return given(item.name, Optional[where], f"{item.description} {what}")
        return given(item.name, Optional[self.family(family_of(item))], item.description)

    def family(self, family: Family) -> Annotation:
        if family.name not in self.made:
            made = input_class(family.name, "Comparisons; all that are given must hold.")
            fields = self.make(family.name, made)
            one: Any = strawberry.ID if family.annotation is None else family.annotation
            if is_enum(one):
                enum_type(one)
            if family.name == "MoneyFilter":
                fields.append(
                    given("currency", str, "Amounts are compared within this currency only.")
                )
            for operator in family.operators:
                shown: Annotation = one
                if operator == "isNull":
                    shown = bool
                elif operator == "in":
                    shown = list[one]
                fields.append(given(operator, Optional[shown], OPERATORS[operator]))
        return self.made[family.name][0]

    def order(self, target: Target) -> Annotation:
        name = f"{target.name}Order"
        if name not in self.made:
            values = enum.Enum(f"{name}Field", {item: item for item in target.sortable})  # type: ignore[misc]
            values.__strawberry_definition__ = StrawberryEnumDefinition(  # type: ignore[attr-defined]
                wrapped_cls=values,
                name=f"{name}Field",
                values=[
                    EnumValue(screaming(key), values[key].value, description=item.description)
                    for key, item in target.sortable.items()
                ],
                description=f"What a list of {target.name} can be sorted by.",
            )
            made = input_class(name, f"One step of the order of a list of {target.name}.")
            self.make(name, made).extend(
                [
                    given("field", values, "What to sort by."),
                    given(
                        "direction",
                        Direction,
                        "Which way; what has no value comes last either way.",
                        Direction.ASC,
                    ),
                ]
            )
        return self.made[name][0]

    def root(self, root: Root) -> StrawberryField:
        """A field of Query. What is guarded may be absent for the reader, so it is nullable: a
        refusal must not take the other fields of the answer along."""
        target = self.catalogue.target(root.to)
        if isinstance(root, Page):
            annotation, arguments = self.connection(target), self.list_arguments(target)
        elif isinstance(root, ByIds):
            annotation = list[self.type(target) | None]  # type: ignore[misc]
            arguments = [
                argument("ids", list[strawberry.ID], "Ids; the answer keeps them in order.")
            ]
        else:
            annotation = Optional[self.type(target)]
            arguments = [argument("id", strawberry.ID, "Id of the object.")] * isinstance(
                root, ById
            )
        if self.catalogue.root_gate(root.name) is not None:
            annotation = Optional[annotation]
        return output(root.name, annotation, root.description, arguments=arguments)


def action_of(noun: Bound, item: Field) -> str | None:
    """The action that reading a field asks for; none where the noun is public."""
    levels = noun.binding.levels
    if isinstance(item.level, str):
        return item.level
    return levels.get(item.level) or levels.get(Level.FULL)


def scalar(type_: sa.types.TypeEngine[Any]) -> Annotation:
    """The GraphQL type of a column's values."""
    if isinstance(type_, sa.Enum) and type_.enum_class is not None:
        return enum_type(type_.enum_class)
    for column, shown in SCALAR_OF:
        if isinstance(type_, column):
            return shown
    raise TypeError(f"{type_!r} has no GraphQL type")


SCALAR_OF: tuple[tuple[type[Any], Annotation], ...] = (
    (sa.Boolean, bool),
    (sa.Integer, int),
    (sa.Float, float),
    (sa.Date, date),
    (UtcDateTime, datetime),
    (sa.JSON, JSON),
    (sa.String, str),
)
