"""Counts and sums."""

from __future__ import annotations

from typing import Any

from tests.schema.planner.conftest import Ask

STATS = """{ projects { stats {
  count
  budget { amount currency }
  byStage { stage count budget { currency amount } }
  byCostClass { costClass count }
  byContractual { contractual count }
  byStartsOn { startsOn count }
} } }"""


def money(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"amount": amount, "currency": currency} for amount, currency in pairs]


async def stats(ask: Ask, query: str = STATS, **options: Any) -> Any:
    return (await ask.data(query, **options))["projects"]["stats"]


async def test_sums_are_exact_and_by_currency(ask: Ask) -> None:
    assert await stats(ask) == {
        "count": 7,
        "budget": money(("12345", "JPY"), ("71000.01", "KZT"), ("500.00", "USD")),
        "byStage": [
            {"stage": "CLOSED", "count": 1, "budget": money(("0.01", "KZT"))},
            {
                "stage": "IMPLEMENTATION",
                "count": 2,
                "budget": money(("500.00", "KZT"), ("500.00", "USD")),
            },
            {"stage": "INITIATION", "count": 1, "budget": []},
            {
                "stage": "PLANNING",
                "count": 2,
                "budget": money(("12345", "JPY"), ("70000.00", "KZT")),
            },
            {"stage": None, "count": 1, "budget": money(("500.00", "KZT"))},
        ],
        "byCostClass": [
            {"costClass": "HIGH_BUDGET", "count": 1},
            {"costClass": "LOW_BUDGET", "count": 2},
            {"costClass": "MEDIUM_BUDGET", "count": 1},
            {"costClass": None, "count": 3},
        ],
        "byContractual": [
            {"contractual": False, "count": 5},
            {"contractual": True, "count": 2},
        ],
        "byStartsOn": [
            {"startsOn": "2024-02-29", "count": 1},
            {"startsOn": "2025-05-05", "count": 1},
            {"startsOn": "2026-01-01", "count": 3},
            {"startsOn": None, "count": 2},
        ],
    }


async def test_sums_hold_only_what_the_reader_may_read(ask: Ask) -> None:
    """The project manager sees four projects of the program and reads one."""
    found = await stats(ask, who="project manager")
    assert found["count"] == 4
    assert found["budget"] == money(("500.00", "KZT"))
    assert found["byStage"] == [
        {"stage": "IMPLEMENTATION", "count": 2, "budget": money(("500.00", "KZT"))},
        {"stage": "PLANNING", "count": 2, "budget": []},
    ]
    assert found["byCostClass"] == [
        {"costClass": "LOW_BUDGET", "count": 1},
        {"costClass": None, "count": 3},
    ]


async def test_a_reader_of_names_sums_nothing(ask: Ask) -> None:
    found = await stats(ask, who="admin")
    assert found["count"] == 7
    assert found["budget"] == []
    assert [group["budget"] for group in found["byStage"]] == [[]] * 5
    assert found["byCostClass"] == [{"costClass": None, "count": 7}]


async def test_statistics_of_nothing(ask: Ask) -> None:
    assert await stats(ask, who="nobody") == {
        "count": 0, "budget": [], "byStage": [], "byCostClass": [], "byContractual": [],
        "byStartsOn": [],
    }  # fmt: skip


async def test_statistics_follow_the_filter_of_their_list(ask: Ask) -> None:
    query = '{ projects(where: {name: {contains: "қала"}}, first: 1) { stats { count } } }'
    assert await stats(ask, query) == {"count": 3}


async def test_statistics_of_related_objects(ask: Ask) -> None:
    data = await ask.data(
        """query($w: ProjectWhere) { programs(orderBy: [{field: CREATED_AT}]) { nodes {
          all: projectStats { count budget { amount currency } __typename }
          some: projectStats(where: $w) { count byStage { count stage } }
        } } }""",
        {"w": {"stage": {"eq": "PLANNING"}}},
    )
    assert data["programs"]["nodes"] == [
        {
            "all": {
                "count": 4,
                "budget": money(("12345", "JPY"), ("70500.00", "KZT"), ("500.00", "USD")),
                "__typename": "ProjectStats",
            },
            "some": {"count": 2, "byStage": [{"count": 2, "stage": "PLANNING"}]},
        },
        {
            "all": {"count": 3, "budget": money(("500.01", "KZT")), "__typename": "ProjectStats"},
            "some": {"count": 0, "byStage": []},
        },
        {
            "all": {"count": 0, "budget": [], "__typename": "ProjectStats"},
            "some": {"count": 0, "byStage": []},
        },
    ]


async def test_sums_of_groups_follow_a_filter_through_relations(ask: Ask) -> None:
    """SQLite's parser overflows, were what is asked of each inside the groups' own queries."""
    data = await ask.data(
        """query($id: ID!) { node(id: $id) { ... on Program {
          projectStats(where: {program: {projects: {program: {projects: {costClass: {}}}}}}) {
            byStage { stage count budget { amount currency } }
            byCostClass { costClass count budget { amount currency } }
          }
        } } }""",
        {"id": f"Program:{ask.made.keys['r1']}"},
        who="project manager",
    )
    assert data["node"]["projectStats"] == {
        "byStage": [
            {"stage": "IMPLEMENTATION", "count": 2, "budget": money(("500.00", "KZT"))},
            {"stage": "PLANNING", "count": 2, "budget": []},
        ],
        "byCostClass": [
            {"costClass": "LOW_BUDGET", "count": 1, "budget": money(("500.00", "KZT"))},
            {"costClass": None, "count": 3, "budget": []},
        ],
    }


async def test_mixed_lists_are_counted_by_what_they_share(ask: Ask) -> None:
    data = await ask.data(
        "query($id: ID!) { node(id: $id) { ... on Program {"
        " descendants { totalCount stats { count byStage { stage count } } } } } }",
        {"id": f"Program:{ask.made.keys['r1']}"},
    )
    # Two groups, four projects and five tasks; the direction is not bound here.
    assert data["node"]["descendants"] == {
        "totalCount": 11,
        "stats": {
            "count": 11,
            "byStage": [
                {"stage": "CLOSED", "count": 1},
                {"stage": "IMPLEMENTATION", "count": 2},
                {"stage": "PLANNING", "count": 3},
                {"stage": None, "count": 5},
            ],
        },
    }
