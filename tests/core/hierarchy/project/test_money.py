"""A project's budget and the sources of its money."""

from __future__ import annotations

import pytest

from core.db.engine import Database
from core.hierarchy.project import FundingSource, Project
from core.hierarchy.project.money import check_budget, check_funding, funding_of, replace_funding
from tests.acting import acting, arranging, committed_world, refuses

LOCAL, PRIVATE = FundingSource.LOCAL_BUDGET, FundingSource.PRIVATE


@pytest.mark.parametrize("minor", [None, 0, 1])
def test_check_budget_allows_nothing_and_more(minor: int | None) -> None:
    check_budget(minor, "KZT")


def test_check_budget_refuses_less_than_nothing() -> None:
    with refuses("AMOUNT_NEGATIVE", "product default", "budget"):
        check_budget(-1, "KZT")


@pytest.mark.parametrize(("minor", "code"), [(-1, "AMOUNT_NEGATIVE"), (0, "FUNDING_EMPTY")])
async def test_check_funding_refuses_a_source_that_gives_nothing(
    database: Database, minor: int, code: str
) -> None:
    with refuses(code, "product default", "funding"):
        async with acting(database) as work:
            check_funding(work, 10, {LOCAL: 10, PRIVATE: minor})


@pytest.mark.parametrize(
    ("budget_minor", "funding", "warnings"),
    [
        (10, {LOCAL: 9, PRIVATE: 1}, []),
        (10, {}, []),
        (None, {LOCAL: 9}, []),
        (10, {LOCAL: 9}, ["FUNDING_DIFFERS_FROM_BUDGET"]),
        (10, {LOCAL: 11}, ["FUNDING_DIFFERS_FROM_BUDGET"]),
    ],
)
async def test_check_funding_warns_unless_it_adds_up(
    database: Database,
    budget_minor: int | None,
    funding: dict[FundingSource, int],
    warnings: list[str],
) -> None:
    async with acting(database) as work:
        check_funding(work, budget_minor, funding)
        assert [each.code for each in work.warnings] == warnings


async def test_replace_funding_leaves_exactly_the_new_sources(database: Database) -> None:
    world = await committed_world(database)
    async with acting(database) as work:
        project = await work.session.get_one(Project, world.project.id)
        first = await replace_funding(work, project, {LOCAL: 5})
        second = await replace_funding(work, project, {LOCAL: 7, PRIVATE: 1})
        same = await replace_funding(work, project, {PRIVATE: 1, LOCAL: 7})
    assert first == ({"funding": {}}, {"funding": {"LOCAL_BUDGET": 5}})
    assert second == (
        {"funding": {"LOCAL_BUDGET": 5}},
        {"funding": {"LOCAL_BUDGET": 7, "PRIVATE": 1}},
    )
    assert same == ({}, {})
    async with arranging(database) as session:
        project = await session.get_one(Project, world.project.id)
    async with acting(database) as work:
        assert await funding_of(work, project) == {LOCAL: 7, PRIVATE: 1}
