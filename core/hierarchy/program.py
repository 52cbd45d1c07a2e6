"""Programs and the national priorities they serve."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Named
from core.db.types import named_enum


class ProgramKind(enum.Enum):
    """What document a program is [R2023 §44]."""

    NATIONAL_PROJECT = "national project"
    REGIONAL_DEVELOPMENT_PLAN = "regional development plan"
    PROGRAM = "program"
    OTHER_STRATEGIC_DOCUMENT = "other strategic document"


class Program(Named, Base):
    """A program of a state body, serving one or more national priorities [R2023 §2(8), §44-47]."""

    __tablename__ = "program"

    id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, autoincrement=False)
    kind: Mapped[ProgramKind] = mapped_column(named_enum(ProgramKind))
    goal: Mapped[str | None] = mapped_column(Text)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]


class ProgramPriority(Base):
    """A program serves a priority; exactly one of its priorities leads (product)."""

    __tablename__ = "program_priority"

    program_id: Mapped[int] = mapped_column(
        ForeignKey("program.id"), primary_key=True, autoincrement=False
    )
    priority_id: Mapped[int] = mapped_column(
        ForeignKey("national_priority.id"), primary_key=True, autoincrement=False, index=True
    )
    lead: Mapped[bool]
