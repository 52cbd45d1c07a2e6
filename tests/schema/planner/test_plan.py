"""Plans are used again where they fit, and only there."""

from __future__ import annotations

import gc
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from core.errors import InvalidInput
from schema.planner import plan as plans
from schema.planner.plan import Planner, document_hash, document_text
from schema.planner.whole import whole_query
from tests.schema.planner.conftest import Ask
from tests.schema.planner.world import POLICY


@pytest.fixture
def planner(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> Planner:
    """An empty planner, which ``ask`` uses from now on."""
    fresh = Planner(ask.schema.catalogue, ask.reads.dialect, ask.reads.version)
    monkeypatch.setattr(ask.schema, "planner", lambda dialect, version: fresh)
    return fresh


def operation(text: str, place: int = 0) -> OperationDefinitionNode:
    node = parse(text).definitions[place]
    assert isinstance(node, OperationDefinitionNode)
    return node


async def test_the_same_question_is_planned_once(ask: Ask, planner: Planner) -> None:
    query = "query($n: String) { projects(where: {number: {eq: $n}}) { nodes { goal } } }"
    for number in ("PRJ-1", "PRJ-2", None, "PRJ-3"):
        await ask.data(query, {"n": number})
    # Once with a number, once without.
    assert planner.made == 2


async def test_readers_with_the_same_national_roles_share_a_plan(
    ask: Ask, planner: Planner
) -> None:
    query = "{ projects { nodes { name goal } } }"
    answers = [await ask(query, who=who) for who in ("project manager", "other", "nobody", "hr")]
    assert planner.made == 1
    counts = [len(answer.data["projects"]["nodes"]) for answer in answers]
    assert counts == [4, 3, 0, 0]
    await ask(query, who="root")
    await ask(query, who="key of root")
    assert planner.made == 3


async def test_another_language_or_policy_is_another_plan(ask: Ask, planner: Planner) -> None:
    query = "{ projects { nodes { name } } }"
    await ask.data(query, language="kk")
    await ask.data(query, language="ru")
    assert planner.made == 2

    class Newer:
        version = "newer"

        def predicate(self, *args: Any, **options: Any) -> Any:
            return ask.reading("root").policy.predicate(*args, **options)

    reading = replace(ask.reading("root"), policy=Newer())
    await ask.data(query, reading=reading)
    assert planner.made == 3


@pytest.mark.parametrize(
    ("declared", "field", "first", "same", "other"),
    [
        ("$v: Boolean!", "nodes { name @skip(if: $v) id }", True, True, False),
        ("$v: Language", "nodes { name(lang: $v) }", "KK", "KK", "EN"),
        ("$v: Int", "nodes { tasks(first: $v) { totalCount } }", 1, 1, 2),
        ("$v: String", "nodes { tasks(where: {result: {eq: $v}}) { totalCount } }", "a", "b", None),
        (
            "$v: TaskWhere",
            "nodes { tasks(where: $v) { totalCount } }",
            {"dueOn": {"in": ["2026-01-01"]}},
            {"dueOn": {"in": ["2026-01-01", "2026-01-02"]}},
            {"not": {"dueOn": {"in": []}}},
        ),
        (
            "$v: [TaskOrder!]",
            "nodes { tasks(orderBy: $v) { nodes { id } } }",
            [{"field": "DUE_ON"}],
            [{"field": "DUE_ON", "direction": "ASC"}, {"field": "DUE_ON", "direction": "DESC"}],
            [{"field": "DUE_ON", "direction": "DESC"}],
        ),
    ],
)
async def test_what_decides_the_text_guards_the_plan(
    ask: Ask, planner: Planner, declared: str, field: str, first: Any, same: Any, other: Any
) -> None:
    query = f"query({declared}) {{ projects {{ {field} }} }}"
    made = []
    for value in (first, same, other, first, other):
        fresh = Planner(planner.catalogue, planner.dialect, planner.version)
        expected = await ask.data(
            query, {"v": value}, reading=replace(ask.reading("root"), planner=fresh)
        )
        assert await ask.data(query, {"v": value}) == expected
        made.append(planner.made)
    assert made == [1, 1, 2, 2, 2]


async def test_pages_share_a_plan_while_the_cursor_has_the_same_nulls(
    ask: Ask, planner: Planner
) -> None:
    query = """query($after: String) { projects(first: 1, after: $after) {
      nodes { startsOn } pageInfo { endCursor hasNextPage } } }"""
    after, starts = None, []
    while True:
        page = (await ask.data(query, {"after": after}))["projects"]
        starts.append(page["nodes"][0]["startsOn"])
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert starts == ["2024-02-29", "2025-05-05", *["2026-01-01"] * 3, None, None]
    # No cursor, a cursor at a day, a cursor at no day.
    assert planner.made == 3


async def test_ids_of_another_kind_are_another_plan(ask: Ask, planner: Planner) -> None:
    query = "query($id: ID!) { node(id: $id) { __typename id } }"
    keys = ask.made.keys
    for id_ in (f"Project:{keys['p1']}", f"Project:{keys['p2']}", f"Task:{keys['t1']}"):
        assert (await ask.data(query, {"id": id_}))["node"]["id"] == id_
    assert planner.made == 2


async def test_few_variants_and_few_plans_are_kept(
    ask: Ask, planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "query($n: Int) { projects(first: $n) { totalCount } }"
    for size in range(1, plans.VARIANTS + 10):
        await ask.data(query, {"n": size})
    assert [len(kept) for kept in planner.kept.values()] == [plans.VARIANTS]
    assert planner.weight == sum(plan.weight for kept in planner.kept.values() for plan in kept)
    (newest,) = (kept[0].weight for kept in planner.kept.values())
    monkeypatch.setattr(plans, "KEPT_BYTES", 5 * newest)
    for name in "abcdefg":
        await ask.data(f"{{ {name}: projects {{ totalCount }} }}")
        assert planner.weight <= plans.KEPT_BYTES
    assert planner.weight == sum(plan.weight for kept in planner.kept.values() for plan in kept)
    made = planner.made
    await ask.data("{ g: projects { totalCount } }")
    assert planner.made == made
    await ask.data(query, {"n": 1})
    assert planner.made == made + 1


async def test_plans_are_kept_of_few_fields(
    ask: Ask, planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "KEPT_PLANS", 2)

    async def made(name: str) -> int:
        before = planner.made
        await ask.data(f"{{ {name}: projects {{ totalCount }} }}")
        return planner.made - before

    # The third drives out what was asked for least lately.
    assert [await made(name) for name in "ababcabc"] == [1, 1, 0, 0, 1, 1, 1, 1]
    assert [await made(name) for name in "cbcb"] == [0, 0, 0, 0]
    assert len(planner.kept) == 2
    assert planner.weight == sum(plan.weight for kept in planner.kept.values() for plan in kept)


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ NAME: projects { totalCount } }", {}),
        ("query($id: ID!) { NAME: project(id: $id) { number } }", {"id": "Project:1"}),
        (
            """query($first: Int) { NAME: programs(first: $first) { nodes { name children {
            nodes { name kind: __typename children { nodes { name } } } } } } }""",
            {"first": 5},
        ),
    ],
)
async def test_the_weight_of_a_plan_is_about_its_memory(
    ask: Ask, planner: Planner, query: str, variables: dict[str, Any]
) -> None:
    reading = ask.reading("project manager")

    def make(name: str) -> None:
        text = query.replace("NAME", name)
        parsed = parse(text)
        node = parsed.definitions[0]
        assert isinstance(node, OperationDefinitionNode)
        whole = whole_query(ask.schema.graphql, planner.catalogue, parsed, node, text)
        assert whole is not None
        assert whole.ready(planner, POLICY, reading.asker, variables) is not None

    make("warm")
    before = planner.weight
    gc.collect()
    tracemalloc.start()
    try:
        for place in range(10):
            make(f"a{place}")
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0.8 < (planner.weight - before) / held < 6


async def test_a_refused_argument_is_refused_by_a_remembered_plan_too(
    ask: Ask, planner: Planner
) -> None:
    query = "query($id: ID!) { project(id: $id) { name } }"
    await ask.data(query, {"id": f"Project:{ask.made.keys['p1']}"})
    assert await ask.code(query, {"id": "Project"}) == ("BAD_ID", "id")
    result = await ask(query, {"id": "Project"})
    assert isinstance((result.errors or [])[0].original_error, InvalidInput)
    assert planner.made == 1


def test_a_document_is_known_by_its_text_and_the_operation_chosen() -> None:
    text = "query A { a } query B { a }"
    first, second = operation(text), operation(text, 1)
    assert document_text(first, {}) == text
    assert document_hash(first, text) == document_hash(operation(text), text)
    assert document_hash(first, text) != document_hash(second, text)
    assert document_hash(first, text) != document_hash(first, "query A { b }")
    unlocated = parse("query A { a  }", no_location=True).definitions[0]
    assert isinstance(unlocated, OperationDefinitionNode)
    assert document_text(unlocated, {}) == "query A {\n  a\n}"


async def test_cost_is_the_number_of_objects_that_may_be_put_together(ask: Ask) -> None:
    async def cost(query: str) -> int:
        reading = ask.reading("root")
        await ask.data(query, reading=reading)
        return reading.cost

    assert await cost("{ projects(first: 7) { nodes { name } } }") == 7
    assert await cost("{ projects(first: 7) { nodes { name group { name } } } }") == 14
    assert await cost("{ projects(first: 2) { nodes { tasks(first: 5) { nodes { id } } } } }") == 12
    assert await cost("{ projects(last: 3) { edges { cursor } totalCount } }") == 4
    assert await cost("{ a: projects(first: 2) { nodes { id } } b: viewer { id } }") == 3
