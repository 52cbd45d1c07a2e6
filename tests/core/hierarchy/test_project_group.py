"""Project groups, nested in one direction."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed
from core.hierarchy.project_group import (
    ProjectGroup,
    create_project_group,
    edit_project_group,
)
from core.hierarchy.state_body import StateBodyKind, register_state_body
from core.texts import Names
from core.tree.node import Node, NodeClosure, NodeKind, Stage
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW
from tests.factories import make_node

NAMES = Names(kk="Су құбырлары")


async def create(database: Database, parent_id: int, **given: Any) -> int:
    async with acting(database) as work:
        group = await create_project_group(work, parent_id=parent_id, **({"names": NAMES} | given))
        return group.id


async def edit(database: Database, group_id: int, version: int = 1, **given: Any) -> None:
    async with acting(database) as work:
        await edit_project_group(work, group_id, expected_version=version, **given)


async def add_unit(database: Database, parent: Node) -> Node:
    async with arranging(database) as session:
        return await make_node(session, NodeKind.ORGANIZATION_UNIT, parent, stage=None)


async def standard_nodes(database: Database) -> tuple[int, int, int]:
    """A body with its standard direction and the first of the six groups."""
    async with acting(database) as work:
        body = await register_state_body(
            work, names=Names(kk="Министрлік"), kind=StateBodyKind.CENTRAL
        )
    async with arranging(database) as session:
        direction = (await session.scalars(select(Node.id).where(Node.parent_id == body.id))).one()
        groups = (
            await session.scalars(
                select(Node.id).where(Node.parent_id == direction).order_by(Node.id)
            )
        ).all()
    return body.id, direction, groups[0]


async def test_create_group_in_a_direction_and_in_a_group(database: Database) -> None:
    world = await committed_world(database)
    unit = await add_unit(database, world.body)
    outer = await create(database, world.direction.id, responsible_unit_id=unit.id)
    inner = await create(database, outer)
    async with arranging(database) as session:
        node = await session.get_one(Node, inner)
        group = await session.get_one(ProjectGroup, outer)
        above = (
            await session.scalars(
                select(NodeClosure.ancestor_id)
                .where(NodeClosure.descendant_id == inner, NodeClosure.service.is_(False))
                .order_by(NodeClosure.depth)
            )
        ).all()
    assert (node.parent_id, node.stage, node.program_scope_id) == (
        outer,
        Stage.INITIATION,
        world.program.id,
    )
    assert above == [
        inner,
        outer,
        world.direction.id,
        world.program.id,
        world.body.id,
        world.country.id,
    ]
    assert (group.responsible_unit_id, group.standard_code) == (unit.id, None)
    first, second = await entries(database, "projectGroupCreated")
    assert (first.clause, first.after) == (
        "R2023 §48",
        {"responsible_unit_id": unit.id, "name_kk": "Су құбырлары"},
    )
    assert second.node_id == inner


async def test_create_group_anywhere_else_is_not_found(database: Database) -> None:
    world = await committed_world(database)
    for node in (world.body, world.program, world.project, world.task):
        with refuses("NOT_FOUND", None, "parentId"):
            await create(database, node.id)


async def test_create_group_beyond_the_six_is_refused(database: Database) -> None:
    await committed_world(database)
    _, direction, group = await standard_nodes(database)
    for parent_id in (direction, group):
        with refuses("STANDARD_DIRECTION_HAS_SIX_GROUPS", "R2023 §63", "parentId"):
            await create(database, parent_id)


async def test_create_group_with_a_unit_of_another_body_is_refused(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        other = await make_node(session, NodeKind.STATE_BODY, world.country)
    unit = await add_unit(database, other)
    with refuses("RESPONSIBLE_UNIT_OF_ANOTHER_BODY", "R2023 §2(28)", "responsibleUnitId"):
        await create(database, world.direction.id, responsible_unit_id=unit.id)


async def test_create_group_with_a_unit_nobody_shows_is_not_found(database: Database) -> None:
    world = await committed_world(database)
    unit = await add_unit(database, world.body)
    given: dict[str, Any] = {"parent_id": world.direction.id, "names": NAMES}
    with refuses("NOT_FOUND", None, "responsibleUnitId"):
        async with acting(database, may={"project_group.create"}, hidden={unit.id}) as work:
            await create_project_group(work, responsible_unit_id=unit.id, **given)
    with refuses("NOT_FOUND", None, "responsibleUnitId"):
        await create(database, world.direction.id, responsible_unit_id=world.body.id)
    async with arranging(database) as session:
        (await session.get_one(Node, unit.id)).archived_at = NOW
    with refuses("NODE_ARCHIVED", "product default; R2023 §98"):
        await create(database, world.direction.id, responsible_unit_id=unit.id)


async def test_create_group_needs_its_action(database: Database) -> None:
    world = await committed_world(database)
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, may={"bd.manage"}) as work:
            await create_project_group(work, parent_id=world.direction.id, names=NAMES)
    assert caught.value.action == "project_group.create"
    async with acting(database, may={"project_group.create"}) as work:
        await create_project_group(work, parent_id=world.direction.id, names=NAMES)


async def test_create_group_in_a_stopped_direction_is_refused(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        (await session.get_one(Node, world.direction.id)).stage = Stage.STOPPED
    with refuses("WRONG_STAGE", PRODUCT_DEFAULT):
        await create(database, world.direction.id)


async def test_edit_group_changes_only_what_is_given(database: Database) -> None:
    world = await committed_world(database)
    unit = await add_unit(database, world.body)
    group_id = await create(database, world.direction.id)
    await edit(database, group_id, responsible_unit_id=unit.id)
    async with arranging(database) as session:
        group = await session.get_one(ProjectGroup, group_id)
        node = await session.get_one(Node, group_id)
    assert (group.responsible_unit_id, group.name_kk, node.version) == (
        unit.id,
        "Су құбырлары",
        2,
    )
    (entry,) = await entries(database, "projectGroupEdited")
    assert (entry.before, entry.after) == (
        {"responsible_unit_id": None},
        {"responsible_unit_id": unit.id},
    )
    with refuses("CONFLICT", None, "expectedVersion"):
        await edit(database, group_id, names=NAMES)
    await edit(database, group_id, version=2, responsible_unit_id=None)


async def test_edit_group_needs_its_action(database: Database) -> None:
    world = await committed_world(database)
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, may={"bd.manage"}) as work:
            await edit_project_group(work, world.group.id, expected_version=1, names=NAMES)
    assert caught.value.action == "project_group.manage"


async def test_edit_one_of_the_six_groups(database: Database) -> None:
    world = await committed_world(database)
    body_id, _, group_id = await standard_nodes(database)
    with refuses("STANDARD_DIRECTION_IS_FIXED", "R2023 §63", "names"):
        await edit(database, group_id, names=NAMES)
    async with arranging(database) as session:
        unit = await make_node(
            session, NodeKind.ORGANIZATION_UNIT, await session.get_one(Node, body_id)
        )
    await edit(database, group_id, responsible_unit_id=unit.id)
    foreign = await add_unit(database, world.body)
    with refuses("RESPONSIBLE_UNIT_OF_ANOTHER_BODY", "R2023 §2(28)", "responsibleUnitId"):
        await edit(database, group_id, version=2, responsible_unit_id=foreign.id)
