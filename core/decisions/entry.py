"""One line of the decision log."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import JSON_VALUE, UtcDateTime, named_enum


class DecisionKind(enum.Enum):
    """What is logged."""

    DENIED = "somebody was refused something"
    SENSITIVE_READ = "somebody read personal data"


class DecisionEntry(Base):
    """A denial, or a read of personal data [R2023 §97].

    Nothing personal stands in it but who asked: ``subject`` and ``subject_id`` name the row,
    ``fields`` what was read of it, never the values. ``policy_version`` and ``rule`` say what
    decided (no rule: nothing allowed it, or a read of what is no person's), ``outcome`` is the code
    the caller got. Not part of the chain of the audit log: lines are deleted after the time of
    retention.
    """

    __tablename__ = "decision_entry"
    __table_args__ = (
        Index("ix_decision_entry_at", "at"),
        Index("ix_decision_entry_node_id_at", "node_id", "at"),
        Index("ix_decision_entry_person_id_at", "person_id", "at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[DecisionKind] = mapped_column(named_enum(DecisionKind))
    action: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    node_id: Mapped[int | None] = mapped_column(Key)
    subject: Mapped[str | None] = mapped_column(Text)
    subject_id: Mapped[int | None] = mapped_column(Key)
    fields: Mapped[list[str]] = mapped_column(JSON_VALUE)
    person_id: Mapped[int | None] = mapped_column(Key)
    account_id: Mapped[int | None] = mapped_column(Key)
    rule: Mapped[str | None] = mapped_column(Text)
    policy_version: Mapped[str] = mapped_column(Text)
    correlation_id: Mapped[str] = mapped_column(Text)
