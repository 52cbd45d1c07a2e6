"""An act: the document an appointment or a collegial decision refers to."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import named_enum


class ActKind(enum.Enum):
    """The kinds of basis document [R2023 App.1, §52]."""

    ORDER = "order"
    DIRECTIVE = "directive"
    PROTOCOL = "protocol"
    ASSIGNMENT = "assignment"
    RESOLUTION = "resolution"


class Act(Base):
    """A registered document: kind, number, date, the body that issued it, and its file."""

    __tablename__ = "act"
    __table_args__ = (UniqueConstraint("kind", "number", "dated_on", "body_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[ActKind] = mapped_column(named_enum(ActKind))
    number: Mapped[str] = mapped_column(Text)
    dated_on: Mapped[date]
    body_id: Mapped[int | None] = mapped_column(ForeignKey("state_body.id"), index=True)
    title: Mapped[str | None] = mapped_column(Text)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"))
    version: Mapped[int] = mapped_column(default=1)
