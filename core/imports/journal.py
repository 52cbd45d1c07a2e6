"""The audit entries of one source, written at the end of its transaction.

A chain's lock is the last a transaction takes, and an import is long: entries wait in a temporary
file, so that neither other writers nor memory pay for it.
"""

from __future__ import annotations

import pickle
import tempfile
from operator import itemgetter
from typing import IO, Any, NamedTuple, cast

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit.chain import link_entries, lock_chain
from core.audit.entry import AuditEntry
from core.imports.bulk import BulkInsert
from core.transaction import NO_BODY, audit_row
from core.work import Entry, Work

ACT = "imported"
"""What the audit log calls a row's import."""


class Note(NamedTuple):
    """One changed row."""

    chain: int
    subject: str
    subject_id: int
    node_id: int | None
    before: dict[str, Any] | None
    after: dict[str, Any]


SAME = ("at", "account_id", "person_id", "actor", "acting_as", "act", "clause", "correlation_id")
"""Columns alike in every entry of one import."""

ENTRY = (
    "chain", "position", "subject", "subject_id", "node_id", "before", "after",
    "previous_hash", "hash",
)  # fmt: skip


class Journal:
    """Collects notes chunk by chunk; :meth:`write` chains and stores them as audit entries."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.pending: list[Note] = []
        self.chains: set[int] = {NO_BODY}
        self.spool: IO[bytes] | None = None
        self.chunks = 0

    def add(self, note: Note) -> None:
        self.pending.append(note)
        self.chains.add(note.chain)

    def spill(self) -> None:
        """Move what was noted since the last call out of memory."""
        if not self.pending:
            return
        if self.spool is None:
            self.spool = tempfile.TemporaryFile()  # noqa: SIM115 - close() closes it
        pickle.dump(self.pending, self.spool, pickle.HIGHEST_PROTOCOL)
        self.pending = []
        self.chunks += 1

    async def write(self, session: AsyncSession) -> None:
        """Lock the chains in the order of their keys, then link and insert every entry."""
        self.spill()
        if self.spool is None:
            return
        heads = {chain: await lock_chain(session, chain) for chain in sorted(self.chains)}
        entry = Entry(ACT, "", 0, None, None, None, None, self.work.acting_as)
        shared = audit_row(self.work, entry)
        table = cast("Table", AuditEntry.__table__)
        insert = BulkInsert(session, table, ENTRY, {name: shared[name] for name in SAME})
        columns = itemgetter(*ENTRY)
        self.spool.seek(0)
        for _ in range(self.chunks):
            rows: list[tuple[Any, ...]] = []
            # Written by spill() above, in this process.
            for note in pickle.load(self.spool):  # noqa: S301
                row = shared | note._asdict()
                link_entries(heads[note.chain], [row])
                rows.append(columns(row))
            await insert.insert(rows)
        await session.flush()

    def close(self) -> None:
        if self.spool is not None:
            self.spool.close()
