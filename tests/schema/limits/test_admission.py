"""Which documents are admitted, on both sides of every bound."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from graphql import OperationDefinitionNode, build_schema, get_introspection_query

from core.errors import InvalidInput
from schema.limits import Admission, Limits
from schema.limits.admission import InvalidDocument
from tests.schema.limits.test_measure import nested_fragments

SCHEMA = build_schema(
    """
    directive @mark repeatable on FIELD
    type Query { item: Item, items(first: Int): ItemConnection! }
    type Item { name: String, parent: Item, items(first: Int): ItemConnection! }
    type ItemConnection { nodes: [Item!]! }
    """
)


def admission(**limits: int) -> Admission:
    return Admission(SCHEMA, dataclasses.replace(Limits(), **limits))


def refusal(gate: Admission, text: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        gate.admit(text)
    return refused.value.code


def deep(levels: int) -> str:
    return "{ item {" + "parent {" * (levels - 2) + "name" + "}" * levels


def aliases(count: int) -> str:
    return "{" + " ".join(f"a{n}: item {{ name }}" for n in range(count)) + "}"


def repeats(count: int) -> str:
    return "{" + "item { name } " * (count + 1) + "}"


def fragments(count: int) -> str:
    spreads = " ".join(f"...F{n}" for n in range(count))
    bodies = " ".join(f"fragment F{n} on Query {{ item {{ name }} }}" for n in range(count))
    return f"{{ {spreads} }} {bodies}"


def fields(count: int) -> str:
    return "{ item { " + " ".join(f"a{n}: name" for n in range(count - 1)) + "} }"


def directives(count: int) -> str:
    return "{ item { name " + "@mark " * count + "} }"


def cost(count: int) -> str:
    return f"{{ items(first: {count}) {{ nodes {{ name }} }} }}"


def introspections(count: int) -> str:
    return "{" + " ".join(f'a{n}: __type(name: "Item") {{ name }}' for n in range(count)) + "}"


def introspection_depth(levels: int) -> str:
    return '{ __type(name: "Item") {' + "ofType {" * (levels - 2) + "name" + "}" * levels


@pytest.mark.parametrize(
    ("bound", "limit", "document", "code"),
    [
        ("depth", 5, deep, "QUERY_TOO_DEEP"),
        ("introspection_depth", 6, introspection_depth, "QUERY_TOO_DEEP"),
        ("introspections", 2, introspections, "TOO_MANY_INTROSPECTIONS"),
        ("aliases", 4, aliases, "TOO_MANY_ALIASES"),
        ("repeats", 3, repeats, "TOO_MANY_REPEATS"),
        ("fragments", 3, fragments, "TOO_MANY_FRAGMENTS"),
        ("fields", 8, fields, "TOO_MANY_FIELDS"),
        ("directives", 3, directives, "TOO_MANY_DIRECTIVES"),
        ("cost", 10, cost, "QUERY_TOO_COSTLY"),
    ],
)
def test_admit_at_the_bound_and_refuse_beyond(
    bound: str, limit: int, document: Callable[[int], str], code: str
) -> None:
    gate = admission(**{bound: limit})
    gate.admit(document(limit))
    assert refusal(gate, document(limit + 1)) == code


def test_admit_at_the_token_cap_and_refuse_beyond() -> None:
    gate = admission(tokens=6)
    gate.admit("{ item { name } }")
    assert refusal(gate, "{ item { name parent { name } } }") == "TOO_MANY_TOKENS"


def test_a_document_of_comments_is_refused_by_the_token_cap() -> None:
    assert refusal(admission(), "#\n" * 2001 + "{ item { name } }") == "TOO_MANY_TOKENS"


def test_text_that_mentions_an_abort_is_a_plain_syntax_error() -> None:
    with pytest.raises(InvalidDocument):
        admission().admit('{ "nested too deeply. Parsing aborted."')


def test_nested_fragments_are_refused_before_validation() -> None:
    assert refusal(admission(), nested_fragments(levels=12, spreads=2)) == "TOO_MANY_FIELDS"


def test_two_thousand_repeats_are_refused_before_validation() -> None:
    gate = admission(tokens=10_000, fields=10_000)
    assert refusal(gate, "{" + "item { name } " * 2000 + "}") == "TOO_MANY_REPEATS"


@pytest.mark.parametrize(
    "text",
    [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { item { ...C } ...A }"
        " fragment C on Item { name }",
        "{ item { name } } fragment A on Query { ...B } fragment B on Query { ...A }",
    ],
)
def test_fragments_in_a_circle_are_an_invalid_document(text: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        admission().admit(text)
    assert "within itself" in refused.value.errors[0].message


def test_nesting_beyond_the_interpreter_is_refused() -> None:
    chain = " ".join(
        f"fragment F{n} on Item {{ {'parent {' * 60} ...F{n + 1} {'}' * 60} }}" for n in range(15)
    )
    text = f"{{ item {{ ...F0 }} }} {chain} fragment F15 on Item {{ name }}"
    assert refusal(admission(tokens=5000), text) == "QUERY_TOO_DEEP"
    assert refusal(admission(tokens=5000), "{" + "item {" * 1500) == "QUERY_TOO_DEEP"


def test_the_standard_introspection_query_is_admitted() -> None:
    query = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    admission().admit(query)


def test_introspection_cannot_multiply_lists() -> None:
    text = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"
    with pytest.raises(InvalidDocument):
        admission().admit(text)


PAGED = "query ($n: Int = 5) { items(first: $n) { nodes { name } } }"


def weigh(variables: dict[str, int]) -> None:
    gate = admission(cost=10)
    admitted = gate.admit(PAGED)
    [operation] = admitted.document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    gate.check_pages(admitted, operation, variables)


@pytest.mark.parametrize("variables", [{"n": 10}, {}, {"n": 1}])
def test_page_sizes_in_variables_are_weighed_with_their_values(variables: dict[str, int]) -> None:
    weigh(variables)


def page_of_pages(levels: int) -> str:
    pages = "items(first: 100) { nodes { " * levels
    return "{ item { " + pages + "name" + " } }" * levels + " } }"


def test_three_pages_of_a_hundred_inside_each_other_are_admitted_and_four_are_not() -> None:
    admission().admit(page_of_pages(3))
    assert refusal(admission(), page_of_pages(4)) == "QUERY_TOO_COSTLY"


def test_page_size_in_a_variable_beyond_the_bound_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        weigh({"n": 11})
    assert refused.value.code == "QUERY_TOO_COSTLY"


def test_operation_is_chosen_by_name_or_alone() -> None:
    two = admission().admit("query A { item { name } } query B { item { name } }")
    chosen = two.operation("B")
    assert chosen.name is not None
    assert chosen.name.value == "B"
    for name in (None, "C"):
        with pytest.raises(InvalidInput) as refused:
            two.operation(name)
        assert refused.value.code == "OPERATION_NOT_CHOSEN"


def test_admitted_documents_are_remembered_and_the_oldest_forgotten() -> None:
    gate = Admission(SCHEMA, Limits(), remembered=3)
    first = gate.admit("{ item { name } }")
    assert gate.admit("{ item { name } }") is first
    for number in range(3):
        gate.admit(f"query Q{number} {{ item {{ name }} }}")
    assert gate.admit("{ item { name } }") is not first
