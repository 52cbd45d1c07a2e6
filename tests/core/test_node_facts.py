"""What the floors below the tree know of nodes."""

from __future__ import annotations

from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT
from core.node_facts import body_of_unit, country_id, require_state_body
from core.tree.node import NodeKind
from tests.acting import arranging, refuses
from tests.factories import make_node, make_world


async def test_country_is_the_root(database: Database) -> None:
    async with arranging(database) as session:
        with refuses("COUNTRY_NOT_FOUNDED", PRODUCT_DEFAULT):
            await country_id(session)
        world = await make_world(session)
        assert await country_id(session) == world.country.id
        assert await country_id(session, hold=True) == world.country.id


async def test_body_of_a_unit_is_that_of_its_node(database: Database) -> None:
    async with arranging(database) as session:
        world = await make_world(session)
        outer = await make_node(session, NodeKind.ORGANIZATION_UNIT, world.body)
        inner = await make_node(session, NodeKind.ORGANIZATION_UNIT, outer)
        assert await body_of_unit(session, inner.id, field="unitId") == world.body.id
        for node_id in (world.body.id, world.group.id, 0, 999, 2**64):
            with refuses("NOT_FOUND", None, "unitId"):
                await body_of_unit(session, node_id, field="unitId")


async def test_state_body_is_a_node_of_that_kind(database: Database) -> None:
    async with arranging(database) as session:
        world = await make_world(session)
        await require_state_body(session, world.body.id, field="bodyId")
        for node_id in (world.country.id, world.program.id, -1, 2**64):
            with refuses("NOT_FOUND", None, "bodyId"):
                await require_state_body(session, node_id, field="bodyId")
