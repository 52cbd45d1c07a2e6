"""Lists in pages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.schema.planner.conftest import Ask

ORDERS = [
    None,
    [{"field": "STARTS_ON", "direction": "ASC"}],
    [{"field": "STARTS_ON", "direction": "DESC"}],
    [{"field": "BUDGET", "direction": "DESC"}, {"field": "NAME", "direction": "ASC"}],
    [{"field": "NAME", "direction": "ASC"}],
    [{"field": "NAME", "direction": "DESC"}, {"field": "NUMBER", "direction": "ASC"}],
    [{"field": "RESULTS_ACCEPTED_AT", "direction": "ASC"}],
    [{"field": "MANAGER_NAME", "direction": "DESC"}, {"field": "GOAL", "direction": "ASC"}],
]

PAGE = """
query($order: [ProjectOrder!], $first: Int, $after: String, $last: Int, $before: String) {
  projects(orderBy: $order, first: $first, after: $after, last: $last, before: $before) {
    totalCount
    edges { cursor node { id } }
    nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


def ids(page: dict[str, Any]) -> list[str]:
    found = [edge["node"]["id"] for edge in page["edges"]]
    assert found == [node["id"] for node in page["nodes"]]
    return found


async def page_of(ask: Ask, **variables: Any) -> dict[str, Any]:
    who = variables.pop("who", "root")
    page: dict[str, Any] = (await ask.data(PAGE, variables, who=who))["projects"]
    cursors = [edge["cursor"] for edge in page["edges"]]
    info = page["pageInfo"]
    ends = (cursors[0], cursors[-1]) if cursors else (None, None)
    assert (info["startCursor"], info["endCursor"]) == ends
    return page


async def walked(ask: Ask, who: str, order: Any, size: int, whole: list[str]) -> None:
    """Both ways through a list, page by page."""
    forward: list[str] = []
    after = None
    while len(forward) < len(whole):
        page = await page_of(ask, order=order, first=size, after=after, who=who)
        info = page["pageInfo"]
        assert page["totalCount"] == len(whole)
        assert info["hasPreviousPage"] is bool(forward)
        forward += ids(page)
        assert info["hasNextPage"] is (len(forward) < len(whole))
        after = info["endCursor"]
    assert forward == whole
    backward: list[str] = []
    before = None
    while len(backward) < len(whole):
        page = await page_of(ask, order=order, last=size, before=before, who=who)
        info = page["pageInfo"]
        assert info["hasNextPage"] is bool(backward)
        backward = ids(page) + backward
        assert info["hasPreviousPage"] is (len(backward) < len(whole))
        before = info["startCursor"]
    assert backward == whole


@pytest.mark.parametrize("order", ORDERS, ids=json.dumps)
async def test_pages_in_either_direction_cover_the_list_once(ask: Ask, order: Any) -> None:
    for who, length in (("root", 7), ("program manager", 4), ("other", 3)):
        whole = ids(await page_of(ask, order=order, who=who))
        assert len(whole) == length
        for size in (1, 2, 3):
            await walked(ask, who, order, size, whole)


async def test_between_two_cursors(ask: Ask) -> None:
    edges = (await page_of(ask))["edges"]
    cursors = [edge["cursor"] for edge in edges]
    page = await page_of(ask, after=cursors[1], before=cursors[5])
    assert ids(page) == [edge["node"]["id"] for edge in edges[2:5]]
    assert page["pageInfo"]["hasNextPage"] is True
    assert page["pageInfo"]["hasPreviousPage"] is True


async def test_an_empty_page_has_no_cursors(ask: Ask) -> None:
    end = (await page_of(ask))["pageInfo"]["endCursor"]
    page = await page_of(ask, first=1, after=end)
    assert page == {
        "totalCount": 7,
        "edges": [],
        "nodes": [],
        "pageInfo": {
            "hasNextPage": False, "hasPreviousPage": True, "startCursor": None, "endCursor": None,
        },
    }  # fmt: skip


async def test_page_info_alone_of_an_empty_list(ask: Ask) -> None:
    query = "{ projects { pageInfo { hasPreviousPage __typename } __typename } }"
    assert await ask.data(query, who="nobody") == {
        "projects": {
            "pageInfo": {"hasPreviousPage": False, "__typename": "PageInfo"},
            "__typename": "ProjectConnection",
        }
    }


async def test_a_list_holds_fifty_by_itself(ask: Ask) -> None:
    reading = ask.reading("root")
    await ask.data("{ projects { nodes { id } } }", reading=reading)
    assert reading.cost == 50


@pytest.mark.parametrize("argument", ["first", "last"])
@pytest.mark.parametrize("size", [1, 100])
async def test_the_smallest_and_the_largest_page(ask: Ask, argument: str, size: int) -> None:
    data = await ask.data(f"{{ projects({argument}: {size}) {{ nodes {{ id }} }} }}")
    assert len(data["projects"]["nodes"]) == min(size, 7)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ("first: 0", "first"),
        ("first: -1", "first"),
        ("first: 101", "first"),
        ("last: 0", "last"),
        ("last: 101", "last"),
        ("first: 1, last: 1", "last"),
    ],
)
async def test_a_page_of_another_size_is_refused(ask: Ask, arguments: str, field: str) -> None:
    query = f"{{ projects({arguments}) {{ nodes {{ id }} }} }}"
    assert await ask.code(query) == ("BAD_PAGE_SIZE", field)
    nested = f"{{ programs {{ nodes {{ projects({arguments}) {{ nodes {{ id }} }} }} }} }}"
    assert await ask.code(nested) == ("BAD_PAGE_SIZE", field)


@pytest.mark.parametrize("argument", ["after", "before"])
async def test_a_cursor_of_another_order_is_refused(ask: Ask, argument: str) -> None:
    cursor = (await page_of(ask, order=ORDERS[4]))["pageInfo"]["startCursor"]
    variables = {argument: cursor}
    assert ids(await page_of(ask, order=ORDERS[4], **variables)) is not None
    for query in (
        f"query(${argument}: String) {{ projects({argument}: ${argument}) {{ totalCount }} }}",
        f"query(${argument}: String) {{ tasks({argument}: ${argument}) {{ totalCount }} }}",
    ):
        assert await ask.code(query, variables) == ("BAD_CURSOR", argument)
    same_order = (
        "query($c: String) { projects(orderBy: [{field: NAME}], after: $c) { totalCount } }"
    )
    assert await ask.code(same_order, {"c": cursor}, language="ru") == ("BAD_CURSOR", "after")


async def test_names_sort_by_the_kazakh_alphabet_in_the_language_of_the_request(ask: Ask) -> None:
    query = "{ projects(orderBy: [{field: NAME}]) { nodes { name } } }"

    async def names(language: str) -> list[str]:
        data = await ask.data(query, language=language)
        return [node["name"] for node in data["projects"]["nodes"]]

    assert await names("kk") == [
        "Bus park", "Әуежай", "Қала жолы", "Қала жолы", "Қала көпірі", "Школа", "Шырша",
    ]  # fmt: skip
    assert await names("ru") == [
        "Bus park", "Аэропорт", "Городская дорога", "Ёлка", "Қала жолы", "Қала көпірі", "Школа",
    ]  # fmt: skip
    assert await names("en") == [
        "Airport", "Bus park", "School", "Городская дорога", "Ёлка", "Қала жолы", "Қала көпірі",
    ]  # fmt: skip


async def test_pages_inside_pages_belong_to_their_own_row(ask: Ask) -> None:
    data = await ask.data(
        "{ stateBodies { nodes { name programs(first: 1) { totalCount nodes { name } } } } }"
    )
    assert data["stateBodies"]["nodes"] == [
        {"name": "Әкімдік", "programs": {"totalCount": 2, "nodes": [{"name": "Бағдарлама"}]}},
        {"name": "Министерство", "programs": {"totalCount": 1, "nodes": [{"name": "Вторая"}]}},
    ]
