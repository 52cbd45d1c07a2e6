"""What lies above decides whether work goes on inside."""

from __future__ import annotations

import pytest

from core.db.engine import Database
from core.hierarchy.surroundings import require_not_halted_above
from core.tree.node import Node, Stage
from tests.acting import arranging, committed_world, refuses
from tests.conftest import NOW

HALTED = [Stage.STOPPED, Stage.CLOSURE, Stage.CLOSED]


@pytest.mark.parametrize("above", ["group", "direction", "program"])
@pytest.mark.parametrize("stage", [*HALTED, "archived"])
async def test_require_not_halted_above_looks_all_the_way_up(
    database: Database, above: str, stage: Stage | str
) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        node = await session.get_one(Node, getattr(world, above).id)
        if isinstance(stage, Stage):
            node.stage = stage
        else:
            node.archived_at = NOW
    async with arranging(database) as session:
        with refuses("HALTED_ABOVE", "product default"):
            await require_not_halted_above(session, world.project.id)


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in HALTED])
async def test_require_not_halted_above_lets_work_go_on(database: Database, stage: Stage) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        for above in (world.group, world.direction, world.program):
            (await session.get_one(Node, above.id)).stage = stage
        await session.flush()
        await require_not_halted_above(session, world.project.id)


async def test_require_not_halted_above_passes_over_itself_and_portfolios(
    database: Database,
) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        (await session.get_one(Node, world.project.id)).stage = Stage.STOPPED
        (await session.get_one(Node, world.priority.id)).stage = Stage.STOPPED
        await session.flush()
        await require_not_halted_above(session, world.project.id)
