"""What may lie in what."""

from __future__ import annotations

import itertools

import pytest

from core.db.engine import Database
from core.hierarchy.basic_direction import BasicDirectionKind
from core.hierarchy.placement import (
    MAY_LIE_IN,
    is_in_standard_direction,
    refuse_standard,
    require_place,
)
from core.tree.node import Node, NodeKind
from tests.acting import arranging, refuses
from tests.conftest import NOW
from tests.factories import make_node, make_world

KIND = NodeKind
DRAWN = {
    (KIND.NATIONAL_PRIORITY, KIND.COUNTRY),
    (KIND.STATE_BODY, KIND.COUNTRY),
    (KIND.ORGANIZATION_UNIT, KIND.STATE_BODY),
    (KIND.ORGANIZATION_UNIT, KIND.ORGANIZATION_UNIT),
    (KIND.PROGRAM, KIND.STATE_BODY),
    (KIND.BASIC_DIRECTION, KIND.PROGRAM),
    (KIND.PROJECT_GROUP, KIND.BASIC_DIRECTION),
    (KIND.PROJECT_GROUP, KIND.PROJECT_GROUP),
    (KIND.PROJECT, KIND.BASIC_DIRECTION),
    (KIND.PROJECT, KIND.PROJECT_GROUP),
    (KIND.TASK, KIND.BASIC_DIRECTION),
    (KIND.TASK, KIND.PROJECT_GROUP),
    (KIND.TASK, KIND.PROJECT),
}


def test_tree_has_the_shape_of_the_rules() -> None:
    allowed = {(kind, parent) for kind, parents in MAY_LIE_IN.items() for parent in parents}
    assert allowed == DRAWN
    assert set(MAY_LIE_IN) == set(NodeKind)


async def test_require_place_follows_the_table(database: Database) -> None:
    async with arranging(database) as session:
        world = await make_world(session)
        empty = await make_node(session, KIND.BASIC_DIRECTION, world.program)
        unit = await make_node(session, KIND.ORGANIZATION_UNIT, world.body)
        parents: list[Node] = [
            world.country, world.priority, world.body, unit, world.program, empty, world.group,
            world.project, world.task,
        ]  # fmt: skip
        for kind, parent in itertools.product(NodeKind, parents):
            if (kind, parent.kind) in DRAWN:
                await require_place(session, kind, parent)
            else:
                with refuses("PLACE_NOT_ALLOWED", "R2023 §2(8), §2(10), §45, §48", "parentId"):
                    await require_place(session, kind, parent)


async def test_project_goes_into_a_group_where_there_is_one(database: Database) -> None:
    async with arranging(database) as session:
        world = await make_world(session)
        with refuses("DIRECTION_HAS_GROUPS", "product default; R2023 §2(27)", "newParentId"):
            await require_place(session, KIND.PROJECT, world.direction, field="newParentId")
        world.group.archived_at = NOW
        await session.flush()
        await require_place(session, KIND.PROJECT, world.direction)


async def test_standard_direction_takes_projects_but_no_groups(database: Database) -> None:
    async with arranging(database) as session:
        world = await make_world(session)
        direction = await make_node(
            session, KIND.BASIC_DIRECTION, world.body, kind=BasicDirectionKind.STANDARD
        )
        group = await make_node(session, KIND.PROJECT_GROUP, direction)
        project = await make_node(session, KIND.PROJECT, group)
        for parent in (direction, group):
            with refuses("STANDARD_DIRECTION_HAS_SIX_GROUPS", "R2023 §63", "parentId"):
                await require_place(session, KIND.PROJECT_GROUP, parent)
        await require_place(session, KIND.PROJECT, group)
        for node in (direction, group):
            with refuses("STANDARD_DIRECTION_IS_FIXED", "R2023 §63", "id"):
                await refuse_standard(session, node)
        await refuse_standard(session, project)
        assert await is_in_standard_direction(session, project)


@pytest.mark.parametrize("noun", ["body", "program", "direction", "group", "project"])
async def test_ordinary_nodes_lie_in_no_standard_direction(database: Database, noun: str) -> None:
    async with arranging(database) as session:
        node = getattr(await make_world(session), noun)
        assert not await is_in_standard_direction(session, node)
        await refuse_standard(session, node)
