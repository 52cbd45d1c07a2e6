"""Unique numbers, whoever asks at the same time [R2023 §94(8)]."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from core.db.engine import Database
from core.hierarchy.project import create_project, take_project_numbers
from core.texts import Names
from tests.acting import acting, arranging, committed_world, refuses


async def test_take_project_numbers_counts_within_the_year(database: Database) -> None:
    async with arranging(database) as session:
        first = await take_project_numbers(session, 2026, 2)
        other_year = await take_project_numbers(session, 2027)
        second = await take_project_numbers(session, 2026, 2)
        third = await take_project_numbers(session, 2026)
    assert first == ["PRJ-2026-000001", "PRJ-2026-000002"]
    assert other_year == ["PRJ-2027-000001"]
    assert second == ["PRJ-2026-000003", "PRJ-2026-000004"]
    assert third == ["PRJ-2026-000005"]


async def test_take_project_numbers_goes_on_after_a_million(database: Database) -> None:
    async with arranging(database) as session:
        await take_project_numbers(session, 2026, 999_999)
        assert await take_project_numbers(session, 2026) == ["PRJ-2026-1000000"]


async def test_sixteen_projects_at_once_get_sixteen_numbers(database: Database) -> None:
    world = await committed_world(database)

    async def create(place: int) -> str:
        async with acting(database) as work:
            return (await create_project(work, world.group.id, Names(en=f"P{place}"))).number

    numbers = await asyncio.gather(*(create(place) for place in range(16)))
    assert sorted(numbers) == [f"PRJ-2026-{place:06d}" for place in range(1, 17)]


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        (datetime(2026, 12, 31, 18, 59, 59, tzinfo=UTC), "PRJ-2026-000001"),
        (datetime(2026, 12, 31, 19, 0, tzinfo=UTC), "PRJ-2027-000001"),
    ],
)
async def test_the_year_of_a_number_is_that_of_almaty(
    database: Database, moment: datetime, number: str
) -> None:
    world = await committed_world(database)
    async with acting(database, now=moment) as work:
        project = await create_project(work, world.group.id, Names(en="New year"))
    assert project.number == number


async def test_a_rolled_back_project_leaves_its_number_to_the_next(database: Database) -> None:
    world = await committed_world(database)
    with refuses("NAME_REQUIRED", "product default", "names"):
        async with acting(database) as work:
            await create_project(work, world.group.id, Names(en="Never"))
            await create_project(work, world.group.id, Names())
    async with acting(database) as work:
        project = await create_project(work, world.group.id, Names(en="Ever"))
    assert project.number == "PRJ-2026-000001"
