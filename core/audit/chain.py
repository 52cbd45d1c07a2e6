"""The hash chain: writing entries, and checking that nobody touched them.

``hash = SHA-256(previous hash + canonical JSON of the entry)``. Anyone with the rows can recompute
it; :func:`verify_chain` does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit.entry import AuditChain, AuditEntry

GENESIS = "0" * 64
"""The previous hash of a chain's first entry."""

HASHED = (
    "chain", "position", "at", "account_id", "person_id", "actor", "acting_as", "act", "subject",
    "subject_id", "node_id", "before", "after", "clause", "correlation_id",
)  # fmt: skip


def entry_hash(previous_hash: str, entry: dict[str, Any]) -> str:
    """The hash of an entry given as a mapping of the columns in :data:`HASHED`."""
    content = {name: entry[name] for name in HASHED}
    at: datetime = content["at"]
    content["at"] = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((previous_hash + text).encode()).hexdigest()


async def lock_chain(session: AsyncSession, chain: int) -> AuditChain:
    """The head of ``chain``, created if missing and locked until the transaction ends."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    await session.execute(
        dialect.insert(AuditChain)
        .values(chain=chain, length=0, hash=GENESIS)
        .on_conflict_do_nothing()
    )
    head = await session.scalar(
        select(AuditChain)
        .where(AuditChain.chain == chain)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    assert head is not None
    return head


def link_entries(head: AuditChain, entries: Sequence[dict[str, Any]]) -> None:
    """Give the entries their place and hashes, and move the head. The rows are changed in place."""
    for entry in entries:
        head.length += 1
        entry["chain"] = head.chain
        entry["position"] = head.length
        entry["previous_hash"] = head.hash
        head.hash = entry["hash"] = entry_hash(head.hash, entry)


async def verify_chain(session: AsyncSession, chain: int) -> int | None:
    """The position of the first entry that does not fit, or ``None`` when the chain is whole."""
    previous, position = GENESIS, 0
    rows = await session.stream_scalars(
        select(AuditEntry)
        .where(AuditEntry.chain == chain)
        .order_by(AuditEntry.position)
        .execution_options(yield_per=1000)
    )
    async for row in rows:
        position += 1
        columns = {name: getattr(row, name) for name in HASHED}
        if (
            row.position != position
            or row.previous_hash != previous
            or row.hash != entry_hash(previous, columns)
        ):
            return position
        previous = row.hash
    head = await session.get(AuditChain, chain, populate_existing=True)
    if head is not None and (head.length, head.hash) != (position, previous):
        return position + 1
    return None
