"""Keys of external information systems."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import JSON_VALUE, UtcDateTime


class ServiceKey(Base):
    """256 random bits, of which only the SHA-256 and a prefix to recognise it are kept.

    ``scopes`` are the actions it may use, out of those its owner holds.
    """

    __tablename__ = "service_key"
    __table_args__ = (UniqueConstraint("hash"), UniqueConstraint("prefix"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    prefix: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(JSON_VALUE)
    expires_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
