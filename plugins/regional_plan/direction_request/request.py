"""Requests for additional basic directions."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from plugins.regional_plan.base import Base
from plugins.regional_plan.plan.plan import RegionalPlan
from zhoba.api import JSON_VALUE, Key, Named, Node, Person, UtcDateTime, named_enum


class RegionalRequestState(enum.Enum):
    """Where a request for an additional direction is."""

    DRAFT = "the project office of the akimat works on it"
    SENT_TO_OFFICE = "waits for the Office"
    AGREED = "agreed; the direction is there"
    RETURNED = "returned with reasons"


class RegionalDirectionRequest(Named, Base):
    """A region asks the Office for a basic direction beside the standard ones [R2023 §49].

    ``groups`` are the names of its groups, ``[{"kk": ..., "ru": ..., "en": ...}, ...]``.
    ``direction_id`` is what the decision created.
    """

    __tablename__ = "regional_direction_request"
    __table_args__ = (
        CheckConstraint("(state = 'AGREED') = (direction_id IS NOT NULL)", name="direction"),
        CheckConstraint("state <> 'RETURNED' OR decision IS NOT NULL", name="reasons"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey(RegionalPlan.id), index=True)
    justification: Mapped[str] = mapped_column(Text)
    groups: Mapped[list[dict[str, Any]]] = mapped_column(JSON_VALUE)
    state: Mapped[RegionalRequestState] = mapped_column(named_enum(RegionalRequestState))
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[str | None] = mapped_column(Text)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    direction_id: Mapped[int | None] = mapped_column(ForeignKey(Node.id), unique=True)
    version: Mapped[int] = mapped_column(default=1)
