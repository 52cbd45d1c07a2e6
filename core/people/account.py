"""Accounts and the identities that sign in to them."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import UtcDateTime, named_enum


class AccountKind(enum.Enum):
    """Whose account it is."""

    PERSON = "a person's"
    SYSTEM = "an external information system's"


class Account(Base):
    """What signs in. A system's account acts with the authority of its owner, within its scopes."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[AccountKind] = mapped_column(named_enum(AccountKind))
    label: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class Identity(Base):
    """One way to prove being an account: a subject at an issuer."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    issuer: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
