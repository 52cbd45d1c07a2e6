"""What becomes visible, becomes visible together."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import func, select, update

from core.audit.chain import verify_chain
from core.audit.entry import AuditChain, AuditEntry
from core.db.engine import Database
from core.events.outbox import OutboxEvent
from core.transaction import transact
from core.tree.node import Node
from core.work import OPERATOR, OperatorAuthority, Work
from tests.factories import make_person, make_world

OPERATOR_AUTHORITY = OperatorAuthority()


async def act_once(
    database: Database, now: datetime, node_id: int, act: str = "testPatted"
) -> None:
    async with transact(database, actor=OPERATOR, authority=OPERATOR_AUTHORITY, now=now) as work:
        await pat(work, node_id, act)


async def pat(work: Work, node_id: int, act: str) -> None:
    node = await work.session.get(Node, node_id, with_for_update=True)
    assert node is not None
    node.version += 1
    await work.session.flush()
    work.record(
        act,
        node,
        node_id=node.id,
        before={"version": node.version - 1},
        after={"version": node.version},
    )


async def test_transact_writes_audit_and_event_with_the_change(
    database: Database, now: datetime
) -> None:
    async with database.session() as session, session.begin():
        world = await make_world(session)
    await act_once(database, now, world.project.id)
    async with database.session() as session:
        entry = (await session.scalars(select(AuditEntry))).one()
        event = (await session.scalars(select(OutboxEvent))).one()
        node = await session.get(Node, world.project.id)
    assert node is not None
    assert node.version == 2
    assert (entry.act, entry.chain, entry.position, entry.actor) == (
        "testPatted",
        world.body.id,
        1,
        "operator",
    )
    assert (entry.before, entry.after) == ({"version": 1}, {"version": 2})
    assert (event.act, event.node_id, event.payload) == (
        "testPatted",
        world.project.id,
        {"changed": ["version"]},
    )
    assert (event.transaction_id is not None) == (database.dialect == "postgresql")


async def test_transact_leaves_nothing_behind_after_an_error(
    database: Database, now: datetime
) -> None:
    async with database.session() as session, session.begin():
        world = await make_world(session)

    async def fail() -> None:
        async with transact(
            database, actor=OPERATOR, authority=OPERATOR_AUTHORITY, now=now
        ) as work:
            await pat(work, world.project.id, "testPatted")
            await make_person(work.session)
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        await fail()
    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(AuditEntry)) == 0
        assert await session.scalar(select(func.count()).select_from(OutboxEvent)) == 0
        node = await session.get(Node, world.project.id)
    assert node is not None
    assert node.version == 1


async def test_transact_loses_no_update_of_sixteen_writers(
    database: Database, now: datetime
) -> None:
    async with database.session() as session, session.begin():
        world = await make_world(session)
    await asyncio.gather(*(act_once(database, now, world.project.id) for _ in range(16)))
    async with database.session() as session:
        node = await session.get(Node, world.project.id)
        assert node is not None
        assert node.version == 17
        head = await session.get(AuditChain, world.body.id)
        assert head is not None
        assert head.length == 16
        assert await verify_chain(session, world.body.id) is None


async def test_acts_of_two_bodies_make_two_chains(database: Database, now: datetime) -> None:
    async with database.session() as session, session.begin():
        world = await make_world(session)
    async with transact(database, actor=OPERATOR, authority=OPERATOR_AUTHORITY, now=now) as work:
        await pat(work, world.project.id, "testPatted")
        await pat(work, world.priority.id, "testPatted")
    async with database.session() as session:
        heads = (await session.scalars(select(AuditChain).order_by(AuditChain.chain))).all()
    assert [(head.chain, head.length) for head in heads] == [(0, 1), (world.body.id, 1)]


@pytest.mark.parametrize("column", ["actor", "act", "clause", "hash"])
async def test_verify_chain_finds_an_altered_entry(
    database: Database, now: datetime, column: str
) -> None:
    async with database.session() as session, session.begin():
        world = await make_world(session)
    for _ in range(3):
        await act_once(database, now, world.project.id)
    async with database.session() as session, session.begin():
        await session.execute(
            update(AuditEntry).where(AuditEntry.position == 2).values({column: "forged"})
        )
    async with database.session() as session:
        assert await verify_chain(session, world.body.id) == 2


async def test_verify_chain_finds_a_cut_tail(database: Database, now: datetime) -> None:
    async with database.session() as session, session.begin():
        world = await make_world(session)
    for _ in range(2):
        await act_once(database, now, world.project.id)
    async with database.session() as session, session.begin():
        last = await session.scalar(select(AuditEntry).where(AuditEntry.position == 2))
        await session.delete(last)
    async with database.session() as session:
        assert await verify_chain(session, world.body.id) == 2
