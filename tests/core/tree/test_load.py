"""Loading nodes to put something under them or to refer to them."""

from __future__ import annotations

import pytest

from core.db.engine import Database
from core.errors import NotFound
from core.tree.load import load_parent, load_seen
from core.tree.node import NodeKind
from tests.acting import acting, committed_world


async def test_load_parent_is_of_the_kinds_asked_for(database: Database) -> None:
    world = await committed_world(database)
    async with acting(database) as work:
        kinds = (NodeKind.BASIC_DIRECTION, NodeKind.PROJECT_GROUP)
        assert (await load_parent(work, world.group.id, *kinds)).id == world.group.id
        with pytest.raises(NotFound) as caught:
            await load_parent(work, world.project.id, *kinds, field="parentId")
    assert caught.value.field == "parentId"


async def test_load_seen_finds_no_hidden_node(database: Database) -> None:
    world = await committed_world(database)
    async with acting(database, may=(), hidden={world.program.id}) as work:
        assert (await load_seen(work, world.body.id)).id == world.body.id
        with pytest.raises(NotFound) as caught:
            await load_seen(work, world.program.id, field="programId")
    assert caught.value.field == "programId"
