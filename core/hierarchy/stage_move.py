"""Moves between stages: proposed, then decided."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import UtcDateTime, named_enum
from core.tree.node import Stage


class StageMoveState(enum.Enum):
    """What became of a proposed move."""

    PROPOSED = "waits for a decision"
    CONFIRMED = "decided, the stage moved"
    REFUSED = "decided against"
    WITHDRAWN = "taken back by the proposer, or overtaken"


class StageMove(Base):
    """One move of a node from a stage to another [R2023 §9, §69(2), §78(6), §92]."""

    __tablename__ = "stage_move"
    __table_args__ = (Index("ix_stage_move_node_id_id", "node_id", "id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    from_stage: Mapped[Stage] = mapped_column(named_enum(Stage))
    to_stage: Mapped[Stage] = mapped_column(named_enum(Stage))
    state: Mapped[StageMoveState] = mapped_column(named_enum(StageMoveState))
    reason: Mapped[str | None] = mapped_column(Text)
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str | None] = mapped_column(Text)
    act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id"))
