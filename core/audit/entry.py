"""One entry of the audit log, and the head of each chain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import JSON_VALUE, UtcDateTime


class AuditEntry(Base):
    """Who did what to which row, acting as what, under which clause.

    Entries of one state body form a chain: ``hash`` covers the entry and the previous hash, so a
    removed or altered entry shows. ``chain`` 0 holds acts outside any body. Personal columns
    appear in ``before`` and ``after`` as "changed" only.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("chain", "position"),
        Index("ix_audit_entry_node_id_id", "node_id", "id"),
        Index("ix_audit_entry_subject", "subject", "subject_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    chain: Mapped[int] = mapped_column(Key)
    position: Mapped[int] = mapped_column(Key)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None] = mapped_column(Key)
    person_id: Mapped[int | None] = mapped_column(Key)
    actor: Mapped[str] = mapped_column(Text)
    acting_as: Mapped[str | None] = mapped_column(Text)
    act: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int] = mapped_column(Key)
    node_id: Mapped[int | None] = mapped_column(Key)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON_VALUE)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON_VALUE)
    clause: Mapped[str | None] = mapped_column(Text)
    correlation_id: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)


class AuditChain(Base):
    """The head of one chain; its row is the last lock a transaction takes."""

    __tablename__ = "audit_chain"

    chain: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    length: Mapped[int] = mapped_column(Key)
    hash: Mapped[str] = mapped_column(Text)
