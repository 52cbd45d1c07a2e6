"""One visitor for all rules finds what graphql finds, which asks every rule about every node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    Lexer,
    Source,
    TokenKind,
    ValidationRule,
    build_schema,
    parse,
    validate,
)
from graphql.language.visitor import BREAK, SKIP
from hypothesis import assume, example, given
from hypothesis import strategies as st

from schema.limits import rules
from schema.limits.rules import RULES, Rules

SCHEMA = build_schema(
    """
    directive @mark(note: String!) on FIELD | QUERY
    directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
    directive @stream(if: Boolean! = true, label: String, initialCount: Int = 0) on FIELD
    type Query { item(id: ID!): Item, items(where: Where, by: [By!], one: One): [Item!]! }
    type Mutation { keep(name: String!): Item }
    type Subscription { changed: Item, gone: Item }
    interface Named { name(long: Boolean = false): String }
    type Item implements Named { name(long: Boolean = false): String, size: Int!, parent: Item }
    type Place implements Named { name(long: Boolean = false): String, size: String! }
    union Thing = Item | Place
    input Where { name: String!, size: Int = 3, not: Where }
    input One @oneOf { name: String, size: Int }
    enum By { NAME SIZE }
    """
)

VALID = """
query Some($id: ID!, $where: Where = {name: "a"}, $by: [By!], $long: Boolean) @mark(note: "x") {
  item(id: $id) { ...Shown, parent { name(long: $long) other: size } }
  items(where: $where, by: $by, one: {size: 3}) {
    ... on Item @include(if: true) { size } ...Shown @defer
  }
}
fragment Shown on Named { name @skip(if: false) __typename }
"""

BROKEN = [
    "type Query { a: Int }",
    "query A { __typename } query A { __typename }",
    "{ __typename } query A { __typename }",
    "subscription { changed { name } gone { name } }",
    "query ($a: Nobody) { item(id: $a) { name } }",
    "{ ...F } fragment F on By { name }",
    "query ($a: Item) { item(id: $a) { name } }",
    "{ item(id: 1) }",
    "{ item(id: 1) { name { first } } }",
    "{ nobody }",
    "{ ...F } fragment F on Query { __typename } fragment F on Query { __typename }",
    "{ ...Nobody }",
    "{ __typename } fragment F on Query { __typename }",
    "{ item(id: 1) { ... on Place { name } } }",
    "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }",
    "query ($a: ID!, $a: ID!) { item(id: $a) { name } }",
    "{ item(id: $a) { name } }",
    "query ($a: Int) { __typename }",
    "{ __typename @nobody }",
    '{ __typename @mark(note: "a") @mark(note: "b") }',
    "mutation { ... @defer { keep(name: 1) { name } } }",
    "{ items { name } ...F @defer(label: 3) } fragment F on Query { __typename @stream }",
    "{ item(id: 1, of: 2) { name } }",
    "{ item(id: 1, id: 2) { name } }",
    "{ items(where: {name: 3}, by: [LENGTH], one: {name: 5}) { name(long: 1.5) } }",
    "{ items(where: {}) { name } item { name } __typename @mark }",
    "query ($a: Int) { items(where: {name: $a}) { name } }",
    "{ item(id: 1) { name } item(id: 2) { name: size } }",
    "{ items(where: {name: null, name: 3}) { name } }",
    "{ items(one: {name: null}) { name } other: items(one: {name: 3, size: 3}) { name } }",
    "subscription { changed { ... @defer { name } } }",
    "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
    "{ nobody { ...F } } fragment F on Query { neither ...F } query { nor }",
]
"""Documents of which every rule refuses at least one."""

QUESTIONS = [VALID, *BROKEN]


def told(document: DocumentNode, asked: Sequence[Any]) -> list[tuple[str, Any]]:
    return [(error.message, error.locations) for error in validate(SCHEMA, document, asked)]


def words_of(text: str) -> list[tuple[TokenKind, str]]:
    lexer, found = Lexer(Source(text)), []
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        found.append((token.kind, text[token.start : token.end]))
    return found


def test_a_valid_document_breaks_none() -> None:
    assert told(parse(VALID), [Rules]) == []


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_one_is_told_the_same(text: str) -> None:
    document = parse(text)
    assert told(document, [Rules]) == told(document, RULES) != []


def test_every_rule_is_broken_by_one_of_them() -> None:
    kept = {rule for rule in RULES if all(not told(parse(text), [rule]) for text in BROKEN)}
    # The schema has all operations; strawberry's own rules look at its own types.
    assert {rule.__name__ for rule in kept} == {
        "KnownOperationTypesRule",
        "MaybeNullValidationRule",
        "OneOfInputValidationRule",
    }


@pytest.mark.parametrize("count", [99, 100, 101])
def test_more_errors_than_are_told_are_told_the_same(count: int) -> None:
    document = parse("{" + " ".join(f"a{n}: nobody @neither" for n in range(count // 2 + 1)) + "}")
    found = told(document, [Rules])
    assert found == told(document, RULES)
    assert len(found) == min(count // 2 * 2 + 2, 101)


@pytest.mark.parametrize("answer", [None, SKIP, False, BREAK, True])
@pytest.mark.parametrize("act", ["enter", "leave"])
def test_a_rule_sees_no_more_than_it_wants_to(
    answer: Any, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def looking(own: str) -> Any:
        def look(_: ValidationRule, node: Any, *_around: Any) -> Any:
            seen.append(f"{own} {node.name.value}")
            return answer if own == act and node.name.value == "parent" else None

        return look

    looks = {"enter_field": looking("enter"), "leave_field": looking("leave")}
    others: dict[str, Any] = {"enter_field": lambda *_: seen.append("another")}
    pair = type("Looks", (ValidationRule,), looks), type("Other", (ValidationRule,), others)
    document = parse("{ item(id: 1) { name parent { name parent { size } } size } }")

    validate(SCHEMA, document, pair)
    expected, seen = seen, []
    monkeypatch.setattr(rules, "RULES", pair)
    monkeypatch.setattr(rules, "knowing", rules.knowing.__wrapped__)
    validate(SCHEMA, document, [Rules])
    assert seen == expected
    assert len(seen) > 6


KEYWORDS = {"query", "mutation", "subscription", "fragment", "on", "type"}
NAMES = sorted(
    {word for text in QUESTIONS for word in words_of(text) if word[0] is TokenKind.NAME}
    - {(TokenKind.NAME, keyword) for keyword in KEYWORDS},
    key=lambda word: word[1],
)
CHANGES = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=1, max_size=6)


@example(0, [(3, 9)])
@given(st.integers(0, len(QUESTIONS) - 1), CHANGES)
def test_documents_with_other_words_are_told_the_same(
    question: int, changes: list[tuple[int, int]]
) -> None:
    words = words_of(QUESTIONS[question])
    places = [
        place
        for place, (kind, text) in enumerate(words)
        if kind is TokenKind.NAME and text not in KEYWORDS
    ]
    assume(places)
    for place, other in changes:
        words[places[place % len(places)]] = NAMES[other % len(NAMES)]
    document = parse(" ".join(text for _, text in words))
    assert told(document, [Rules]) == told(document, RULES)
