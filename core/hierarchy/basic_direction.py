"""Basic directions."""

from __future__ import annotations

import enum

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Named
from core.db.types import named_enum


class BasicDirectionKind(enum.Enum):
    """Where a basic direction comes from; two of them are called "standard" [R2023 §49, §63]."""

    ORDINARY = "of a program"
    STANDARD = "the body's one standard direction"
    REGIONAL_STANDARD = "of the unified architecture of regional plans"
    REGIONAL_ADDITIONAL = "added to a regional plan by agreement with the Office"


class BasicDirection(Named, Base):
    """A basic direction of a program, or the standard one of a body [R2023 §2(10), §47, §63].

    ``task`` is the task of the program it answers.
    """

    __tablename__ = "basic_direction"

    id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, autoincrement=False)
    kind: Mapped[BasicDirectionKind] = mapped_column(named_enum(BasicDirectionKind))
    task: Mapped[str | None] = mapped_column(Text)
