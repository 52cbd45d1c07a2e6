"""What a client selected, and what of it a plan may depend on."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    OperationDefinitionNode,
    build_schema,
    parse,
)

from schema.planner.selection import Arguments, Selector, Site, arguments_of, variables_in

SCHEMA = build_schema(
    """
    interface Named { name: String }
    type Region implements Named { name: String code: String }
    type Project implements Named { name(lang: String): String region: Region }
    input Where { eq: String any: [String!] inner: Where }
    type Query { project(where: Where, first: Int): Project }
    """
)


def read(text: str, variables: dict[str, Any] | None = None) -> tuple[Selector, FieldNode]:
    """A selector over a document, and its first field."""
    document = parse(text)
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    first = operation.selection_set.selections[0]
    assert isinstance(first, FieldNode)
    return Selector(SCHEMA, fragments, variables or {}), first


def type_named(name: str) -> GraphQLObjectType:
    type_ = SCHEMA.type_map[name]
    assert isinstance(type_, GraphQLObjectType)
    return type_


def keys(text: str, variables: dict[str, Any] | None = None) -> list[str]:
    selector, field = read(text, variables)
    return list(selector.collect(type_named("Project"), [field]))


def test_fields_come_by_response_key_in_their_order() -> None:
    assert keys("{ project { b: name a: name __typename } }") == ["b", "a", "__typename"]


def test_the_same_key_twice_is_one_field_with_two_selections() -> None:
    selector, field = read("{ project { region { name } region { code } } }")
    regions = selector.collect(type_named("Project"), [field])["region"]
    assert list(selector.collect(type_named("Region"), regions)) == ["name", "code"]


def test_fragments_apply_by_type_and_interface() -> None:
    text = """
    { project { ...A ... on Region { r: name } ... on Named { n: name } ... { p: name } } }
    fragment A on Project { a: name ...B }
    fragment B on Named { b: name }
    """
    assert keys(text) == ["a", "b", "n", "p"]


def test_a_fragment_skipped_first_still_counts_later() -> None:
    text = "{ project { ...A @skip(if: true) ...A } } fragment A on Project { a: name }"
    assert keys(text) == ["a"]


@pytest.mark.parametrize(
    ("directives", "kept"),
    [
        ("@include(if: true)", True),
        ("@include(if: false)", False),
        ("@skip(if: true)", False),
        ("@skip(if: false)", True),
        ("@skip(if: false) @include(if: false)", False),
        ("@skip(if: true) @include(if: true)", False),
    ],
)
def test_directives_keep_or_drop(directives: str, kept: bool) -> None:
    assert keys(f"{{ project {{ name {directives} region {{ code }} }} }}") == (
        ["name", "region"] if kept else ["region"]
    )


@pytest.mark.parametrize("value", [True, False])
def test_a_directive_on_a_variable_is_a_guard(value: bool) -> None:
    selector, field = read(
        "query($v: Boolean!) { project { name @include(if: $v) region { code } } }", {"v": value}
    )
    found = selector.collect(type_named("Project"), [field])
    assert ("name" in found) is value
    assert selector.guards == {"v": value}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("", False),
        ('(where: {eq: "$v"})', False),
        ("(first: $v)", True),
        ("(where: $v)", True),
        ('(where: {any: ["a", $v]})', True),
        ("(where: {inner: {inner: {eq: $v}}})", True),
    ],
)
def test_a_variable_is_found_wherever_it_hides(arguments: str, named: bool) -> None:
    _, field = read(f"query($v: Int) {{ project{arguments} {{ name }} }}")
    assert ([*variables_in(field)] == ["v"]) is named


def site() -> Site:
    """A site whose shape is the number of arguments."""

    def shape(arguments: dict[str, Any]) -> Arguments:
        return len(arguments), tuple(arguments.values())

    _, field = read("query($v: Int) { project(first: $v) { name } }")
    return Site(type_named("Query").fields["project"], field, shape, 1, ("p",))


def test_values_fill_a_plan_of_the_same_shape() -> None:
    assert site().given({"v": 5}) == (5,)
    assert site().given({"v": None}) == (None,)


def test_arguments_are_worked_out_once_for_all_values() -> None:
    """Around a variable inside of an object; null and nothing at all are left to graphql-core."""
    _, field = read("query($v: Int) { project(where: {inner: {eq: $v}}, first: 3) { name } }")
    query = type_named("Query").fields["project"]
    made = Site.of(query, field, lambda given: (None, (given,)), None, ("p",))
    assert made.form is not None
    for value in (5, None):
        (given,) = made.given({"v": value}) or ()
        assert given == {"where": {"inner": {"eq": value}}, "first": 3}
    assert made.given({}) == (arguments_of(query, field, {}),)


def test_a_plan_of_another_shape_does_not_fit() -> None:
    assert site().given({}) is None
