"""Archiving nodes [R2023 §98]."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed
from core.hierarchy.archive import ACTIONS, archive
from core.hierarchy.state_body import StateBodyKind, register_state_body
from core.texts import Names
from core.transaction import transact
from core.tree.node import Node, NodeKind, Retention, Stage
from core.work import OPERATOR, OperatorAuthority, RuleSettings
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW
from tests.factories import World, make_node

ARCHIVED = "product default; R2023 §98"


async def put_away(database: Database, node_id: int, version: int = 1, **given: Any) -> None:
    async with acting(database) as work:
        await archive(
            work, node_id, **({"expected_version": version, "reason": " Order 7 "} | given)
        )


async def read(database: Database, node_id: int) -> Node:
    async with arranging(database) as session:
        return await session.get_one(Node, node_id)


async def test_archive_keeps_the_node_with_its_retention(database: Database) -> None:
    world = await committed_world(database)
    await put_away(database, world.task.id)
    node = await read(database, world.task.id)
    assert (node.archived_at, node.retention, node.version, node.parent_id) == (
        NOW,
        Retention.YEARS_10,
        2,
        world.project.id,
    )
    (entry,) = await entries(database, "nodeArchived")
    assert (entry.node_id, entry.clause, entry.after) == (
        world.task.id,
        "R2023 §98",
        {
            "archived_at": NOW.isoformat(),
            "retention": "YEARS_10",
            "reason": "Order 7",
        },
    )
    with refuses("NODE_ARCHIVED", ARCHIVED):
        await put_away(database, world.task.id, version=2)


@pytest.mark.parametrize(
    ("years", "retention"),
    [
        (1, Retention.YEARS_5),
        (5, Retention.YEARS_5),
        (6, Retention.YEARS_10),
        (10, Retention.YEARS_10),
        (11, Retention.PERMANENT),
    ],
)
async def test_archive_keeps_for_the_years_of_the_installation(
    database: Database, years: int, retention: Retention
) -> None:
    world = await committed_world(database)
    async with transact(
        database,
        actor=OPERATOR,
        authority=OperatorAuthority(),
        now=NOW,
        rules=RuleSettings(retention_years=years),
    ) as work:
        await archive(work, world.task.id, expected_version=1, reason="R")
    assert (await read(database, world.task.id)).retention is retention


async def test_archive_for_less_than_the_installation_keeps_is_refused(database: Database) -> None:
    world = await committed_world(database)
    with refuses("RETENTION_TOO_SHORT", "R2023 §98", "retention"):
        await put_away(database, world.task.id, retention=Retention.YEARS_5)
    await put_away(database, world.task.id, retention=Retention.PERMANENT)
    assert (await read(database, world.task.id)).retention is Retention.PERMANENT


async def test_archive_with_anything_living_inside_is_refused(database: Database) -> None:
    world = await committed_world(database)
    for node in (world.project, world.group, world.direction, world.program, world.body):
        with refuses("ARCHIVE_WITH_LIVING_INSIDE", PRODUCT_DEFAULT, "id"):
            await put_away(database, node.id)
    for node in (
        world.task, world.project, world.group, world.direction, world.program, world.priority,
        world.body,
    ):  # fmt: skip
        await put_away(database, node.id)


async def test_archive_priority_a_living_program_serves_is_refused(database: Database) -> None:
    world = await committed_world(database)
    with refuses("ARCHIVE_WITH_LIVING_INSIDE", PRODUCT_DEFAULT, "id"):
        await put_away(database, world.priority.id)


@pytest.mark.parametrize("stage", [None, *Stage])
async def test_archive_what_has_not_begun_or_is_closed(
    database: Database, stage: Stage | None
) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        project = await make_node(session, NodeKind.PROJECT, world.group, stage=stage)
    if stage in (None, Stage.INITIATION, Stage.CLOSED):
        await put_away(database, project.id)
    else:
        with refuses("ARCHIVE_WHILE_RUNNING", PRODUCT_DEFAULT):
            await put_away(database, project.id)


async def test_archive_country_is_refused(database: Database) -> None:
    world = await committed_world(database)
    with refuses("COUNTRY_STAYS", PRODUCT_DEFAULT, "id"):
        await put_away(database, world.country.id)
    assert set(ACTIONS) == set(NodeKind) - {NodeKind.COUNTRY}


def nouns(world: World) -> dict[NodeKind, Node]:
    return {
        node.kind: node
        for node in (
            world.priority, world.body, world.program, world.direction, world.group,
            world.project, world.task,
        )
    }  # fmt: skip


async def test_archive_needs_the_action_of_the_kind(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        unit = await make_node(session, NodeKind.ORGANIZATION_UNIT, world.body, stage=None)
    expected = {
        NodeKind.NATIONAL_PRIORITY: "portfolio.manage",
        NodeKind.STATE_BODY: "state_body.manage",
        NodeKind.ORGANIZATION_UNIT: "state_body.manage",
    }
    for kind, node in (nouns(world) | {NodeKind.ORGANIZATION_UNIT: unit}).items():
        with pytest.raises(NotAllowed) as caught:
            async with acting(database, may={"node.move"}) as work:
                await archive(work, node.id, expected_version=1, reason="R")
        assert caught.value.action == expected.get(kind, "archive.manage")
    async with acting(database, may={"archive.manage"}) as work:
        await archive(work, world.task.id, expected_version=1, reason="R")


async def test_archive_needs_a_reason_and_the_latest_version(database: Database) -> None:
    world = await committed_world(database)
    with refuses("TEXT_REQUIRED", PRODUCT_DEFAULT, "reason"):
        await put_away(database, world.task.id, reason=" ")
    with refuses("CONFLICT", None, "expectedVersion"):
        await put_away(database, world.task.id, version=2)
    with refuses("NOT_FOUND", None, "id"):
        await put_away(database, 999)


async def test_archive_standard_direction_goes_with_its_body_only(database: Database) -> None:
    await committed_world(database)
    async with acting(database) as work:
        body = await register_state_body(
            work, names=Names(kk="Министрлік"), kind=StateBodyKind.CENTRAL
        )
    async with arranging(database) as session:
        parts = (
            await session.scalars(
                select(Node.id)
                .where(Node.state_body_id == body.id, Node.id != body.id)
                .order_by(Node.id)
            )
        ).all()
        group = await session.get_one(Node, parts[1])
        project = await make_node(session, NodeKind.PROJECT, group)
    assert len(parts) == 7
    for node_id in parts:
        with refuses("STANDARD_DIRECTION_IS_FIXED", "R2023 §63", "id"):
            await put_away(database, node_id)
    with refuses("ARCHIVE_WITH_LIVING_INSIDE", PRODUCT_DEFAULT, "id"):
        await put_away(database, body.id)
    await put_away(database, project.id)
    await put_away(database, body.id)
    assert [(await read(database, node_id)).archived_at for node_id in parts] == [NOW] * 7
    assert [entry.node_id for entry in await entries(database, "nodeArchived")] == [
        project.id,
        *parts,
        body.id,
    ]
