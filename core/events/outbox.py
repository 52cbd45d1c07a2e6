"""The outbox: one event per act, in the act's own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import JSON_VALUE, UtcDateTime

CHANNEL = "zhoba_outbox"
"""PostgreSQL channel that wakes the readers of the outbox; the message is empty."""


class OutboxEvent(Base):
    """An event waiting for its readers, in the order of ``id``.

    ``transaction_id`` is PostgreSQL's; readers stay behind the oldest running transaction, so an
    event committed late is never skipped. SQLite has one writer and needs none (null).
    """

    __tablename__ = "outbox_event"
    __table_args__ = (Index("ix_outbox_event_transaction_id_id", "transaction_id", "id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    act: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int] = mapped_column(Key)
    node_id: Mapped[int | None] = mapped_column(Key)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON_VALUE)
    correlation_id: Mapped[str] = mapped_column(Text)
    transaction_id: Mapped[int | None] = mapped_column(Key)
