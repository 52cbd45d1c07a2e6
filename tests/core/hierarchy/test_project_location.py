"""Where a project happens."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from core.db.base import set_names
from core.db.engine import Database
from core.errors import NotAllowed, NotFound, StaleVersion
from core.hierarchy.project_location import (
    ProjectLocation,
    add_project_location,
    remove_project_location,
)
from core.places.administrative_unit import AdministrativeUnit, AdministrativeUnitKind
from core.places.region import Region
from core.tree.node import Node, Stage
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.factories import World, make_person, make_region


async def world_with_places(
    database: Database,
) -> tuple[World, Region, AdministrativeUnit]:
    """A world, a second region, and a city in it."""
    world = await committed_world(database)
    async with arranging(database) as session:
        other = await make_region(session, "KZ-75")
        city = AdministrativeUnit(region_id=other.id, code="751", kind=AdministrativeUnitKind.CITY)
        set_names(city, kk="Қала", ru="Город", en="City")
        session.add(city)
    return world, other, city


async def locations(database: Database) -> list[tuple[Any, ...]]:
    async with database.session() as session:
        rows = await session.scalars(select(ProjectLocation).order_by(ProjectLocation.id))
        return [
            (
                row.project_id, row.nationwide, row.region_id, row.administrative_unit_id,
                row.address, row.latitude, row.longitude,
            )
            for row in rows
        ]  # fmt: skip


async def test_add_project_location_knows_every_kind_of_place(database: Database) -> None:
    world, other, city = await world_with_places(database)
    given: list[dict[str, Any]] = [
        {"nationwide": True},
        {"region_id": other.id},
        {"administrative_unit_id": city.id},
        {"administrative_unit_id": city.id, "region_id": other.id},
        {"address": " Abay 1 "},
        {"latitude": 43.25, "longitude": 76.95},
    ]
    for version, place in enumerate(given, start=1):
        async with acting(database) as work:
            await add_project_location(work, world.project.id, expected_version=version, **place)
    project = world.project.id
    assert await locations(database) == [
        (project, True, None, None, None, None, None),
        (project, False, other.id, None, None, None, None),
        (project, False, other.id, city.id, None, None, None),
        (project, False, other.id, city.id, None, None, None),
        (project, False, None, None, "Abay 1", None, None),
        (project, False, None, None, None, 43.25, 76.95),
    ]
    last = (await entries(database, "projectLocationAdded"))[-1]
    assert (last.subject, last.node_id, last.after) == (
        "ProjectLocation",
        project,
        {"nationwide": False, "latitude": 43.25, "longitude": 76.95},
    )


async def test_add_project_location_nationwide_stands_alone(database: Database) -> None:
    world, other, city = await world_with_places(database)
    for place in (
        {"region_id": other.id},
        {"administrative_unit_id": city.id},
        {"address": "Abay 1"},
        {"latitude": 1.0, "longitude": 1.0},
    ):
        with refuses("NATIONWIDE_STANDS_ALONE", "product default", "nationwide"):
            async with acting(database) as work:
                await add_project_location(
                    work, world.project.id, expected_version=1, nationwide=True, **place
                )


async def test_add_project_location_refuses_a_place_that_is_none(database: Database) -> None:
    world, _, city = await world_with_places(database)
    with refuses("LOCATION_EMPTY", "product default", "regionId"):
        async with acting(database) as work:
            await add_project_location(work, world.project.id, expected_version=1, address=" ")
    with refuses("UNIT_OUTSIDE_REGION", "product default", "administrativeUnitId"):
        async with acting(database) as work:
            await add_project_location(
                work,
                world.project.id,
                expected_version=1,
                region_id=world.region.id,
                administrative_unit_id=city.id,
            )
    absent: dict[str, dict[str, Any]] = {
        "regionId": {"region_id": 999_999},
        "administrativeUnitId": {"administrative_unit_id": 999_999},
    }
    for field, place in absent.items():
        with pytest.raises(NotFound) as caught:
            async with acting(database) as work:
                await add_project_location(work, world.project.id, expected_version=1, **place)
        assert caught.value.field == field


@pytest.mark.parametrize(("latitude", "longitude"), [(-90.0, -180.0), (90.0, 180.0), (0.0, 0.0)])
async def test_add_project_location_on_the_edge_of_the_globe(
    database: Database, latitude: float, longitude: float
) -> None:
    world = await committed_world(database)
    async with acting(database) as work:
        await add_project_location(
            work, world.project.id, expected_version=1, latitude=latitude, longitude=longitude
        )
    assert (await locations(database))[0][-2:] == (latitude, longitude)


@pytest.mark.parametrize(
    ("latitude", "longitude", "code", "field"),
    [
        (-90.000001, 0.0, "COORDINATE_OFF_THE_GLOBE", "latitude"),
        (90.000001, 0.0, "COORDINATE_OFF_THE_GLOBE", "latitude"),
        (0.0, -180.000001, "COORDINATE_OFF_THE_GLOBE", "longitude"),
        (0.0, 180.000001, "COORDINATE_OFF_THE_GLOBE", "longitude"),
        (float("nan"), 0.0, "COORDINATE_OFF_THE_GLOBE", "latitude"),
        (float("inf"), 0.0, "COORDINATE_OFF_THE_GLOBE", "latitude"),
        (1.0, None, "COORDINATES_COME_IN_PAIRS", "longitude"),
        (None, 1.0, "COORDINATES_COME_IN_PAIRS", "latitude"),
    ],
)
async def test_add_project_location_refuses_points_off_the_globe(
    database: Database, latitude: float | None, longitude: float | None, code: str, field: str
) -> None:
    world = await committed_world(database)
    with refuses(code, "product default", field):
        async with acting(database) as work:
            await add_project_location(
                work, world.project.id, expected_version=1, latitude=latitude, longitude=longitude
            )


async def test_add_project_location_needs_action_version_and_an_open_project(
    database: Database,
) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        person = await make_person(session)
    may = ["project_location.manage"]
    with pytest.raises(NotAllowed):
        async with acting(database, person_id=person.id, may=["project.edit_plan"]) as work:
            await add_project_location(work, world.project.id, expected_version=1, nationwide=True)
    with pytest.raises(StaleVersion):
        async with acting(database, person_id=person.id, may=may) as work:
            await add_project_location(work, world.project.id, expected_version=2, nationwide=True)
    async with acting(database, person_id=person.id, may=may) as work:
        await add_project_location(work, world.project.id, expected_version=1, nationwide=True)
    async with arranging(database) as session:
        (await session.get_one(Node, world.project.id)).stage = Stage.STOPPED
    with refuses("WRONG_STAGE", "product default"):
        async with acting(database) as work:
            await add_project_location(work, world.project.id, expected_version=2, nationwide=True)


async def test_remove_project_location_keeps_it_in_the_log_only(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        person = await make_person(session)
    async with acting(database) as work:
        kept = await add_project_location(
            work, world.project.id, expected_version=1, nationwide=True
        )
        gone = await add_project_location(
            work, world.project.id, expected_version=2, region_id=world.region.id, address="Abay 1"
        )
    with pytest.raises(NotAllowed):
        async with acting(database, person_id=person.id, may=["project.edit_plan"]) as work:
            await remove_project_location(work, gone.id, expected_version=3)
    with pytest.raises(StaleVersion):
        async with acting(database) as work:
            await remove_project_location(work, gone.id, expected_version=2)
    async with acting(database, person_id=person.id, may=["project_location.manage"]) as work:
        await remove_project_location(work, gone.id, expected_version=3)
    assert [row[1] for row in await locations(database)] == [kept.nationwide]
    [entry] = await entries(database, "projectLocationRemoved")
    assert (entry.subject_id, entry.before, entry.after) == (
        gone.id,
        {"nationwide": False, "region_id": world.region.id, "address": "Abay 1"},
        None,
    )
    with pytest.raises(NotFound):
        async with acting(database) as work:
            await remove_project_location(work, gone.id, expected_version=4)
