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
from graphql import execute, parse

from core.errors import InvalidInput, NotFound
from schema.mutations.declaring import Mutation
from schema.mutations.fields import ID_TYPES, TREE_TYPES
from schema.mutations.inputs import Parameter, camel
from schema.planner.executor import PlannedExecutor
from schema.planner.roots import MOST_IDS
from schema.types import parse_global_id

SEEN = parse("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }")
"""The public query decides: what a mutation admits to know is what reading shows."""

UNREAD = {"File"}
"""Types without a query of their own; their acts look only at files of the caller."""


async def first_unseen(
    info: strawberry.Info[Any, Any],
    mutation: Mutation,
    parameters: Sequence[Parameter],
    input: Any,
    granted: Collection[int],
) -> NotFound | None:
    """The refusal for the first id that is not there for the caller; None when all are.

    ``granted`` are the keys of nodes where the caller was allowed something. Ids that name nothing
    the field is for are left to whoever reads them.
    """
    given = list(named(mutation, parameters, input, granted))
    seen: set[str] = set()
    wanted = sorted({each for _, each in given})
    for start in range(0, len(wanted), MOST_IDS):
        answer: Any = execute(
            info._raw_info.schema,
            SEEN,
            variable_values={"ids": wanted[start : start + MOST_IDS]},
            context_value=info.context,
            executor_class=PlannedExecutor,
        )
        result = await answer
        if result.data is None:
            raise result.errors[0]
        seen |= {each["id"] for each in result.data["nodes"] if each is not None}
    for field, each in given:
        if each not in seen:
            return NotFound(field)
    return None


def named(
    mutation: Mutation, parameters: Sequence[Parameter], input: Any, granted: Collection[int]
) -> Iterator[tuple[str, str]]:
    """Field and id of everything an input names, but for nodes where something was granted."""
    for parameter in parameters:
        if parameter.name not in ID_TYPES:
            continue
        allowed = set(mutation.ids.get(parameter.name) or ID_TYPES[parameter.name]) - UNREAD
        value = getattr(input, parameter.name)
        for each in value if isinstance(value, list) else [value]:
            try:
                kind, key = parse_global_id(each if isinstance(each, str) else "")
            except InvalidInput:
                continue
            if kind in allowed and not (kind in TREE_TYPES and key in granted):
                yield camel(parameter.name), each
