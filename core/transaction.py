"""The edge of a unit of work: the only place that commits.

Everything an act did, its audit entries and its events become visible together or not at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, cast

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit.chain import link_entries, lock_chain
from core.audit.entry import AuditEntry
from core.db.engine import Database
from core.decisions.log import write_denial
from core.errors import PlatformError
from core.events.outbox import CHANNEL, OutboxEvent
from core.plugins.host import Host
from core.plugins.within import run_within
from core.sealing import Seal
from core.tree.node import Node
from core.work import Actor, Authority, Entry, Gate, RuleSettings, Work

NO_BODY = 0
"""The audit chain of acts outside any state body."""


@asynccontextmanager
async def transact(
    database: Database,
    *,
    actor: Actor,
    authority: Authority,
    now: datetime,
    rules: RuleSettings | None = None,
    correlation_id: str = "-",
    host: Host | None = None,
    gate: Gate | None = None,
    seal: Seal | None = None,
    files: object = None,
) -> AsyncIterator[Work]:
    """One unit of work in one transaction; commits when the block ends, else rolls all back.

    What it was denied then stands in the decision log.
    """
    work: Work | None = None
    try:
        async with database.session() as session, session.begin():
            work = Work(
                session=session,
                actor=actor,
                now=now,
                authority=authority,
                rules=rules or RuleSettings(),
                correlation_id=correlation_id,
                host=host,
                gate=gate,
                seal=seal,
                files=files,
            )
            yield work
            await settle(work)
            await write_entries(work)
    except PlatformError as refusal:
        if work is not None and refusal.denial is not None:
            await write_denial(database, work, refusal.denial)
            refusal.denial = None
        raise


async def settle(work: Work) -> None:
    """Let plugins take part in what was recorded since the last call: its end, but for the audit.

    Whoever shows what an act changed calls it before looking. Raises what handlers refuse with.
    """
    await work.session.flush()
    await pass_gate(work)
    if work.host is not None:
        await run_within(work, cast(Host, work.host).handlers)


async def pass_gate(work: Work) -> None:
    """Raise what the gate says of the first object something was done to where it is shut."""
    if work.gate is not None:
        nodes = sorted({e.node_id for e in work.entries if e.node_id is not None})
        await work.gate.look_up(work.session, nodes)
        for node_id in nodes:
            await work.gate.require(work.session, node_id)


async def write_entries(work: Work) -> None:
    """Write what the unit of work recorded: events first, then the chains, whose locks are last.

    Chains are locked in the order of their keys, so two units of work never wait for each other.
    """
    if not work.entries:
        return
    session = work.session
    await session.execute(insert(OutboxEvent), [event_row(work, entry) for entry in work.entries])
    if session.get_bind().dialect.name == "postgresql":
        await stamp_transaction(session)
        await session.execute(select(func.pg_notify(CHANNEL, "")))
    by_chain: dict[int, list[dict[str, Any]]] = defaultdict(list)
    bodies = await bodies_of(session, {e.node_id for e in work.entries if e.node_id is not None})
    for entry in work.entries:
        chain = bodies.get(entry.node_id or 0) or NO_BODY
        by_chain[chain].append(audit_row(work, entry))
    for chain in sorted(by_chain):
        head = await lock_chain(session, chain)
        link_entries(head, by_chain[chain])
        await session.execute(insert(AuditEntry), by_chain[chain])
    await session.flush()


async def stamp_transaction(session: AsyncSession) -> None:
    """Write the transaction's id into its events, for readers that stay behind running ones."""
    await session.execute(
        text(
            "UPDATE outbox_event SET transaction_id = pg_current_xact_id()::text::bigint"
            " WHERE transaction_id IS NULL AND xmin = pg_current_xact_id()::xid"
        )
    )


async def bodies_of(session: AsyncSession, node_ids: set[int]) -> dict[int, int | None]:
    """The owning state body of each node."""
    if not node_ids:
        return {}
    rows = await session.execute(
        select(Node.id, Node.state_body_id).where(Node.id.in_(sorted(node_ids)))
    )
    return {row.id: row.state_body_id for row in rows}


def audit_row(work: Work, entry: Entry) -> dict[str, Any]:
    """The audit entry's columns, without those the chain gives it."""
    return {
        "at": work.now,
        "account_id": work.actor.account_id,
        "person_id": work.actor.person_id,
        "actor": work.actor.label,
        "acting_as": entry.acting_as,
        "act": entry.act,
        "subject": entry.subject,
        "subject_id": entry.subject_id,
        "node_id": entry.node_id,
        "before": entry.before,
        "after": entry.after,
        "clause": entry.clause,
        "correlation_id": work.correlation_id,
    }


def event_row(work: Work, entry: Entry) -> dict[str, Any]:
    """The outbox event's columns. Ids only: readers look up what they may see."""
    return {
        "at": work.now,
        "act": entry.act,
        "subject": entry.subject,
        "subject_id": entry.subject_id,
        "node_id": entry.node_id,
        "payload": {"changed": sorted({*(entry.before or {}), *(entry.after or {})})},
        "correlation_id": work.correlation_id,
    }
