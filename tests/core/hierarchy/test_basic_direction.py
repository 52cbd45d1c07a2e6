"""Basic directions of a program."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed
from core.hierarchy.basic_direction import (
    BasicDirection,
    BasicDirectionKind,
    adopt_basic_direction,
    edit_basic_direction,
)
from core.hierarchy.state_body import StateBodyKind, register_state_body
from core.texts import Names
from core.tree.node import Node, NodeKind, Stage
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW

NAMES = Names(kk="Су шаруашылығы", en="Water")


async def adopt(database: Database, program_id: int, **given: Any) -> int:
    async with acting(database) as work:
        direction = await adopt_basic_direction(
            work, program_id=program_id, **({"names": NAMES} | given)
        )
        return direction.id


async def edit(database: Database, direction_id: int, version: int = 1, **given: Any) -> None:
    async with acting(database) as work:
        await edit_basic_direction(work, direction_id, expected_version=version, **given)


async def standard_direction(database: Database) -> int:
    async with acting(database) as work:
        body = await register_state_body(
            work, names=Names(kk="Министрлік"), kind=StateBodyKind.CENTRAL
        )
    async with arranging(database) as session:
        return (await session.scalars(select(Node.id).where(Node.parent_id == body.id))).one()


async def test_adopt_direction_enters_everything(database: Database) -> None:
    world = await committed_world(database)
    direction_id = await adopt(database, world.program.id, task=" Clean water ")
    async with arranging(database) as session:
        node = await session.get_one(Node, direction_id)
        direction = await session.get_one(BasicDirection, direction_id)
    assert (node.kind, node.parent_id, node.program_scope_id, node.stage) == (
        NodeKind.BASIC_DIRECTION,
        world.program.id,
        world.program.id,
        Stage.INITIATION,
    )
    assert (direction.kind, direction.task) == (BasicDirectionKind.ORDINARY, "Clean water")
    (entry,) = await entries(database, "basicDirectionAdopted")
    assert (entry.clause, entry.chain, entry.after) == (
        "R2023 §74(1)",
        world.body.id,
        {
            "kind": "ORDINARY",
            "task": "Clean water",
            "name_kk": "Су шаруашылығы",
            "name_en": "Water",
        },
    )


@pytest.mark.parametrize(
    ("kind", "clause"),
    [
        (BasicDirectionKind.STANDARD, "R2023 §63"),
        (BasicDirectionKind.REGIONAL_STANDARD, "R2023 §49"),
        (BasicDirectionKind.REGIONAL_ADDITIONAL, "R2023 §49"),
    ],
)
async def test_adopt_direction_of_another_kind_is_refused(
    database: Database, kind: BasicDirectionKind, clause: str
) -> None:
    world = await committed_world(database)
    with refuses("DIRECTION_KIND_NOT_ADOPTED", clause, "kind"):
        await adopt(database, world.program.id, kind=kind)


async def test_adopt_direction_outside_a_program_is_not_found(database: Database) -> None:
    world = await committed_world(database)
    for node in (world.body, world.direction, world.priority):
        with refuses("NOT_FOUND", None, "programId"):
            await adopt(database, node.id)


async def test_adopt_direction_needs_its_action(database: Database) -> None:
    world = await committed_world(database)
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, may={"program.edit"}) as work:
            await adopt_basic_direction(work, program_id=world.program.id, names=NAMES)
    assert caught.value.action == "program.set_architecture"
    async with acting(database, may={"program.set_architecture"}) as work:
        await adopt_basic_direction(work, program_id=world.program.id, names=NAMES)


@pytest.mark.parametrize("stage", [Stage.STOPPED, Stage.CLOSURE, Stage.CLOSED])
async def test_adopt_direction_in_a_program_at_an_end_is_refused(
    database: Database, stage: Stage
) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        (await session.get_one(Node, world.program.id)).stage = stage
    with refuses("WRONG_STAGE", PRODUCT_DEFAULT):
        await adopt(database, world.program.id)


async def test_adopt_direction_in_an_archived_program_is_refused(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        (await session.get_one(Node, world.program.id)).archived_at = NOW
    with refuses("NODE_ARCHIVED", "product default; R2023 §98"):
        await adopt(database, world.program.id)


async def test_edit_direction_changes_only_what_is_given(database: Database) -> None:
    world = await committed_world(database)
    direction_id = await adopt(database, world.program.id, task="Old")
    await edit(database, direction_id, task="New")
    async with arranging(database) as session:
        direction = await session.get_one(BasicDirection, direction_id)
        node = await session.get_one(Node, direction_id)
    assert (direction.task, direction.name_en, node.version) == ("New", "Water", 2)
    (entry,) = await entries(database, "basicDirectionEdited")
    assert (entry.before, entry.after) == ({"task": "Old"}, {"task": "New"})
    with refuses("CONFLICT", None, "expectedVersion"):
        await edit(database, direction_id, task=None)
    await edit(database, direction_id, version=2, task="New")
    await edit(database, direction_id, version=2, names=Names(ru="Вода"), task=None)


async def test_edit_direction_needs_its_action(database: Database) -> None:
    world = await committed_world(database)
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, may={"program.set_architecture"}) as work:
            await edit_basic_direction(work, world.direction.id, expected_version=1, task="X")
    assert caught.value.action == "bd.manage"


async def test_edit_standard_direction_is_refused(database: Database) -> None:
    await committed_world(database)
    direction_id = await standard_direction(database)
    for given in ({"names": NAMES}, {"task": "X"}):
        with refuses("STANDARD_DIRECTION_IS_FIXED", "R2023 §63"):
            await edit(database, direction_id, **given)
