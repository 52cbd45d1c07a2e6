"""Units of a body."""

from __future__ import annotations

import pytest

from core.db.engine import Database
from core.errors import NotAllowed
from core.hierarchy.organization_unit import (
    OrganizationUnit,
    edit_organization_unit,
    register_organization_unit,
)
from core.texts import Names
from core.tree.node import Node
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW

NAMES = Names(kk="Басқарма", ru="Управление")
ARCHIVED = "product default; R2023 §98"


async def register(database: Database, parent_id: int, code: str | None = None) -> int:
    async with acting(database) as work:
        unit = await register_organization_unit(work, parent_id=parent_id, names=NAMES, code=code)
        return unit.id


async def test_register_unit_under_a_body_and_under_a_unit(database: Database) -> None:
    world = await committed_world(database)
    outer = await register(database, world.body.id, " 01 ")
    inner = await register(database, outer)
    async with arranging(database) as session:
        nodes = [await session.get_one(Node, unit_id) for unit_id in (outer, inner)]
        unit = await session.get_one(OrganizationUnit, outer)
    assert [(node.parent_id, node.state_body_id, node.region_id, node.stage) for node in nodes] == [
        (world.body.id, world.body.id, world.region.id, None),
        (outer, world.body.id, world.region.id, None),
    ]
    assert unit.code == "01"
    assert [entry.after for entry in await entries(database, "organizationUnitRegistered")] == [
        {"code": "01", "name_kk": "Басқарма", "name_ru": "Управление"},
        {"name_kk": "Басқарма", "name_ru": "Управление"},
    ]


async def test_register_unit_under_anything_else_is_not_found(database: Database) -> None:
    world = await committed_world(database)
    for node in (world.country, world.program, world.group):
        with refuses("NOT_FOUND", None, "parentId"):
            await register(database, node.id)


async def test_register_unit_needs_its_action(database: Database) -> None:
    world = await committed_world(database)
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, may={"person.manage"}) as work:
            await register_organization_unit(work, parent_id=world.body.id, names=NAMES)
    assert caught.value.action == "state_body.manage"


async def test_register_unit_under_an_archived_body_is_refused(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        (await session.get_one(Node, world.body.id)).archived_at = NOW
    with refuses("NODE_ARCHIVED", ARCHIVED):
        await register(database, world.body.id)


async def test_edit_unit_changes_only_what_is_given(database: Database) -> None:
    world = await committed_world(database)
    unit_id = await register(database, world.body.id, "01")
    async with acting(database) as work:
        await edit_organization_unit(work, unit_id, expected_version=1, names=Names(kk="Бөлім"))
    async with arranging(database) as session:
        unit = await session.get_one(OrganizationUnit, unit_id)
        node = await session.get_one(Node, unit_id)
    assert (unit.name_kk, unit.name_ru, unit.code, node.version) == ("Бөлім", None, "01", 2)
    (entry,) = await entries(database, "organizationUnitEdited")
    assert entry.after == {"name_kk": "Бөлім", "name_ru": None}
    with refuses("CONFLICT", None, "expectedVersion"):
        async with acting(database) as work:
            await edit_organization_unit(work, unit_id, expected_version=1, code=None)


async def test_edit_unit_needs_its_action(database: Database) -> None:
    world = await committed_world(database)
    unit_id = await register(database, world.body.id)
    with pytest.raises(NotAllowed):
        async with acting(database, may=()) as work:
            await edit_organization_unit(work, unit_id, expected_version=1, code="2")
