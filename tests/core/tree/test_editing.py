"""Taking hold of a node."""

from __future__ import annotations

import asyncio

import pytest

from core.db.engine import Database
from core.errors import NotFound, StaleVersion
from core.tree.editing import lock_node, refuse_stale
from core.tree.node import NodeKind
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


async def test_lock_node_sees_what_another_committed_while_it_waited(database: Database) -> None:
    world = await committed_world(database)
    held = asyncio.Event()

    async def bump_first() -> None:
        async with arranging(database) as session:
            node = await lock_node(session, world.project.id)
            held.set()
            node.version += 1

    async def bump_second() -> int:
        await held.wait()
        async with arranging(database) as session:
            node = await lock_node(session, world.project.id)
            node.version += 1
            return node.version

    _, version = await asyncio.gather(bump_first(), bump_second())
    assert version == 3


async def test_refuse_stale_wants_the_latest_version(database: Database) -> None:
    world = await committed_world(database)
    refuse_stale(world.project, 1)
    for expected in (0, 2):
        with pytest.raises(StaleVersion) as caught:
            refuse_stale(world.project, expected)
        assert caught.value.params == {"expected": expected, "current": 1}
