"""Computed fields of plain values are worked out while the answer is read."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Text

from schema.planner.binding import Computed, Fact
from schema.planner.executor import Finished
from schema.planner.reading import DENIED, parse_working
from schema.planner.working import NotPlain, is_plain, working

NEEDS = Fact(Text(), lambda _row: None)  # type: ignore[arg-type, return-value]


def computed(type_: Any, python: Any = str, *, in_context: bool = False) -> Computed:
    return Computed(
        name="stars",
        description="",
        type=type_,
        columns=(NEEDS,),
        python=python,
        in_context=in_context,
    )


@pytest.mark.parametrize(
    ("type_", "plain"),
    [(str, True), (str | None, True), (bool, True), (int, True), (float, False),
     (list[str], False), (str | int, False), (object, False)],
)  # fmt: skip
def test_plain_types_stand_in_the_answer_as_they_are(type_: Any, plain: bool) -> None:
    assert is_plain(computed(type_)) is plain


STARS = {"!stars": computed(str | None, lambda context, text: text and context + text[-1:],
                            in_context=True)}  # fmt: skip


def test_values_take_the_place_of_what_they_need() -> None:
    text = '{"nodes":[{"id":"A:1","!stars":["abc"],"z":1},{"!stars":[null],"y":{"x":2}}]}'
    answer = parse_working(text, STARS, "*")
    assert isinstance(answer, Finished)
    assert answer.value == {
        "nodes": [{"id": "A:1", "stars": "*c", "z": 1}, {"stars": None, "y": {"x": 2}}]
    }
    assert list(answer.value["nodes"][0]) == ["id", "stars", "z"]
    assert parse_working("null", STARS, "*") is None


def fail(_context: Any, _text: Any) -> str:
    raise LookupError("no key")


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ('{"!stars":["abc"],"other":NaN}', lambda _context, _text: "s"),
        ('{"!stars":NaN,"other":1}', lambda _context, _text: "s"),
        ('{"!stars":["abc"],"other":1}', fail),
        ('{"!stars":["abc"],"other":1}', lambda _context, _text: 7),
        ('{"!stars":null,"other":1}', lambda _context, _text: "s"),
    ],
)
def test_what_does_not_work_out_is_left_to_the_executor(text: str, python: Any) -> None:
    answer = parse_working(text, {"!stars": computed(str, python, in_context=True)}, None)
    assert isinstance(answer, dict)
    assert list(answer) == ["!stars", "other"]
    assert answer["!stars"] in (["abc"], None) or answer["!stars"] is DENIED


def test_no_value_is_null_where_the_schema_says_there_is_one() -> None:
    nothing = computed(bool, lambda _text: None)
    with pytest.raises(NotPlain):
        working(nothing)(None, ["x"])
