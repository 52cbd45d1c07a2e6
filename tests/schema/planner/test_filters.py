"""Filters: what they find, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from schema.planner.filters import DEEPEST, LONGEST_LIST, LONGEST_SEARCH, MOST_CONDITIONS
from tests.schema.planner.conftest import Ask


async def found(ask: Ask, where: Any, who: str = "root") -> list[str]:
    """The English names of the projects that pass, sorted."""
    query = "query($where: ProjectWhere) { projects(where: $where) { nodes { id } } }"
    data = await ask.data(query, {"where": where}, who=who)
    names = {f"Project:{key}": name for name, key in ask.made.keys.items() if name[0] == "p"}
    return sorted(names[node["id"]] for node in data["projects"]["nodes"])


EVERY = ["p1", "p2", "p3", "p4", "p5", "p6", "p7"]


FINDS: list[tuple[Any, list[str]]] = [
    ({}, EVERY),
    (None, EVERY),
    ({"stage": None}, EVERY),
    ({"stage": {}}, EVERY),
    ({"stage": {"eq": "PLANNING"}}, ["p3", "p4"]),
    ({"stage": {"in": ["PLANNING", "CLOSED"]}}, ["p3", "p4", "p5"]),
    ({"stage": {"in": []}}, []),
    ({"stage": {"isNull": True}}, ["p7"]),
    ({"not": {"stage": {"eq": "PLANNING"}}}, ["p1", "p2", "p5", "p6"]),
    ({"not": {}}, []),
    ({"and": []}, EVERY),
    ({"or": []}, []),
    ({"startsOn": {"lt": "2026-01-01"}}, ["p3", "p5"]),
    ({"startsOn": {"lte": "2026-01-01", "gte": "2025-05-05"}}, ["p1", "p2", "p3", "p6"]),
    ({"startsOn": {"in": ["2024-02-29", "2025-05-05"]}}, ["p3", "p5"]),
    ({"startedBefore": "2025-05-05"}, ["p5"]),
    ({"contractual": {"eq": True}}, ["p1", "p7"]),
    ({"budget": {"currency": "KZT", "gte": "500"}}, ["p1", "p3", "p7"]),
    ({"budget": {"currency": "KZT", "eq": "0.01"}}, ["p5"]),
    ({"budget": {"currency": "JPY", "eq": "12345"}}, ["p4"]),
    ({"budget": {"currency": "KZT", "isNull": True}}, ["p6"]),
    ({"budget": {"currency": "EUR", "gte": "0"}}, []),
    ({"number": {"contains": "КАЛА"}}, ["p1", "p2", "p6"]),
    ({"name": {"contains": "қала ж"}}, ["p1", "p6"]),
    ({"name": {"contains": "елка"}}, ["p7"]),
    ({"name": {"contains": "%"}}, []),
    ({"name": {"contains": "_"}}, []),
    ({"name": {"contains": "\\"}}, []),
    ({"goal": {"eq": "100% of %_ buses"}}, ["p4"]),
    ({"goal": {"eq": 'Bridge "north"\\south\n'}}, ["p2"]),
    ({"resultsAcceptedAt": {"gt": "2025-06-01T05:00:00+05:00"}}, ["p1"]),
    ({"resultsAcceptedAt": {"gte": "2025-06-01T05:00:00+05:00"}}, ["p1", "p5"]),
    ({"managerName": {"eq": "Омар Қайрат"}}, ["p1", "p6"]),
    (
        {"program": {"programKind": {"eq": "PROGRAM"}, "goal": {"eq": "Екі"}}},
        ["p5", "p6", "p7"],
    ),
    ({"locations": {"region": {"code": {"eq": "KZ-10"}}}}, ["p1"]),
    ({"locations": {}}, ["p1", "p2", "p5"]),
    ({"not": {"locations": {}}}, ["p3", "p4", "p6", "p7"]),
    ({"tasks": {"executor": {"fullName": {"contains": "омар"}}}}, ["p1", "p3"]),
    ({"or": [{"stage": {"eq": "CLOSED"}}, {"name": {"contains": "school"}}]}, ["p3", "p5"]),
    (
        {"and": [{"stage": {"eq": "PLANNING"}}, {"or": [{"budget": {"currency": "JPY"}}]}]},
        ["p4"],
    ),
]


async def test_filters_find(ask: Ask) -> None:
    assert [(where, await found(ask, where)) for where, _ in FINDS] == FINDS


async def test_by_id_and_below(ask: Ask) -> None:
    keys = ask.made.keys
    assert await found(ask, {"id": {"eq": f"Project:{keys['p4']}"}}) == ["p4"]
    both = [f"Project:{keys[name]}" for name in ("p5", "p1")]
    assert await found(ask, {"id": {"in": both}}) == ["p1", "p5"]
    assert await found(ask, {"under": f"Program:{keys['r1']}"}) == ["p1", "p2", "p3", "p4"]
    assert await found(ask, {"under": f"ProjectGroup:{keys['g2']}"}) == ["p3", "p4"]
    assert await found(ask, {"not": {"under": f"ProjectGroup:{keys['g1']}"}}) == ["p5", "p6", "p7"]


async def test_a_hidden_node_has_nothing_below_it(ask: Ask) -> None:
    """The other body's project manager sees p6, but not the body above it."""
    keys = ask.made.keys
    assert "p6" in await found(ask, {}, who="other")
    assert await found(ask, {"under": f"StateBody:{keys['b2']}"}) == ["p5", "p6", "p7"]
    anonymous = await found(ask, {"under": f"Program:{keys['r2']}"}, who="anonymous")
    assert anonymous == []
    assert await found(ask, {"under": f"StateBody:{keys['b2']}"}, who="program manager") == []


NO_IDS: list[dict[str, Any]] = [
    {"id": {"eq": "Task:1"}},
    {"id": {"eq": "project:1"}},
    {"id": {"eq": "Project:0"}},
    {"id": {"eq": "Project:01"}},
    {"id": {"eq": "Project:-1"}},
    {"id": {"eq": "Project:١"}},
    {"id": {"eq": "Project:9223372036854775808"}},
    {"id": {"in": ["Project:1", ""]}},
    {"under": "Region:1"},
    {"under": "Nothing:1"},
    {"under": "Node:1"},
]


async def test_an_id_that_is_none_is_refused(ask: Ask) -> None:
    query = "query($where: ProjectWhere) { projects(where: $where) { totalCount } }"
    for where in NO_IDS:
        refused = await ask.code(query, {"where": where})
        assert (where, refused) == (where, ("BAD_ID", f"where.{next(iter(where))}"))


async def test_the_largest_id_finds_nothing(ask: Ask) -> None:
    assert await found(ask, {"id": {"eq": "Project:9223372036854775807"}}) == []


@pytest.mark.parametrize("amount", ["0.001", "92233720368547758.08", "-92233720368547758.08"])
async def test_an_amount_finer_or_larger_than_any_is_refused(ask: Ask, amount: str) -> None:
    query = "query($w: ProjectWhere) { projects(where: $w) { totalCount } }"
    where = {"budget": {"currency": "KZT", "lt": amount}}
    assert await ask.code(query, {"w": where}) == ("AMOUNT_INVALID", "where.budget")


async def test_the_largest_amount_is_taken(ask: Ask) -> None:
    where = {"budget": {"currency": "KZT", "lt": "92233720368547758.07"}}
    assert await found(ask, where) == ["p1", "p3", "p5", "p7"]


@pytest.mark.parametrize("text", ["a\0", "\ud800"])
@pytest.mark.parametrize("name", ["number", "name", "managerName"])
async def test_text_that_no_column_holds_is_refused(ask: Ask, name: str, text: str) -> None:
    operator = "eq" if name == "managerName" else "contains"
    query = "query($w: ProjectWhere) { projects(where: $w) { totalCount } }"
    code = await ask.code(query, {"w": {name: {operator: text}}})
    assert code == ("BAD_TEXT", f"where.{name}")


async def test_filters_have_a_largest_size(ask: Ask) -> None:
    query = "query($w: ProjectWhere) { projects(where: $w) { totalCount } }"
    # Each field and each comparison counts.
    one = {"stage": {"isNull": True}}
    assert await found(ask, {"or": [one] * (MOST_CONDITIONS // 2)}) == ["p7"]
    over = {"or": [one] * (MOST_CONDITIONS // 2 + 1)}
    assert await ask.code(query, {"w": over}) == ("FILTER_TOO_LARGE", "where")
    ids = [f"Project:{key}" for key in range(1, LONGEST_LIST + 1)]
    assert await found(ask, {"id": {"in": ids}}) == EVERY
    over = {"id": {"in": [*ids, "Project:1"]}}
    assert await ask.code(query, {"w": over}) == ("FILTER_TOO_LARGE", "where.id")
    assert await found(ask, {"name": {"contains": "a" * LONGEST_SEARCH}}) == []
    over = {"name": {"contains": "a" * (LONGEST_SEARCH + 1)}}
    assert await ask.code(query, {"w": over}) == ("FILTER_TOO_LARGE", "where.name")


def by_turns(where: Any, levels: int, every: Any) -> Any:
    """A filter that finds what ``where`` does, that many levels deep in others."""
    for level in range(levels):
        none = {"id": {"in": []}}
        where = {"or": [none, where]} if level % 2 else {"and": [every, where]}
    return where


def denied(where: Any, levels: int, every: Any) -> Any:
    """The same by denials, an even number of them."""
    for _ in range(levels):
        where = {"not": where | every}
    return where


def beside_decoys(where: Any, levels: int, every: Any) -> Any:
    """The same beside conditions that are written as deep, and are not."""
    for level in range(levels):
        decoy: Any = {"id": {"in": []}} if level % 2 else every
        for _ in range(level):
            decoy = {"and": [decoy]}
        where = {"or": [decoy, where]} if level % 2 else {"and": [decoy, where]}
    return where


async def refused(ask: Ask, where: Any) -> tuple[str, Any]:
    query = "query($w: ProjectWhere) { projects(where: $w) { totalCount } }"
    return await ask.code(query, {"w": where})


@pytest.mark.parametrize("who", ["root", "project manager"])
@pytest.mark.parametrize("around", [by_turns, denied, beside_decoys])
async def test_logic_has_a_largest_depth(ask: Ask, around: Any, who: str) -> None:
    keys = ask.made.keys
    every = {"id": {"in": [f"Project:{key}" for name, key in keys.items() if name[0] == "p"]}}
    for where, those in (
        ({"stage": {"eq": "PLANNING"}}, ["p3", "p4"]),
        ({"under": f"Program:{keys['r1']}"}, ["p1", "p2", "p3", "p4"]),
        ({"costClass": {"isNull": False}}, ["p1", "p3", "p5", "p6"] if who == "root" else ["p1"]),
    ):
        deep = around(where, DEEPEST, every)
        assert await found(ask, deep, who) == those
        assert await refused(ask, around(where, DEEPEST + 1, every)) == ("FILTER_TOO_DEEP", "where")
        listed = """query($id: ID!, $w: ProjectWhere) { node(id: $id) { ... on Program {
          projects(where: $w, first: 9) { totalCount pageInfo { hasNextPage } stats {
            byStage { count budget { amount } } } } } } }"""
        data = await ask.data(listed, {"id": f"Program:{keys['r1']}", "w": deep}, who=who)
        count = sum(name <= "p4" for name in those)
        assert data["node"]["projects"]["totalCount"] == count
        there = around({"program": {"projects": deep}}, DEEPEST, every)
        found_there = await found(ask, {"program": {"projects": where}}, who)
        assert await found(ask, there, who) == found_there


@pytest.mark.parametrize("who", ["root", "project manager"])
async def test_a_filter_leads_on_from_relation_to_relation(ask: Ask, who: str) -> None:
    """SQLite's parser overflows at the fourth, were their conditions inside each other."""
    where: Any = {"stage": {"eq": "PLANNING"}}
    assert await found(ask, where, who) == ["p3", "p4"]
    for _ in range(DEEPEST // 2):
        where = {"program": {"projects": where}}
        assert await found(ask, where, who) == ["p1", "p2", "p3", "p4"]
    beside = {"and": [where, {"program": {"projects": {}}}]}
    assert await found(ask, beside, who) == ["p1", "p2", "p3", "p4"]
    one_more = {"and": [{"program": {}}, {"program": {"projects": where}}]}
    assert await refused(ask, one_more) == ("FILTER_TOO_DEEP", "where")
