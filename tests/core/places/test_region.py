"""Reference data of regions."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed, PlatformError
from core.places.region import Region, RegionKind, edit_region, register_region
from core.texts import Names
from tests.acting import acting, arranging, committed_world, entries, refuses

NAMES = Names(kk="Шымкент", ru="Шымкент", en="Shymkent")


async def register(database: Database, **given: Any) -> int:
    dull = {"names": NAMES, "code": "KZ-79", "kind": RegionKind.CITY_OF_REPUBLICAN_SIGNIFICANCE}
    async with acting(database) as work:
        return (await register_region(work, **(dull | given))).id


async def edit(database: Database, region_id: int, **given: Any) -> None:
    async with acting(database) as work:
        await edit_region(work, region_id, **({"expected_version": 1} | given))


async def test_register_region_enters_everything(database: Database) -> None:
    world = await committed_world(database)
    region_id = await register(database, kato="790000000", special_regime=True)
    async with arranging(database) as session:
        region = await session.get_one(Region, region_id)
    assert (region.code, region.kato, region.special_regime, region.name_en, region.version) == (
        "KZ-79",
        "790000000",
        True,
        "Shymkent",
        1,
    )
    (entry,) = await entries(database, "regionRegistered")
    assert (entry.node_id, entry.subject, entry.after) == (
        world.country.id,
        "Region",
        {
            "code": "KZ-79",
            "kato": "790000000",
            "kind": "CITY_OF_REPUBLICAN_SIGNIFICANCE",
            "special_regime": True,
            "name_kk": "Шымкент",
            "name_ru": "Шымкент",
            "name_en": "Shymkent",
        },
    )


async def test_register_region_needs_its_action(database: Database) -> None:
    await committed_world(database)
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, may={"state_body.manage"}) as work:
            await register_region(work, names=NAMES, code="KZ-79", kind=RegionKind.REGION)
    assert caught.value.action == "region.manage"
    async with acting(database, may={"region.manage"}) as work:
        await register_region(work, names=NAMES, code="KZ-79", kind=RegionKind.REGION)


async def test_register_region_before_the_country_is_refused(database: Database) -> None:
    with refuses("COUNTRY_NOT_FOUNDED", PRODUCT_DEFAULT):
        await register(database)


@pytest.mark.parametrize("code", ["KZ-A", "KZ-75", "RU-ABC"])
async def test_register_region_takes_codes_of_iso(database: Database, code: str) -> None:
    await committed_world(database)
    await register(database, code=code)


@pytest.mark.parametrize("code", ["KZ-", "KZ-1234", "kz-10", "KZ10", " KZ-10", "KZ-10\n"])
async def test_register_region_refuses_other_codes(database: Database, code: str) -> None:
    await committed_world(database)
    with refuses("REGION_CODE_MALFORMED", PRODUCT_DEFAULT, "code"):
        await register(database, code=code)


@pytest.mark.parametrize("kato", ["79000000", "7900000000", "79000000a"])
async def test_register_region_refuses_other_katos(database: Database, kato: str) -> None:
    await committed_world(database)
    with refuses("KATO_MALFORMED", PRODUCT_DEFAULT, "kato"):
        await register(database, kato=kato)


async def test_register_region_refuses_a_taken_code(database: Database) -> None:
    await committed_world(database)
    with refuses("REGION_CODE_TAKEN", PRODUCT_DEFAULT, "code"):
        await register(database, code="KZ-10")


async def test_register_region_refuses_a_second_capital(database: Database) -> None:
    await committed_world(database)
    await register(database, code="KZ-71", kind=RegionKind.CAPITAL, special_regime=True)
    with refuses("CAPITAL_EXISTS", PRODUCT_DEFAULT, "kind"):
        await register(database, code="KZ-72", kind=RegionKind.CAPITAL)


async def test_register_region_gives_no_special_regime_to_an_oblast(database: Database) -> None:
    await committed_world(database)
    with refuses("SPECIAL_REGIME_IS_FOR_CITIES", "R2023 §12", "specialRegime"):
        await register(database, kind=RegionKind.REGION, special_regime=True)


async def test_register_region_twice_at_once_refuses_one(database: Database) -> None:
    await committed_world(database)
    results = await asyncio.gather(register(database), register(database), return_exceptions=True)
    assert sorted(
        each.code if isinstance(each, PlatformError) else "registered" for each in results
    ) == ["REGION_CODE_TAKEN", "registered"]


async def test_register_two_capitals_at_once_refuses_one(database: Database) -> None:
    await committed_world(database)
    results = await asyncio.gather(
        *(register(database, code=code, kind=RegionKind.CAPITAL) for code in ("KZ-71", "KZ-72")),
        return_exceptions=True,
    )
    assert sorted(
        each.code if isinstance(each, PlatformError) else "registered" for each in results
    ) == ["CAPITAL_EXISTS", "registered"]


async def test_edit_region_changes_only_what_is_given(database: Database) -> None:
    world = await committed_world(database)
    await edit(database, world.region.id, kato="100000000", names=NAMES)
    async with arranging(database) as session:
        region = await session.get_one(Region, world.region.id)
    assert (region.code, region.kato, region.name_kk, region.version) == (
        "KZ-10",
        "100000000",
        "Шымкент",
        2,
    )
    (entry,) = await entries(database, "regionEdited")
    assert entry.before == {
        "kato": None,
        "name_kk": "KZ-10",
        "name_ru": "KZ-10",
        "name_en": "KZ-10",
    }


async def test_edit_region_without_change_leaves_no_trace(database: Database) -> None:
    world = await committed_world(database)
    await edit(database, world.region.id, code="KZ-10")
    assert await entries(database) == []
    await edit(database, world.region.id, kato="100000000")


async def test_edit_region_refuses_an_old_version(database: Database) -> None:
    world = await committed_world(database)
    await edit(database, world.region.id, kato="100000000")
    with refuses("CONFLICT", None, "expectedVersion"):
        await edit(database, world.region.id, kato="100000001")


async def test_edit_region_needs_its_action(database: Database) -> None:
    world = await committed_world(database)
    with pytest.raises(NotAllowed):
        async with acting(database, may=()) as work:
            await edit_region(work, world.region.id, expected_version=1, code="KZ-11")


async def test_edit_region_keeps_to_the_rules_of_registration(database: Database) -> None:
    world = await committed_world(database)
    await register(database, code="KZ-71", kind=RegionKind.CAPITAL)
    with refuses("REGION_CODE_TAKEN", PRODUCT_DEFAULT, "code"):
        await edit(database, world.region.id, code="KZ-71")
    with refuses("CAPITAL_EXISTS", PRODUCT_DEFAULT, "kind"):
        await edit(database, world.region.id, kind=RegionKind.CAPITAL)
    with refuses("SPECIAL_REGIME_IS_FOR_CITIES", "R2023 §12", "specialRegime"):
        await edit(database, world.region.id, special_regime=True)
    async with arranging(database) as session:
        assert await session.scalar(select(func.count()).select_from(Region)) == 2
