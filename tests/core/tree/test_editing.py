"""Taking hold of a node."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update

from core.db.engine import Database
from core.errors import NotFound, StaleVersion
from core.tree.editing import lock_node, refuse_stale
from core.tree.node import Node, NodeKind
from tests.acting import arranging, committed_world


async def test_lock_node_finds_a_node_of_the_kind(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        node = await lock_node(session, world.project.id, NodeKind.TASK, NodeKind.PROJECT)
        assert (node.id, node.kind) == (world.project.id, NodeKind.PROJECT)


@pytest.mark.parametrize("node_id", [-1, 0, 999_999, 2**63, 2**200])
async def test_lock_node_finds_no_such_node(database: Database, node_id: int) -> None:
    async with arranging(database) as session:
        with pytest.raises(NotFound):
            await lock_node(session, node_id)


async def test_lock_node_finds_no_node_of_another_kind(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        with pytest.raises(NotFound):
            await lock_node(session, world.project.id, NodeKind.TASK)


async def test_lock_node_keeps_eight_writers_apart(database: Database) -> None:
    world = await committed_world(database)

    async def bump() -> None:
        async with arranging(database) as session:
            (await lock_node(session, world.project.id)).version += 1

    await asyncio.gather(*(bump() for _ in range(8)))
    async with arranging(database) as session:
        assert (await lock_node(session, world.project.id)).version == 9


async def test_lock_node_reads_anew_what_the_session_knew(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        known = await session.get_one(Node, world.project.id)
        assert known.version == 1
        await session.execute(
            update(Node)
            .where(Node.id == known.id)
            .values(version=7)
            .execution_options(synchronize_session=False)
        )
        assert (await lock_node(session, known.id)).version == 7


async def test_refuse_stale_wants_the_latest_version(database: Database) -> None:
    world = await committed_world(database)
    refuse_stale(world.project, 1)
    for expected in (0, 2):
        with pytest.raises(StaleVersion) as caught:
            refuse_stale(world.project, expected)
        assert caught.value.params == {"expected": expected, "current": 1}
