"""Requests that differ in their variables only: read as if each were the first."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from schema.limits import Limits
from zhoba.express.templates import REMEMBERED, Templates
from zhoba.http.body import Asked, parse_post

LIMITS = Limits(variables_depth=3, variables_values=8)

VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=4),
        st.sampled_from(['"', "\\", '"variables":', "\ud800", "\0", "қ", "1" * 50]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["variables", "other", "a"]), inner, max_size=3),
    ),
    max_leaves=6,
)


@st.composite
def bodies(draw: st.DrawFn) -> list[bytes]:
    """Bodies with the same parts in the same order, of which only the variables differ."""
    names = draw(st.permutations(["query", "variables", "operationName", "extensions"]))
    parts: dict[str, Any] = {
        "query": draw(st.sampled_from(["{a}", 'query($v: ID!) { a(x: "variables") }', "{қ}", " "])),
        "operationName": draw(st.sampled_from([None, "A", "variables"])),
        "extensions": draw(st.one_of(st.none(), VALUES)),
    }
    left_out = draw(st.sets(st.sampled_from(["operationName", "extensions", "variables"])))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", ":  "), (",", " : ")]))
    ascii_only = draw(st.booleans())
    made = []
    for variables in draw(st.lists(VALUES, min_size=2, max_size=4)):
        whole = {**parts, "variables": variables}
        given = {name: whole[name] for name in names if name not in left_out}
        text = json.dumps(given, separators=separators, ensure_ascii=ascii_only)
        made.append(text.encode("utf-8", "surrogatepass"))
    return made


def outcome(read: Any, *given: Any) -> Asked | tuple[str, Any]:
    """What is asked, or why it is refused."""
    try:
        found: Asked = read(*given)
    except InvalidInput as error:
        return error.code, error.params
    return found


@given(bodies())
def test_a_body_asks_what_it_says_whatever_was_met_before(sent: list[bytes]) -> None:
    templates = Templates(LIMITS)
    for body in [*sent, *sent]:
        assert outcome(templates.parsed, body) == outcome(parse_post, body, LIMITS), body


def test_a_template_is_what_stands_around_the_variables() -> None:
    templates = Templates(LIMITS)
    for number in range(3):
        body = b'{"query":"{a}","variables":{"id": %d},"operationName":"A"}' % number
        assert templates.parsed(body) == Asked("{a}", {"id": number}, "A")
    assert list(templates.known) == [
        (b'{"query":"{a}","variables":', ',"operationName":"A"}')
    ]  # fmt: skip


@pytest.mark.parametrize("number", [0, 1])
def test_variables_inside_of_something_else_are_not_the_variables(number: int) -> None:
    """Not even where the real ones look like those that are tried."""
    templates = Templates(LIMITS)
    for inner in ({"other": number}, {"b": 2}):
        body = json.dumps(
            {"query": "{a}", "variables": {"other": number}, "extensions": {"variables": inner}},
            separators=(",", ":"),
        )
        for _ in range(2):
            assert templates.parsed(body.encode()).variables == {"other": number}
    assert not templates.known


def test_few_templates_are_remembered() -> None:
    templates = Templates(LIMITS)
    for number in range(REMEMBERED + 1):
        templates.parsed(b'{"query":"{a%d}"}' % number)
    assert len(templates.known) == REMEMBERED
    assert (b'{"query":"{a0}"}', "") not in templates.known


@pytest.mark.parametrize(
    "variables",
    [
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b'{"a":"\\u0000"}',
        b'{"a":"\xff"}',
        b'{"a":[[[1]]]}',
        b"[]",
        b"{",
    ],
)
def test_known_requests_are_read_as_strictly(variables: bytes) -> None:
    templates = Templates(LIMITS)
    templates.parsed(b'{"query":"{a}","variables":{}}')
    with pytest.raises(InvalidInput):
        templates.parsed(b'{"query":"{a}","variables":%b}' % variables)
