"""The root of the tree."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed, PlatformError
from core.hierarchy.country import NOWHERE, Country, found_country, rename_country
from core.texts import Names
from core.tree.node import Node, NodeClosure, NodeKind
from tests.acting import acting, arranging, committed_world, entries, refuses

NAMES = Names(kk="Қазақстан", ru="Казахстан", en="Kazakhstan")


async def found(database: Database, code: str = "KZ") -> int:
    async with acting(database) as work:
        return (await found_country(work, names=NAMES, code=code)).id


async def test_found_country_makes_the_root(database: Database) -> None:
    country_id = await found(database)
    async with arranging(database) as session:
        node = await session.get_one(Node, country_id)
        country = await session.get_one(Country, country_id)
        closure = (await session.scalars(select(NodeClosure))).all()
    assert (node.kind, node.parent_id, node.stage) == (NodeKind.COUNTRY, None, None)
    assert (country.code, country.name_kk) == ("KZ", "Қазақстан")
    assert [(row.ancestor_id, row.descendant_id) for row in closure] == [(country_id, country_id)]
    (entry,) = await entries(database)
    assert (entry.act, entry.actor, entry.chain) == ("countryFounded", "operator", 0)


async def test_found_country_is_the_operators(database: Database) -> None:
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, may={"state_body.manage"}) as work:
            await found_country(work, names=NAMES)
    assert caught.value.action == "country.manage"
    with refuses("NOT_FOUND"):
        async with acting(database, may={"country.manage"}, hidden={NOWHERE}) as work:
            await found_country(work, names=NAMES)


async def test_found_country_again_is_refused(database: Database) -> None:
    await found(database)
    with refuses("COUNTRY_FOUNDED_ALREADY", PRODUCT_DEFAULT):
        await found(database, code="KG")


async def test_found_country_twice_at_once_refuses_one(database: Database) -> None:
    results = await asyncio.gather(
        found(database, "KZ"), found(database, "KG"), return_exceptions=True
    )
    assert sorted(
        each.code if isinstance(each, PlatformError) else "founded" for each in results
    ) == ["COUNTRY_FOUNDED_ALREADY", "founded"]


@pytest.mark.parametrize("code", ["", "K", "KAZ", "kz", "K1", "ҚЗ"])
async def test_found_country_refuses_other_codes(database: Database, code: str) -> None:
    with refuses("COUNTRY_CODE_MALFORMED", PRODUCT_DEFAULT, "code"):
        await found(database, code)


async def test_rename_country_sets_its_names(database: Database) -> None:
    world = await committed_world(database)
    async with acting(database) as work:
        await rename_country(work, world.country.id, expected_version=1, names=NAMES)
    async with arranging(database) as session:
        country = await session.get_one(Country, world.country.id)
        node = await session.get_one(Node, world.country.id)
    assert (country.name_en, node.version) == ("Kazakhstan", 2)
    with refuses("CONFLICT", None, "expectedVersion"):
        async with acting(database) as work:
            await rename_country(work, world.country.id, expected_version=1, names=NAMES)


async def test_rename_country_needs_its_action(database: Database) -> None:
    world = await committed_world(database)
    with pytest.raises(NotAllowed):
        async with acting(database, may=()) as work:
            await rename_country(work, world.country.id, expected_version=1, names=NAMES)
    with refuses("NOT_FOUND", None, "id"):
        async with acting(database) as work:
            await rename_country(work, world.body.id, expected_version=1, names=NAMES)
