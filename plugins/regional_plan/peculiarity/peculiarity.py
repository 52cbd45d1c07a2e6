"""Peculiarities of the regions with a special regime."""

from __future__ import annotations

import enum
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from plugins.regional_plan.base import Base
from zhoba.api import JSON_VALUE, Act, Key, Node, Region, named_enum


class RegionalPeculiaritySubject(enum.Enum):
    """What a peculiarity is about [R2023 §12]."""

    COMM_CENTRE = "communication centres"
    SAC = "situational-analytical centres"
    EXPERT_COUNCIL = "expert councils of project offices"
    ARCHITECTURE = "the project architecture of the plan"
    ORG_STRUCTURE = "number of units, how they are determined, appointed and employed"


class RegionalPeculiarity(Base):
    """A peculiarity of Astana, Almaty or Shymkent [R2023 §12].

    ``override`` says what differs, in the words of its subject. ``body_id`` is the akimat, in whose
    history it stands; ``act_id`` the document it rests on. It holds from ``valid_from`` through
    ``valid_until``.
    """

    __tablename__ = "regional_peculiarity"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="days"),
        Index("ix_regional_peculiarity_region_id_subject", "region_id", "subject"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey(Region.id))
    body_id: Mapped[int] = mapped_column(ForeignKey(Node.id), index=True)
    subject: Mapped[RegionalPeculiaritySubject] = mapped_column(
        named_enum(RegionalPeculiaritySubject)
    )
    override: Mapped[dict[str, Any]] = mapped_column(JSON_VALUE)
    act_id: Mapped[int] = mapped_column(ForeignKey(Act.id))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
