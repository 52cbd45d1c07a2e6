"""Versions of the architecture, with their directions and groups."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from plugins.regional_plan.base import Base
from zhoba.api import Act, Key, Named, Person, Profile, UtcDateTime, named_enum


class RegionalTemplateStatus(enum.Enum):
    """Where a version of the architecture is in its life (product default)."""

    DRAFT = "the Office works on it"
    APPROVED = "the one that plans adopt"
    RETIRED = "no longer adopted; plans that follow it go on until they are upgraded"


class RegionalTemplate(Base):
    """One version of the unified project architecture of regional plans [R2023 §49, §73(2)].

    ``number`` is the number of the version. At most one is approved. ``act_id`` is the Office's
    document it was approved by. ``sample`` marks what was made up and is no architecture of the
    Office. ``version`` counts its edits.
    """

    __tablename__ = "regional_template"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("(status = 'DRAFT') = (approved_at IS NULL)", name="approved_at"),
        CheckConstraint("(status = 'RETIRED') = (retired_at IS NOT NULL)", name="retired_at"),
        Index(
            "uq_regional_template_approved",
            "status",
            unique=True,
            sqlite_where=text("status = 'APPROVED'"),
            postgresql_where=text("status = 'APPROVED'"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    number: Mapped[int]
    status: Mapped[RegionalTemplateStatus] = mapped_column(named_enum(RegionalTemplateStatus))
    profile: Mapped[Profile] = mapped_column(named_enum(Profile))
    valid_from: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(Text)
    sample: Mapped[bool] = mapped_column(default=False)
    act_id: Mapped[int | None] = mapped_column(ForeignKey(Act.id))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class RegionalTemplateDirection(Named, Base):
    """A standard basic direction of a version; ``code`` is its own in every version it is in."""

    __tablename__ = "regional_template_direction"
    __table_args__ = (UniqueConstraint("template_id", "code"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey(RegionalTemplate.id))
    code: Mapped[str] = mapped_column(Text)
    position: Mapped[int]


class RegionalTemplateGroup(Named, Base):
    """A project group of a version; its ``code`` stands in the version once."""

    __tablename__ = "regional_template_group"
    __table_args__ = (UniqueConstraint("template_id", "code"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey(RegionalTemplate.id))
    direction_id: Mapped[int] = mapped_column(
        ForeignKey(
            RegionalTemplateDirection.id, name="fk_regional_template_group_direction_id"
        ),  # the name it would get is too long for PostgreSQL
        index=True,
    )
    code: Mapped[str] = mapped_column(Text)
    position: Mapped[int]
