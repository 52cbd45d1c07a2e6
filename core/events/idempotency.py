"""Idempotency keys: a mutation sent twice happens once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import JSON_VALUE, UtcDateTime


class IdempotencyKey(Base):
    """What a mutation with this key did, kept 30 days, written in the act's own transaction.

    ``body_hash`` is that of the mutation and its input, made with a secret: the same key with
    another body is an error. ``result`` names the changed row, which a replay reads again.
    """

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("account_id", "key"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(Key)
    key: Mapped[str] = mapped_column(Text)
    mutation: Mapped[str] = mapped_column(Text)
    body_hash: Mapped[str] = mapped_column(Text)
    result: Mapped[dict[str, Any]] = mapped_column(JSON_VALUE)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
