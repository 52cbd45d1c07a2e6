"""The fields of Query."""

from __future__ import annotations

import pytest

from tests.schema.planner.conftest import Ask


async def test_one_object_by_its_id(ask: Ask) -> None:
    query = "query($id: ID!) { project(id: $id) { name } treeNode(id: $id) { name __typename } }"
    data = await ask.data(query, {"id": f"Project:{ask.made.keys['p3']}"})
    assert data == {
        "project": {"name": "Школа"},
        "treeNode": {"name": "Школа", "__typename": "Project"},
    }


@pytest.mark.parametrize("who", ["nobody", "anonymous"])
async def test_hidden_is_the_same_as_absent(ask: Ask, who: str) -> None:
    query = "query($id: ID!) { project(id: $id) { name } }"
    hidden = await ask(query, {"id": f"Project:{ask.made.keys['p3']}"}, who=who)
    absent = await ask(query, {"id": "Project:999999"}, who=who)
    assert hidden.data == absent.data == {"project": None}
    codes = [error.original_error.code for error in (*hidden.errors, *absent.errors)]  # type: ignore
    assert codes == ["NOT_FOUND", "NOT_FOUND"]


@pytest.mark.parametrize("id_", ["", "Project", "Project:", "Task:1", "Project:1 ", "x:1", "1"])
async def test_what_is_no_id_of_a_project_is_refused(ask: Ask, id_: str) -> None:
    query = "query($id: ID!) { project(id: $id) { name } }"
    assert await ask.code(query, {"id": id_}) == ("BAD_ID", "id")


async def test_a_type_without_ids_has_none(ask: Ask) -> None:
    query = "query($id: ID!) { node(id: $id) { id } }"
    assert await ask.code(query, {"id": "Country:1"}) == ("BAD_ID", "id")
    assert await ask.code(query, {"id": "TreeNode:1"}) == ("BAD_ID", "id")


async def test_several_objects_keep_the_order_of_their_ids(ask: Ask) -> None:
    keys = ask.made.keys
    ids = [
        f"Task:{keys['t5']}", f"Project:{keys['p5']}", "Project:999999", f"Project:{keys['p1']}",
        f"Region:{keys['KZ-71']}", f"Project:{keys['p1']}",
    ]  # fmt: skip
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on TreeNode { name } } }"
    data = await ask.data(query, {"ids": ids}, who="program manager")
    assert data["nodes"] == [
        None,
        None,
        None,
        {"id": ids[3], "name": "Қала жолы"},
        {"id": ids[4]},
        {"id": ids[5], "name": "Қала жолы"},
    ]
    assert await ask.data(query, {"ids": []}) == {"nodes": []}


async def test_objects_of_one_type_by_ids(ask: Ask) -> None:
    keys = ask.made.keys
    query = "query($ids: [ID!]!) { projectsById(ids: $ids) { name } }"
    ids = [f"Project:{keys[name]}" for name in ("p4", "p3")]
    data = await ask.data(query, {"ids": ids})
    assert data == {"projectsById": [{"name": "Bus park"}, {"name": "Школа"}]}
    assert await ask.code(query, {"ids": [*ids, "Task:1"]}) == ("BAD_ID", "ids")


async def test_a_hundred_ids_are_the_most(ask: Ask) -> None:
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    data = await ask.data(query, {"ids": ["Project:999999"] * 100})
    assert data == {"nodes": [None] * 100}
    assert await ask.code(query, {"ids": ["Project:1"] * 101}) == ("BAD_PAGE_SIZE", "ids")


async def test_the_viewer_is_whoever_asks(ask: Ask) -> None:
    query = "{ viewer { fullName iin } }"
    assert await ask.data(query, who="hr") == {
        "viewer": {"fullName": "Ескен Өмір", "iin": "900101300004"}
    }
    assert await ask.data(query, who="anonymous") == {"viewer": None}
