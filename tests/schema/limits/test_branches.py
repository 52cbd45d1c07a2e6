"""How many kinds an operation is written out for, counted on documents small enough to count."""

from __future__ import annotations

import pytest
from graphql import (
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    parse,
    print_schema,
)

from core.errors import InvalidInput
from schema.limits import Admission, Limits
from schema.limits.branches import SHARED, Branches

SCHEMA = build_schema(
    """
    interface Thing { name: String, parent: Thing }
    type Cup implements Thing { name: String, parent: Thing, box: Box }
    type Box implements Thing { name: String, parent: Thing }
    type Bag implements Thing { name: String, parent: Thing }
    type Query { cup: Cup, thing: Thing }
    """
)


def count(text: str, schema: GraphQLSchema = SCHEMA) -> int:
    document = parse(text)
    fragments = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    (operation,) = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    return Branches(schema, fragments).operation(operation)


@pytest.mark.parametrize(
    ("text", "branches"),
    [
        ("{ __typename }", 0),
        ("{ cup { name } }", 1),
        ("{ cup { box { name } } a: cup { name } }", 3),
        ("{ thing { name } }", 3),
        ("{ cup { parent { name } } }", 1 + 3),
        ("{ thing { parent { name } } }", 3 * (1 + 3)),
        ("{ thing { parent { parent { name } } } }", 3 * (1 + 3 * (1 + 3))),
        ("{ thing { ... on Cup { parent { name } } } }", 3 + 3),
        ("{ thing { ... on Thing { parent { name } } } }", 3 * (1 + 3)),
        ("{ thing { ... { parent { name } } } }", 3 * (1 + 3)),
        ("{ thing { ...F ...F } } fragment F on Cup { box { name } }", 3 + 1 + 1),
        ("{ thing { ...F } } fragment F on Box { name }", 3),
        ("{ __schema { types { name } } cup { nothing { name } } }", 1),
    ],
)
def test_branches_are_counted_by_kind(text: str, branches: int) -> None:
    assert count(text) == branches


def test_fragments_that_spread_fragments_are_counted_once_each() -> None:
    levels = [f"fragment F{n} on Cup {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60)]
    text = "{ cup { ...F0 } } " + " ".join(levels) + " fragment F60 on Cup { box { name } }"
    assert count(text) == 1 + 2**60


def test_admit_at_the_bound_of_branches_and_refuse_beyond() -> None:
    document = "{ thing { parent { name } } }"
    Admission(SCHEMA, Limits(branches=12)).admit(document)
    with pytest.raises(InvalidInput) as refused:
        Admission(SCHEMA, Limits(branches=11)).admit(document)
    assert refused.value.code == "TOO_MANY_BRANCHES"
    assert refused.value.params == {"limit": 11}


SHARING = build_schema(print_schema(SCHEMA))
SHARING.extensions[SHARED] = {"Thing": frozenset({"parent"})}


@pytest.mark.parametrize(
    ("text", "branches"),
    [
        ("{ thing { parent { parent { name } } } }", 3 + 3 + 3),
        ("{ thing { ... on Thing { parent { name } } name } }", 3 + 3),
        ("{ thing { a: parent { name } ... on Cup { parent { name } } } }", 3 + 3 + 3),
        ("{ thing { parent { name } ... on Cup { parent { name } } } }", 3 + 3 * 3 + 3),
        ("{ thing { ...F } } fragment F on Thing { parent { name } }", 3 + 3),
        ("{ thing { ... on Cup { box { name } } parent { name } } }", 3 + 1 + 3),
    ],
)
def test_branches_of_what_all_kinds_have_alike_are_counted_once(text: str, branches: int) -> None:
    assert count(text, SHARING) == branches
