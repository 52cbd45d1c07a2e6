"""The one place where the schema is put together, from the core's parts and everybody else's."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from core.db.engine import Dialect
from schema.composition import Operation
from schema.gate import put_gate
from schema.limits.branches import SHARED
from schema.names import graphql_name
from schema.planner.executor import PlannedExecutor
from schema.planner.generate import Generator
from schema.planner.plan import Planner
from schema.planner.registry import CORE, Registry
from schema.planner.resolve import install
from schema.planner.sharing import shared_fields
from schema.types import SCALARS

OPERATIONS = {
    "Query": "What can be read.",
    "Mutation": "The acts of the Rules that change something.",
    "Subscription": "What can be watched.",
}


class ZhobaSchema(strawberry.Schema):
    """The composed schema; ``catalogue`` is what the planner reads of it."""

    def __init__(
        self,
        registry: Registry,
        operations: Sequence[Operation] = (),
        types: Sequence[type] = (),
        **options: Any,
    ) -> None:
        """``types`` are put into the schema even where no field leads to them.

        Raises :class:`~schema.planner.registry.CompositionError` for bindings that do not fit
        together; :func:`schema.platform.compose` looks at all the rest before.
        """
        self.catalogue = registry.catalogue()
        self.generator = Generator(self.catalogue, Decimal)
        self.operation_fields: dict[str, list[StrawberryField]] = {name: [] for name in OPERATIONS}
        self.operation_fields["Query"].extend(self.generator.roots)
        for operation in operations:
            self.operation_fields[operation.kind].append(operation.field)
        self._planners: dict[tuple[Dialect, int], Planner] = {}
        made = {
            name: strawberry.type(type(name, (), {}), name=name, description=description)
            for name, description in OPERATIONS.items()
            if self.operation_fields[name]
        }
        super().__init__(
            query=made["Query"],
            mutation=made.get("Mutation"),
            subscription=made.get("Subscription"),
            types=[*self.generator.types, *types],
            config=StrawberryConfig(scalar_map=SCALARS),
            execution_context_class=PlannedExecutor,
            **options,
        )
        install(self.graphql, self.generator)
        self.graphql.extensions[SHARED] = shared_fields(self.catalogue)
        self.put_gates(operations)

    def put_gates(self, operations: Sequence[Operation]) -> None:
        """Questions of plugins answer only where their plugin is on; acts look by themselves."""
        query = self.graphql.query_type
        for operation in operations:
            if operation.kind == "Query" and operation.owner != CORE and query is not None:
                put_gate(query.fields[graphql_name(operation.field)], operation.owner)

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

    def planner(self, dialect: Dialect, version: int) -> Planner:
        """The planner of this schema for a database of this version; one for the process, with its
        plans."""
        key = dialect, version
        if key not in self._planners:
            self._planners[key] = Planner(self.catalogue, dialect, version)
        return self._planners[key]
