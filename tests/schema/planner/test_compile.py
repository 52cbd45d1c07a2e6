"""Objects and their fields."""

from __future__ import annotations

import pytest

from schema.planner.run import statements
from tests.schema.planner.conftest import Ask


async def test_names_fall_back_language_by_language(ask: Ask) -> None:
    query = """query($id: ID!, $lang: Language) { project(id: $id) {
      name kk: name(lang: KK) ru: name(lang: RU) en: name(lang: EN) chosen: name(lang: $lang)
      names { en __typename kk ru }
    } }"""
    variables = {"id": f"Project:{ask.made.keys['p1']}", "lang": "RU"}
    data = await ask.data(query, variables, language="en")
    assert data["project"] == {
        "name": "Городская дорога",
        "kk": "Қала жолы",
        "ru": "Городская дорога",
        "en": "Городская дорога",
        "chosen": "Городская дорога",
        "names": {"en": None, "__typename": "Names", "kk": "Қала жолы", "ru": "Городская дорога"},
    }
    data = await ask.data(query, variables | {"lang": None}, language="kk")
    assert (data["project"]["name"], data["project"]["chosen"]) == ("Қала жолы", "Қала жолы")


async def test_every_kind_of_value_comes_back_exactly(ask: Ask) -> None:
    data = await ask.data(
        """query($id: ID!) { project(id: $id) {
          __typename id number startsOn goal budget { currency amount } contractual
          resultsAcceptedAt createdAt stage days managerName
          locations { latitude nationwide address region { code specialRegime kind } }
        } }""",
        {"id": f"Project:{ask.made.keys['p1']}"},
    )
    number = data["project"].pop("number")
    assert number.startswith("PRJ-")
    assert data["project"] == {
        "__typename": "Project",
        "id": f"Project:{ask.made.keys['p1']}",
        "startsOn": "2026-01-01",
        "goal": "Жол салу",
        "budget": {"currency": "KZT", "amount": "500.00"},
        "contractual": True,
        "resultsAcceptedAt": "2026-02-01T10:20:30.000123Z",
        "createdAt": "2026-01-05T06:00:00.000000Z",
        "stage": "IMPLEMENTATION",
        "days": 364,
        "managerName": "Омар Қайрат",
        "locations": [
            {
                "latitude": 51.125,
                "nationwide": False,
                "address": "Мәңгілік ел",
                "region": {"code": "KZ-71", "specialRegime": True, "kind": "CAPITAL"},
            },
            {
                "latitude": None,
                "nationwide": False,
                "address": None,
                "region": {"code": "KZ-10", "specialRegime": False, "kind": "REGION"},
            },
        ],
    }


async def test_objects_behind_an_interface_say_what_they_are(ask: Ask) -> None:
    data = await ask.data(
        """query($id: ID!) { node(id: $id) { __typename id ... on TreeNode {
          name
          parent { __typename name ... on ProjectGroup { projects { totalCount } } }
          ancestors { __typename id ... on Program { kind: programKind } }
          children(orderBy: [{field: STAGE}]) { nodes { __typename name ... on Task { dueOn } } }
        } } }""",
        {"id": f"Project:{ask.made.keys['p1']}"},
    )
    keys = ask.made.keys
    assert data["node"] == {
        "__typename": "Project",
        "id": f"Project:{keys['p1']}",
        "name": "Қала жолы",
        "parent": {"__typename": "ProjectGroup", "name": "Топ", "projects": {"totalCount": 2}},
        "ancestors": [
            {"__typename": "StateBody", "id": f"StateBody:{keys['b1']}"},
            {"__typename": "Program", "id": f"Program:{keys['r1']}", "kind": "PROGRAM"},
            {"__typename": "ProjectGroup", "id": f"ProjectGroup:{keys['g1']}"},
        ],
        "children": {
            "nodes": [
                {"__typename": "Task", "name": "Deed", "dueOn": "2026-04-01"},
                {"__typename": "Task", "name": "Іс", "dueOn": "2026-04-01"},
                {"__typename": "Task", "name": "Дело", "dueOn": None},
            ]
        },
    }


@pytest.mark.parametrize("who", ["root", "project manager"])
@pytest.mark.parametrize("levels", [1, 6, 30])
async def test_lists_nest_as_deep_as_anybody_likes(ask: Ask, levels: int, who: str) -> None:
    """SQLite's parser overflows at six lists inside each other, were they nested in the text."""
    query = "name"
    for _ in range(levels):
        query = f"name group {{ projects(first: 1) {{ nodes {{ {query} }} }} }}"
    where = "{stage: {eq: IMPLEMENTATION}}"
    data = await ask.data(
        f"{{ projects(where: {where}, first: 1) {{ nodes {{ {query} }} }} }}", who=who
    )
    node = data["projects"]["nodes"][0]
    for _ in range(levels):
        assert node["name"] == "Қала жолы"
        node = node["group"]["projects"]["nodes"][0]
    assert node == {"name": "Қала жолы"}


async def test_hundreds_of_fields_are_one_object(ask: Ask) -> None:
    fields = " ".join(f"a{place}: name" for place in range(400))
    data = await ask.data(f"{{ projects(first: 1) {{ nodes {{ {fields} }} }} }}")
    assert len(data["projects"]["nodes"][0]) == 400


async def test_the_right_to_a_level_is_asked_once_for_an_object(ask: Ask) -> None:
    async def appointments_read(fields: str) -> int:
        query = f"{{ projects(first: 1) {{ nodes {{ {fields} }} }} }}"
        with statements() as ran:
            await ask(query, who="project manager")
        return ran[0].count("appointment AS")

    once = await appointments_read("name goal")
    assert once > await appointments_read("name")
    assert await appointments_read("goal name budget { amount } costClass days") == once


async def test_a_national_role_leaves_no_predicate_in_the_statement(ask: Ask) -> None:
    with statements() as ran:
        await ask.data(
            "{ projects { totalCount nodes { name goal tasks { nodes { result } } } } }", who="root"
        )
    assert "appointment" not in ran[0]


async def test_what_a_client_sends_never_enters_the_text(ask: Ask) -> None:
    evil = "x' OR '1'='1"
    query = """query($text: String) { projects(where: {name: {contains: $text}, goal: {eq: "%s"}}) {
      x_OR_1: totalCount } }"""
    with statements() as ran:
        data = await ask.data(query % evil, {"text": evil})
    assert data == {"projects": {"x_OR_1": 0}}
    assert "OR '1'" not in ran[0]
