"""Queries that are nothing but planned root fields: their answer is the statements' texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLID,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
)
from graphql.execution.values import VariableValues, get_variable_values
from graphql.language import DocumentNode, FragmentDefinitionNode

from schema.planner.access import Policy
from schema.planner.plan import Asker, Operation, Planner, Ready, document_hash
from schema.planner.registry import ById, Catalogue, Root

UNFINISHED = ("NaN", "Infinity")
"""Marks no finished text holds, outside the strings of data: a value that is denied or switched
off. A name that contains one of the words only costs the long way."""


@dataclass(frozen=True)
class Part:
    """One field of Query under its response key; no root: ``__typename``."""

    key: str
    root: Root | None
    nodes: Sequence[FieldNode]


@dataclass(frozen=True)
class WholeQuery:
    """A query of planned fields only, in the order of its answer."""

    schema: GraphQLSchema
    operation: Operation
    parent: GraphQLObjectType
    parts: tuple[Part, ...]
    leaves: Mapping[str, Callable[[Any], Any]] | None
    """How each variable is coerced, where all of them are texts, ids or enumerations."""

    def ready(
        self, planner: Planner, policy: Policy, asker: Asker, given: Mapping[str, Any]
    ) -> list[Ready] | None:
        """The plan of every field with its parameters; none where one of them is not finished.

        None also where the variables do not fit. Raises
        :class:`~core.errors.InvalidInput` for arguments that are none.
        """
        values = self.variables(given)
        if values is None:
            return None
        operation = self.operation.under(values)
        found = []
        for part in self.parts:
            if part.root is None:
                continue
            one = planner.root(
                operation, part.key, part.root, self.parent, part.nodes, policy, asker
            )
            if not one.plan.finished:
                return None
            found.append(one)
        return found

    def variables(self, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The coerced values of the operation's variables; none where they do not fit."""
        if self.leaves is not None:
            # Ids, texts and names of enumerations, as in nearly all requests.
            values: dict[str, Any] = {}
            for name, coerce in self.leaves.items():
                value = given.get(name)
                if type(value) is not str:
                    break
                try:
                    values[name] = coerce(value)
                except GraphQLError:
                    break
            else:
                return values
        definitions = self.operation.node.variable_definitions or ()
        coerced = get_variable_values(self.schema, definitions, dict(given), 1)
        return coerced.coerced if isinstance(coerced, VariableValues) else None

    def answer(self, texts: Sequence[str]) -> str | None:
        """The whole answer; none where it needs errors beside the data."""
        waiting = iter(texts)
        fields = []
        for part in self.parts:
            if part.root is None:
                fields.append(f'"{part.key}":"{self.parent.name}"')
                continue
            text = next(waiting)
            if text == "null" and isinstance(part.root, ById):
                return None
            if any(mark in text for mark in UNFINISHED):
                return None
            fields.append(f'"{part.key}":{text}')
        return '{"data":{' + ",".join(fields) + "}}"


def whole_query(
    schema: GraphQLSchema,
    catalogue: Catalogue,
    document: DocumentNode,
    node: OperationDefinitionNode,
    text: str,
) -> WholeQuery | None:
    """The query as planned fields; none for anything else than a query of them."""
    parent = schema.query_type
    if node.operation is not OperationType.QUERY or parent is None or node.directives:
        return None
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    operation = Operation(
        schema=schema,
        document=document_hash(node, text),
        node=node,
        fragments=fragments,
        variables={},
        letters=len(text),
    )
    selector = operation.selector()
    selected = selector.fields(parent, [node.selection_set])
    if selector.guards or not selected:
        return None
    parts = []
    for key, nodes in selected.items():
        name = nodes[0].name.value
        root = catalogue.roots.get(name)
        if root is None and name != "__typename":
            return None
        parts.append(Part(key, root, nodes))
    return WholeQuery(schema, operation, parent, tuple(parts), leaves_of(schema, node))


def leaves_of(
    schema: GraphQLSchema, node: OperationDefinitionNode
) -> Mapping[str, Callable[[Any], Any]] | None:
    """How to coerce each variable of an operation; none where one is more than a text."""
    found: dict[str, Callable[[Any], Any]] = {}
    for definition in node.variable_definitions or ():
        wanted = definition.type
        if isinstance(wanted, NonNullTypeNode):
            wanted = wanted.type
        type_ = (
            schema.type_map.get(wanted.name.value) if isinstance(wanted, NamedTypeNode) else None
        )
        if not isinstance(type_, GraphQLEnumType) and type_ not in (GraphQLID, GraphQLString):
            return None
        assert isinstance(type_, GraphQLScalarType | GraphQLEnumType)
        found[definition.variable.name.value] = type_.parse_value
    return found
