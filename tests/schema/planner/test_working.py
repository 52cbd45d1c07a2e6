"""Computed fields are worked out while the answer is read."""

from __future__ import annotations

import enum
from typing import Any

import pytest
import strawberry
from graphql import GraphQLObjectType, OperationDefinitionNode, parse
from sqlalchemy import Text

from schema.planner.binding import Computed, Fact
from schema.planner.executor import Finished
from schema.planner.marks import DENIED, DENIED_VALUE, WORK, mark
from schema.planner.reading import parse as parse_answer
from schema.planner.working import Asked, NotPlain, Work, Worker, plain_type

NEEDS = Fact(Text(), lambda _row: None)  # type: ignore[arg-type, return-value]


@strawberry.enum
class Colour(enum.Enum):
    """Of a star."""

    RED = "r"
    BLUE = "b"


@strawberry.type
class Star:
    """Made of a text."""

    name: strawberry.Private[str]

    @strawberry.field
    def upper(self, info: strawberry.Info[Any, None], times: int = 1) -> str:
        return self.name.upper() * times + str(info.context)

    @strawberry.field
    def broken(self) -> str | None:
        raise LookupError(self.name)

    @strawberry.field
    async def late(self) -> str:
        return self.name


@strawberry.type
class Query:
    """Has a field for each type of value."""

    plain: str | None
    number: int
    colours: list[Colour]
    stars: list[Star]


SCHEMA = strawberry.Schema(query=Query)._schema


def computed(type_: Any, python: Any = str, *, in_context: bool = False) -> Computed:
    return Computed(
        name="stars",
        description="",
        type=type_,
        columns=(NEEDS,),
        python=python,
        in_context=in_context,
    )


def worker(item: Computed, selected: str, variables: dict[str, Any] | None = None) -> Worker:
    """For one field of Query, the context of which is a star."""
    document = parse(f"query ($n: Int, $no: Boolean) {{ {selected} }}")
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    parent = SCHEMA.query_type
    assert isinstance(parent, GraphQLObjectType)
    nodes: Any = operation.selection_set.selections
    asked = Asked(SCHEMA, operation, {}, variables or {}, "*")
    return Worker([Work(item, parent, tuple(nodes))], asked)


@pytest.mark.parametrize(
    ("type_", "plain"),
    [(str, (str, False)), (str | None, (str, True)), (bool, (bool, False)), (int, (int, False)),
     (float, None), (list[str], None), (str | int, None), (object, None)],
)  # fmt: skip
def test_plain_types_stand_in_the_answer_as_they_are(type_: Any, plain: Any) -> None:
    assert plain_type(type_) == plain


def in_context(context: Any, text: str | None) -> str | None:
    return text and context + text[-1:]


def test_values_take_the_place_of_what_they_need() -> None:
    one, other = mark(WORK, '0:["abc"]'), mark(WORK, "0:[null]")
    given = f'{{"nodes":[{{"id":"A:1","stars":{one},"z":1}},{{"stars":{other},"y":{{"x":2}}}}]}}'
    work = worker(computed(str | None, in_context, in_context=True), "plain")
    answer = parse_answer(given, work).value
    assert isinstance(answer, Finished)
    assert answer.value == {
        "nodes": [{"id": "A:1", "stars": "*c", "z": 1}, {"stars": None, "y": {"x": 2}}]
    }
    assert list(answer.value["nodes"][0]) == ["id", "stars", "z"]
    assert parse_answer("null", work).value is None


def test_equal_columns_are_worked_out_once() -> None:
    seen: list[str] = []

    def python(text: str) -> str:
        seen.append(text)
        return "қ" + text

    work = worker(computed(str, python), "plain")
    assert [work(0, '["a"]'), work(0, '["b"]'), work(0, '["a"]')] == ['"қa"', '"қb"', '"қa"']
    assert seen == ["a", "b"]


def test_what_is_selected_of_an_object_is_what_the_executor_makes_of_it() -> None:
    selected = "stars { a: upper(times: $n) __typename upper @skip(if: $no) }"
    item = computed(list[Star], lambda text: [Star(name=text)])
    work = worker(item, selected, {"n": 2, "no": True})
    assert work(0, '["x"]') == '[{"a":"XX*","__typename":"Star"}]'
    colours = worker(computed(list[Colour], lambda _text: list(Colour)), "colours")
    assert colours(0, '["x"]') == '["RED","BLUE"]'


@pytest.mark.parametrize("selected", ["stars { broken }", "stars { upper late }"])
async def test_an_object_that_fails_or_waits_is_left_to_the_executor(selected: str) -> None:
    item = computed(list[Star], lambda text: [Star(name=text)])
    with pytest.raises(NotPlain):
        worker(item, selected)(0, '["x"]')


def fail(_context: Any, _text: Any) -> str:
    raise LookupError("no key")


@pytest.mark.parametrize(
    ("stars", "other", "python"),
    [
        (mark(WORK, '0:["abc"]'), mark(DENIED, 0), lambda _context, _text: "s"),
        (mark(DENIED, 0), "1", lambda _context, _text: "s"),
        (mark(WORK, '0:["abc"]'), "1", fail),
        (mark(WORK, '0:["abc"]'), "1", lambda _context, _text: 7),
    ],
)
def test_what_does_not_work_out_is_left_to_the_executor(
    stars: str, other: str, python: Any
) -> None:
    work = worker(computed(str, python, in_context=True), "plain")
    answer = parse_answer(f'{{"stars":{stars},"other":{other}}}', work).value
    assert isinstance(answer, dict)
    assert list(answer) == ["stars", "other"]
    assert answer["stars"] == ["abc"] or answer["stars"] is DENIED_VALUE


def test_no_value_is_null_where_the_schema_says_there_is_one() -> None:
    nothing = computed(bool, lambda _text: None)
    with pytest.raises(NotPlain):
        worker(nothing, "plain")(0, '["x"]')
