"""Whether the caller sees what an input names, so that no refusal tells what is there.

A refusal of a verb depends on what it found: "may not" of a hidden person, "no such person" of
none. Whoever tries ids one after the other would learn which exist. So a refused act is judged
again, by what reading would show: when the caller sees one of the ids it gave neither by reading
nor by being allowed something there, that id is not there, whatever the verb said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import strawberry
from graphql import DocumentNode, GraphQLObjectType, GraphQLSchema, execute, parse

from core.errors import InvalidInput
from core.plugins.gate import PluginNotEnabled
from schema.errors import original
from schema.mutations.declaring import Mutation
from schema.mutations.fields import ID_TYPES, TREE_TYPES
from schema.mutations.inputs import Parameter, camel
from schema.planner.executor import PlannedExecutor
from schema.planner.roots import MOST_IDS
from schema.types import parse_global_id

SEEN = parse("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }")
"""The public query decides: what a mutation admits to know is what reading shows."""

SEEN_BUT_OFF = parse("query ($id: ID!) { node(id: $id) { id } }")
"""Tells an object that only the switch of a plugin hides from one that is not there."""


async def first_unseen(
    info: strawberry.Info[Any, Any],
    mutation: Mutation,
    parameters: Sequence[Parameter],
    input: Any,
    granted: Collection[int],
) -> tuple[str, str] | None:
    """Field and id of the first that is not there for the caller; None when all are.

    ``granted`` are the keys of nodes where the caller was allowed something. Ids that name nothing
    the field is for are left to whoever reads them.
    """
    schema = info._raw_info.schema
    given = list(named(mutation, parameters, input, granted, schema))
    seen: set[str] = set()
    wanted = sorted({each for _, each in given})
    for start in range(0, len(wanted), MOST_IDS):
        result = await answer(info, SEEN, {"ids": wanted[start : start + MOST_IDS]})
        if result.data is None:
            raise result.errors[0]
        seen |= {each["id"] for each in result.data["nodes"] if each is not None}
    for field, each in given:
        if each not in seen and not await is_off(info, each):
            return field, each
    return None


async def is_off(info: strawberry.Info[Any, Any], identifier: str) -> bool:
    """Whether only the switch of a plugin hides the object from the caller."""
    result = await answer(info, SEEN_BUT_OFF, {"id": identifier})
    return any(isinstance(original(each), PluginNotEnabled) for each in result.errors or ())


async def answer(
    info: strawberry.Info[Any, Any], document: DocumentNode, variables: dict[str, Any]
) -> Any:
    """What the public schema answers the caller."""
    running: Any = execute(
        info._raw_info.schema,
        document,
        variable_values=variables,
        context_value=info.context,
        executor_class=PlannedExecutor,
    )
    return await running


def named(
    mutation: Mutation,
    parameters: Sequence[Parameter],
    input: Any,
    granted: Collection[int],
    schema: GraphQLSchema,
) -> Iterator[tuple[str, str]]:
    """Field and id of everything an input names, but for nodes where something was granted.

    Left out are types that no query finds by their id: files, whose acts look only at those of the
    caller, and nouns of plugins that are no ``Node``.
    """
    for parameter in parameters:
        named_types = mutation.ids.get(parameter.name) or ID_TYPES.get(parameter.name, ())
        allowed = {each for each in named_types if is_node(schema, each)}
        value = getattr(input, parameter.name)
        for each in value if isinstance(value, list) else [value]:
            try:
                kind, key = parse_global_id(each if isinstance(each, str) else "")
            except InvalidInput:
                continue
            if kind in allowed and not (kind in TREE_TYPES and key in granted):
                yield camel(parameter.name), each


def is_node(schema: GraphQLSchema, name: str) -> bool:
    """Whether ``node(id)`` finds objects of this type."""
    type_ = schema.get_type(name)
    return isinstance(type_, GraphQLObjectType) and any(
        interface.name == "Node" for interface in type_.interfaces
    )
