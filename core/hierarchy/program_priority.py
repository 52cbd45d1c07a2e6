"""Which national priorities a program serves."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base


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
