"""Cities and districts of a region."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed, PlatformError
from core.places.administrative_unit import (
    AdministrativeUnit,
    AdministrativeUnitKind,
    edit_administrative_unit,
    register_administrative_unit,
)
from core.texts import Names
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.factories import make_region

CITY, DISTRICT, RURAL = AdministrativeUnitKind
NAMES = Names(kk="Семей")


async def register(database: Database, region_id: int, code: str, kind: Any, **given: Any) -> int:
    async with acting(database) as work:
        unit = await register_administrative_unit(
            work, region_id=region_id, names=NAMES, code=code, kind=kind, **given
        )
        return unit.id


async def edit(database: Database, unit_id: int, version: int = 1, **given: Any) -> None:
    async with acting(database) as work:
        await edit_administrative_unit(work, unit_id, expected_version=version, **given)


async def test_register_unit_enters_everything(database: Database) -> None:
    world = await committed_world(database)
    district = await register(database, world.region.id, "10", DISTRICT)
    rural = await register(database, world.region.id, " 11 ", RURAL, parent_id=district)
    async with arranging(database) as session:
        unit = await session.get_one(AdministrativeUnit, rural)
    assert (unit.code, unit.kind, unit.parent_id, unit.region_id) == (
        "11",
        RURAL,
        district,
        world.region.id,
    )
    first, second = await entries(database, "administrativeUnitRegistered")
    assert first.after == {
        "region_id": world.region.id,
        "code": "10",
        "kind": "DISTRICT",
        "name_kk": "Семей",
    }
    assert (second.subject_id, second.node_id) == (rural, world.country.id)


async def test_register_unit_needs_its_action(database: Database) -> None:
    world = await committed_world(database)
    with pytest.raises(NotAllowed):
        async with acting(database, may={"state_body.manage"}) as work:
            await register_administrative_unit(
                work, region_id=world.region.id, names=NAMES, code="1", kind=CITY
            )


@pytest.mark.parametrize(
    ("kind", "parent"),
    [(CITY, None), (CITY, DISTRICT), (DISTRICT, None), (DISTRICT, CITY), (RURAL, CITY)],
)
async def test_register_unit_in_what_it_may_lie_in(
    database: Database, kind: AdministrativeUnitKind, parent: AdministrativeUnitKind | None
) -> None:
    world = await committed_world(database)
    above = await register(database, world.region.id, "0", parent) if parent else None
    await register(database, world.region.id, "1", kind, parent_id=above)


@pytest.mark.parametrize(("kind", "parent"), [(CITY, CITY), (DISTRICT, DISTRICT), (RURAL, None)])
async def test_register_unit_elsewhere_is_refused(
    database: Database, kind: AdministrativeUnitKind, parent: AdministrativeUnitKind | None
) -> None:
    world = await committed_world(database)
    above = await register(database, world.region.id, "0", parent) if parent else None
    with refuses("ADMINISTRATIVE_UNIT_PLACE_NOT_ALLOWED", PRODUCT_DEFAULT, "parentId"):
        await register(database, world.region.id, "1", kind, parent_id=above)


async def test_register_unit_under_one_of_another_region_is_refused(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        other = await make_region(session, "KZ-11")
    city = await register(database, other.id, "1", CITY)
    with refuses("ADMINISTRATIVE_UNIT_OF_ANOTHER_REGION", PRODUCT_DEFAULT, "parentId"):
        await register(database, world.region.id, "2", DISTRICT, parent_id=city)


async def test_register_unit_of_unknown_region_or_parent_is_not_found(database: Database) -> None:
    world = await committed_world(database)
    with refuses("NOT_FOUND", None, "regionId"):
        await register(database, 99, "1", CITY)
    with refuses("NOT_FOUND", None, "parentId"):
        await register(database, world.region.id, "1", CITY, parent_id=99)


async def test_register_unit_with_a_code_of_its_region_is_refused(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        other = await make_region(session, "KZ-11")
    await register(database, world.region.id, "1", CITY)
    await register(database, other.id, "1", CITY)
    with refuses("ADMINISTRATIVE_UNIT_CODE_TAKEN", PRODUCT_DEFAULT, "code"):
        await register(database, world.region.id, "1", DISTRICT)


async def test_register_unit_twice_at_once_refuses_one(database: Database) -> None:
    world = await committed_world(database)
    results = await asyncio.gather(
        *(register(database, world.region.id, "1", CITY) for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(
        each.code if isinstance(each, PlatformError) else "registered" for each in results
    ) == ["ADMINISTRATIVE_UNIT_CODE_TAKEN", "registered"]


async def test_edit_unit_moves_it_inside_its_region(database: Database) -> None:
    world = await committed_world(database)
    city = await register(database, world.region.id, "1", CITY)
    district = await register(database, world.region.id, "2", DISTRICT)
    await edit(database, district, parent_id=city, names=Names(kk="Абай"))
    async with arranging(database) as session:
        unit = await session.get_one(AdministrativeUnit, district)
    assert (unit.parent_id, unit.name_kk, unit.code, unit.version) == (city, "Абай", "2", 2)
    (entry,) = await entries(database, "administrativeUnitEdited")
    assert (entry.before, entry.after) == (
        {"parent_id": None, "name_kk": "Семей"},
        {"parent_id": city, "name_kk": "Абай"},
    )
    with refuses("CONFLICT", None, "expectedVersion"):
        await edit(database, district, parent_id=None)
    await edit(database, district, version=2, parent_id=None)


async def test_edit_unit_into_itself_is_refused(database: Database) -> None:
    world = await committed_world(database)
    city = await register(database, world.region.id, "1", CITY)
    district = await register(database, world.region.id, "2", DISTRICT, parent_id=city)
    with refuses("ADMINISTRATIVE_UNIT_CYCLE", PRODUCT_DEFAULT, "parentId"):
        await edit(database, city, parent_id=district)
    with refuses("ADMINISTRATIVE_UNIT_CYCLE", PRODUCT_DEFAULT, "parentId"):
        await edit(database, city, parent_id=city)


async def test_edit_two_units_into_each_other_at_once_refuses_one(database: Database) -> None:
    world = await committed_world(database)
    city = await register(database, world.region.id, "1", CITY)
    district = await register(database, world.region.id, "2", DISTRICT)
    results = await asyncio.gather(
        edit(database, city, parent_id=district),
        edit(database, district, parent_id=city),
        return_exceptions=True,
    )
    assert sorted(
        each.code if isinstance(each, PlatformError) else "edited" for each in results
    ) == ["ADMINISTRATIVE_UNIT_CYCLE", "edited"]


async def test_edit_unit_to_a_kind_its_inside_does_not_suit_is_refused(database: Database) -> None:
    world = await committed_world(database)
    city = await register(database, world.region.id, "1", CITY)
    await register(database, world.region.id, "2", DISTRICT, parent_id=city)
    with refuses("ADMINISTRATIVE_UNIT_PLACE_NOT_ALLOWED", PRODUCT_DEFAULT, "parentId"):
        await edit(database, city, kind=DISTRICT)


async def test_edit_unit_needs_its_action(database: Database) -> None:
    world = await committed_world(database)
    city = await register(database, world.region.id, "1", CITY)
    with pytest.raises(NotAllowed):
        async with acting(database, may=()) as work:
            await edit_administrative_unit(work, city, expected_version=1, code="2")
    await edit(database, city, code="1")
    assert [entry.act for entry in await entries(database)] == ["administrativeUnitRegistered"]
