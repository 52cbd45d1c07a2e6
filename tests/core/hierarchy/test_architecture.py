"""Directions and groups in bulk [R2023 §49]."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.engine import Database
from core.errors import NotFound
from core.hierarchy.architecture import (
    NewDirection,
    add_directions,
    add_groups,
    archive_empty,
    move_groups,
    rename_parts,
)
from core.hierarchy.basic_direction import BasicDirectionKind
from core.hierarchy.program import Program, ProgramKind
from core.hierarchy.project_group import ProjectGroup
from core.texts import Names
from core.tree.closure import insert_node, move_subtree
from core.tree.node import Node, NodeClosure, NodeKind
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW
from tests.factories import World, make_node

REGIONAL = BasicDirectionKind.REGIONAL_STANDARD
CLAUSE = "R2023 §49"
TWO = [NewDirection(Names(en="One"), [Names(en="1a"), Names(en="1b")]), NewDirection(Names(en="2"))]


async def plan(database: Database) -> World:
    """A world whose program is a regional development plan."""
    world = await committed_world(database)
    async with arranging(database) as session:
        program = await session.get_one(Program, world.program.id)
        program.kind = ProgramKind.REGIONAL_DEVELOPMENT_PLAN
    return world


async def closure(session: AsyncSession, node_id: int) -> set[tuple[int, int, NodeKind, bool]]:
    """What the closure says of a node, but for itself."""
    rows = await session.scalars(
        select(NodeClosure).where(
            NodeClosure.descendant_id == node_id, NodeClosure.ancestor_id != node_id
        )
    )
    return {(each.ancestor_id, each.depth, each.kind, each.service) for each in rows}


async def test_add_directions_places_each_part_as_if_it_were_put_there_alone(
    database: Database,
) -> None:
    world = await plan(database)
    async with acting(database) as work:
        first, second = await add_directions(work, world.program.id, REGIONAL, TWO, clause=CLAUSE)
        assert [each.name_en for each in first.groups] == ["1a", "1b"]
        assert second.groups == []
        group = await work.session.get_one(Node, first.groups[1].id)
        above = await work.session.get_one(Node, first.direction.id)
        alone = await insert_node(work.session, kind=NodeKind.PROJECT_GROUP, parent=above, now=NOW)
        assert await closure(work.session, group.id) == await closure(work.session, alone.id)
        assert [
            (each.region_id, each.state_body_id, each.program_scope_id) for each in (group, above)
        ] == [(alone.region_id, alone.state_body_id, world.program.id)] * 2
    assert [each.subject_id for each in await entries(database, "basicDirectionAdopted")] == [
        first.direction.id,
        second.direction.id,
    ]
    assert len(await entries(database, "projectGroupCreated")) == 2


async def test_add_directions_is_for_regional_kinds_in_regional_plans(database: Database) -> None:
    world = await committed_world(database)
    for kind, code, field in (
        (REGIONAL, "REGIONAL_DIRECTION_STAYS_IN_PLAN", "programId"),
        (BasicDirectionKind.ORDINARY, "DIRECTION_KIND_NOT_ADOPTED", "kind"),
    ):
        with refuses(code, CLAUSE, field):
            async with acting(database) as work:
                await add_directions(work, world.program.id, kind, TWO, clause=CLAUSE)


async def test_move_groups_rewrites_the_closure_as_a_move_does(database: Database) -> None:
    world = await plan(database)
    async with acting(database) as work:
        first, second = await add_directions(work, world.program.id, REGIONAL, TWO, clause=CLAUSE)
        moved, other = [await work.session.get_one(Node, each.id) for each in first.groups]
        inside = [await make_node(work.session, NodeKind.PROJECT, each) for each in (moved, other)]
        target = await work.session.get_one(Node, second.direction.id)
        await move_groups(work, {moved.id: target.id}, reason="law", clause=CLAUSE)
        await move_subtree(work.session, other, target)
        assert moved.parent_id == target.id
        assert await closure(work.session, moved.id) == await closure(work.session, other.id)
        mine, theirs = [
            {each for each in await closure(work.session, node.id) if each[1] > 1}
            for node in inside
        ]
        assert mine == theirs
    (entry,) = await entries(database, "nodeMoved")
    assert (entry.node_id, entry.clause) == (moved.id, CLAUSE)


async def test_rename_and_archive_count_versions_and_pass_over_what_holds_something(
    database: Database,
) -> None:
    world = await plan(database)
    async with acting(database) as work:
        (first, second) = await add_directions(work, world.program.id, REGIONAL, TWO, clause=CLAUSE)
        (added,) = await add_groups(work, [(second.direction.id, Names(en="2a"))], clause=CLAUSE)
        full = await work.session.get_one(Node, first.groups[0].id)
        await make_node(work.session, NodeKind.PROJECT, full)
        await rename_parts(
            work, {added.id: Names(en="2b"), first.direction.id: Names(en="One")}, clause=CLAUSE
        )
        groups = [*(each.id for each in first.groups), added.id]
        gone = await archive_empty(work, groups, reason="law", clause=CLAUSE)
        assert gone == [first.groups[1].id, added.id]
        directions = [first.direction.id, second.direction.id]
        assert await archive_empty(work, directions, reason="law", clause=CLAUSE) == [
            second.direction.id
        ]
    async with arranging(database) as session:
        node = await session.get_one(Node, added.id)
        assert ((await session.get_one(ProjectGroup, added.id)).name_en, node.version) == ("2b", 3)
        assert (await session.get_one(Node, first.direction.id)).version == 1
    with pytest.raises(NotFound):
        async with acting(database) as work:
            await rename_parts(work, {world.program.id: Names(en="No")}, clause=CLAUSE)
