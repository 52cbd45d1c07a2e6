"""Copies of a node in the table of projects: nobody can make them differ.

That no act does is looked at after every test that takes ``database``.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any, cast

import pytest
from sqlalchemy import Table, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.base import name_columns
from core.db.engine import Database
from core.hierarchy.project import Project
from core.hierarchy.project.model import COPIED
from core.tree.closure import insert_node, move_subtree
from core.tree.copied import copies_in, differing
from core.tree.node import Node, NodeKind, Stage
from tests.acting import arranging, committed_world
from tests.conftest import NOW
from tests.factories import World, make_node, make_region

NODE, PROJECT = cast("Table", Node.__table__), cast("Table", Project.__table__)


async def copies_of(session: AsyncSession, key: int) -> tuple[Any, ...]:
    found = await session.execute(
        select(*(PROJECT.c[name] for name in COPIED)).where(PROJECT.c.id == key)
    )
    return tuple(found.one())


def plain_row(key: int, **more: Any) -> dict[str, Any]:
    """A project as somebody else's program would write it."""
    return {
        "id": key, "number": f"RAW-{key}", "currency": "KZT", "product_has_priority": False,
        "contractual": False, **name_columns("а"), **more,
    }  # fmt: skip


class Somebody:
    """Writes this and that, by our acts' means and past them."""

    def __init__(self, session: AsyncSession, world: World, chance: random.Random) -> None:
        self.session, self.world, self.chance = session, world, chance
        self.keys = [world.project.id]
        self.groups = [world.group]

    def values(self) -> dict[str, Any]:
        """Some of what is copied, changed."""
        nodes = [None, self.world.program.id, self.world.body.id, self.world.group.id]
        all_of_it = {
            "stage": self.chance.choice([None, *Stage]),
            "archived_at": self.chance.choice([None, NOW]),
            "region_id": self.chance.choice([None, self.world.region.id]),
            **{
                name: self.chance.choice(nodes)
                for name in ("parent_id", "program_scope_id", "state_body_id")
            },
        }
        names = self.chance.sample(COPIED, self.chance.randint(1, len(COPIED)))
        return {name: all_of_it[name] for name in names}

    async def create(self) -> None:
        node = await make_node(self.session, NodeKind.PROJECT, self.chance.choice(self.groups))
        self.keys.append(node.id)

    async def create_past_us(self) -> None:
        group = self.chance.choice(self.groups)
        node = await insert_node(
            self.session, kind=NodeKind.PROJECT, parent=group, now=NOW, stage=Stage.PLANNING
        )
        told = self.chance.choice([{}, self.values()])
        await self.session.execute(insert(PROJECT).values(plain_row(node.id, **told)))
        self.keys.append(node.id)

    async def open_group(self) -> None:
        node = await make_node(self.session, NodeKind.PROJECT_GROUP, self.world.direction)
        self.groups.append(node)

    async def move(self) -> None:
        node = await self.session.get_one(Node, self.chance.choice(self.keys))
        await move_subtree(self.session, node, self.chance.choice(self.groups))

    async def change_node(self) -> None:
        key = self.chance.choice(self.keys)
        await self.session.execute(update(NODE).where(NODE.c.id == key).values(self.values()))

    async def change_many(self) -> None:
        values = {"stage": self.chance.choice(list(Stage)), "version": NODE.c.version + 1}
        await self.session.execute(update(NODE).values(values))

    async def change_copies(self) -> None:
        key = self.chance.choice([*self.keys, None])
        wanted = update(PROJECT).values(**self.values(), goal="Мақсат")
        await self.session.execute(wanted if key is None else wanted.where(PROJECT.c.id == key))


@pytest.mark.parametrize("seed", [1, 2])
async def test_copies_are_those_of_the_node_whatever_is_written(
    database: Database, seed: int
) -> None:
    world = await committed_world(database)
    chance = random.Random(seed)
    async with arranging(database) as session:
        somebody = Somebody(session, world, chance)
        steps = [
            somebody.create, somebody.create_past_us, somebody.open_group, somebody.move,
            somebody.change_node, somebody.change_many, somebody.change_copies,
        ]  # fmt: skip
        for step in [*steps, *(chance.choice(steps) for _ in range(40))]:
            await step()
            session.expunge_all()
            assert await differing(session, PROJECT) == [], step.__name__


async def test_a_copy_follows_and_cannot_be_written(database: Database) -> None:
    world = await committed_world(database)
    key = world.project.id
    async with arranging(database) as session:
        region = await make_region(session, "KZ-47")
        told = {
            "stage": Stage.CLOSURE, "parent_id": world.direction.id,
            "program_scope_id": world.group.id, "state_body_id": world.country.id,
            "region_id": region.id, "archived_at": NOW,
        }  # fmt: skip
        assert set(told) == set(COPIED)
        await session.execute(update(NODE).where(NODE.c.id == key).values(told))
        assert await copies_of(session, key) == tuple(told[name] for name in COPIED)
        for name in COPIED:
            await session.execute(update(PROJECT).values({name: None}))
        assert await copies_of(session, key) == tuple(told[name] for name in COPIED)


async def test_a_difference_is_found_where_the_triggers_are_gone(database: Database) -> None:
    world = await committed_world(database)
    async with database.session() as session:
        name = "project_keeps_copies" if database.dialect == "sqlite" else "project_copies_node"
        table = "" if database.dialect == "sqlite" else " ON project"
        await session.execute(text(f"DROP TRIGGER {name}{table}"))
        assert await differing(session, PROJECT) == []
        await session.execute(update(PROJECT).values(stage=None))
        assert await differing(session, PROJECT) == [world.project.id]
        await session.rollback()


async def test_a_row_waits_for_a_change_of_its_node(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    world = await committed_world(database)
    async with arranging(database) as session:
        node = await insert_node(session, kind=NodeKind.PROJECT, parent=world.group, now=NOW)

    async def write_row() -> None:
        async with arranging(database) as session:
            await session.execute(insert(PROJECT).values(plain_row(node.id)))

    async with arranging(database) as session:
        await session.execute(update(NODE).where(NODE.c.id == node.id).values(stage=Stage.CLOSURE))
        writing = asyncio.create_task(write_row())
        done, _ = await asyncio.wait([writing], timeout=0.2)
        assert not done
    await writing
    async with arranging(database) as session:
        assert (await copies_of(session, node.id))[0] is Stage.CLOSURE


def test_no_act_can_name_a_copy() -> None:
    assert {own.name for own in copies_in(PROJECT).values()} == set(COPIED)
    for name in COPIED:
        assert not hasattr(Project, name)
