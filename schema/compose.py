"""The one place where the schema is put together, from the core's parts and everybody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from core.db.engine import Dialect
from schema.planner.executor import PlannedExecutor
from schema.planner.generate import Generator
from schema.planner.plan import Planner
from schema.planner.registry import CORE, CompositionError, Registry
from schema.planner.resolve import install
from schema.types import SCALARS

OPERATIONS = {
    "Query": "What can be read.",
    "Mutation": "The acts of the Rules that change something.",
    "Subscription": "What can be watched.",
}


@dataclass(frozen=True)
class Part:
    """Somebody's contribution: strawberry classes whose fields join Query, Mutation, Subscription.

    ``types`` are put into the schema even where no field leads to them.
    """

    owner: str = CORE
    query: type | None = None
    mutation: type | None = None
    subscription: type | None = None
    types: tuple[type, ...] = ()

    def of(self, operation: str) -> type | None:
        contributed: type | None = getattr(self, operation.lower())
        return contributed


class ZhobaSchema(strawberry.Schema):
    """The composed schema; ``catalogue`` is what the planner reads of it."""

    def __init__(self, registry: Registry, parts: Sequence[Part] = (), **options: Any) -> None:
        """Raises :class:`~schema.planner.registry.CompositionError` naming all collisions."""
        self.catalogue = registry.catalogue()
        self.generator = Generator(self.catalogue, Decimal)
        self.operation_fields = operation_fields(parts, self.generator.roots)
        self._planners: dict[Dialect, Planner] = {}
        operations = {
            name: strawberry.type(type(name, (), {}), name=name, description=description)
            for name, description in OPERATIONS.items()
            if self.operation_fields[name]
        }
        super().__init__(
            query=operations["Query"],
            mutation=operations.get("Mutation"),
            subscription=operations.get("Subscription"),
            types=[*self.generator.types, *(type_ for part in parts for type_ in part.types)],
            config=StrawberryConfig(scalar_map=SCALARS),
            execution_context_class=PlannedExecutor,
            **options,
        )
        install(self.graphql, self.generator)

    def process_errors(self, *_: Any) -> None:
        """The edge reports errors by code; strawberry would log their texts, and rows in them."""

    @property
    def graphql(self) -> GraphQLSchema:
        """The schema as graphql-core knows it."""
        return self._schema

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """Strawberry's hook: the fields of a type, bound ones from the planner."""
        if type_definition.name in self.operation_fields:
            return self.operation_fields[type_definition.name]
        generated = self.generator.fields(type_definition)
        return type_definition.fields if generated is None else generated

    def planner(self, dialect: Dialect) -> Planner:
        """The planner of this schema for a database; one for the process, with its plans."""
        if dialect not in self._planners:
            self._planners[dialect] = Planner(self.catalogue, dialect)
        return self._planners[dialect]


def operation_fields(
    parts: Sequence[Part], planned: Sequence[StrawberryField]
) -> dict[str, list[StrawberryField]]:
    """The fields of Query, Mutation and Subscription; every name once."""
    fields: dict[str, list[StrawberryField]] = {name: [] for name in OPERATIONS}
    owners: dict[tuple[str, str], str] = {}
    problems: list[str] = []
    fields["Query"].extend(planned)
    owners |= {("Query", graphql_name(field)): "the planner" for field in planned}
    for part in parts:
        for operation in OPERATIONS:
            contributed = part.of(operation)
            if contributed is None:
                continue
            for field in contributed.__strawberry_definition__.fields:  # type: ignore[attr-defined]
                place = (operation, graphql_name(field))
                if place in owners:
                    problems.append(
                        f"{operation}.{place[1]} is added by {owners[place]} and by {part.owner}"
                    )
                    continue
                owners[place] = part.owner
                fields[operation].append(field)
    if problems:
        raise CompositionError(problems)
    return fields


def graphql_name(field: StrawberryField) -> str:
    return StrawberryConfig().name_converter.get_graphql_name(field)
