"""What a document asks for, counted in one pass."""

from __future__ import annotations

import pytest
from graphql import OperationDefinitionNode, build_schema, get_introspection_query, parse

from schema.limits.bounds import Limits
from schema.limits.measure import Measures, Measuring

SCHEMA = build_schema(
    """
    type Query { item: Item, items(first: Int, last: Int): ItemConnection!, plain: [Item!]! }
    type Item { name: String, items(first: Int): ItemConnection!, plain: [Item], parent: Item }
    type ItemConnection { edges: [Edge!]!, nodes: [Item!]!, totalCount: Int! }
    type Edge { node: Item! }
    """
)


def measuring(text: str, variables: dict[str, object] | None = None) -> tuple[Measures, Measuring]:
    document = parse(text)
    pass_ = Measuring(SCHEMA, document, Limits(), variables)
    [operation] = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    return pass_.operation(operation), pass_


def measure(text: str, variables: dict[str, object] | None = None) -> Measures:
    return measuring(text, variables)[0]


def nested_fragments(levels: int, spreads: int) -> str:
    """The document that hangs strawberry's limiters: each fragment spreads the next twice."""
    lines = ["{ item { ...F0 } }"]
    for level in range(levels):
        body = f" ...F{level + 1}" * spreads
        lines.append(f"fragment F{level} on Item {{ parent {{{body} }} }}")
    lines.append(f"fragment F{levels} on Item {{ name }}")
    return "\n".join(lines)


def test_nested_fragments_are_visited_once_each() -> None:
    text = nested_fragments(levels=12, spreads=2)
    assert len(text) < 800
    measures, pass_ = measuring(text)
    assert pass_.visits == 2 + 12 * 3 + 1
    assert measures.fields == 1 + (2**12 - 1) + 2**12


def test_visits_grow_with_the_document_and_not_with_what_it_repeats() -> None:
    visits = [measuring(nested_fragments(levels, spreads=2))[1].visits for levels in (12, 24)]
    assert visits == [39, 75]


def test_depth_counts_fields_and_not_fragments() -> None:
    assert measure("{ item { ... on Item { ...F } } } fragment F on Item { name }").depth == 2


def test_aliases_in_a_fragment_count_at_each_of_its_spreads() -> None:
    text = "{ a: item { ...F } item { ...F } } fragment F on Item { b: name c: name }"
    assert measure(text).aliases == 5


def test_directives_are_counted_wherever_they_stand() -> None:
    text = """
      query @x { item @include(if: true) { ...F @skip(if: false) ... @include(if: true) { name } } }
      fragment F on Item @x { name }
    """
    assert measure(text).directives == 5


def test_repeats_count_equal_names_inside_the_same_braces() -> None:
    text = "{ item { name ... on Item { name } } item { name } a: item { name name } }"
    assert measuring(text)[1].repeats == 3


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("{ item { name } }", 1),
        ("{ items(first: 5) { nodes { name } } }", 5),
        ("{ items(last: 7) { edges { node { name } } } }", 7),
        ("{ items { totalCount nodes { name } } }", 20),
        ("{ plain { name } }", 10),
        ("{ items(first: 0) { nodes { name } } }", 1),
        ("{ items(first: -3) { nodes { name } } }", 1),
        ("{ items(first: 2) { nodes { items(first: 3) { nodes { name } } } } }", 2 * (1 + 3)),
        ("{ items(first: 2) { nodes { parent { name } plain { name } } } }", 2 * (1 + 1 + 10)),
        ("{ items(first: 99999999999999999999) { totalCount } }", 10**9),
        ("{ __schema { types { name } } }", 0),
    ],
)
def test_cost_multiplies_page_sizes(text: str, cost: int) -> None:
    assert measure(text).cost == cost


@pytest.mark.parametrize(
    ("variables", "cost"), [({"n": 5}, 5), ({"n": None}, 20), ({}, 20), ({"n": "5"}, 20), (None, 1)]
)
def test_cost_takes_page_sizes_from_variables(
    variables: dict[str, object] | None, cost: int
) -> None:
    measures, pass_ = measuring("query ($n: Int) { items(first: $n) { totalCount } }", variables)
    assert (measures.cost, pass_.uses_page_variables) == (cost, True)


def test_introspection_has_its_own_depth_and_no_fields() -> None:
    measures = measure(get_introspection_query())
    assert (measures.depth, measures.fields, measures.cost) == (0, 0, 0)
    assert measures.introspections == 1
    assert 10 < measures.introspection_depth <= Limits().introspection_depth


def test_unknown_fields_and_fragments_are_left_to_validation() -> None:
    assert measure("{ absent { name } ...Absent }").depth == 2
