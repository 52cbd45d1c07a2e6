"""Cities, districts and rural districts of a region."""

from __future__ import annotations

import enum

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key, Named
from core.db.types import named_enum


class AdministrativeUnitKind(enum.Enum):
    """What an administrative unit is [R2021 §34]."""

    CITY = "city"
    DISTRICT = "district"
    RURAL_DISTRICT = "rural district"


class AdministrativeUnit(Named, Base):
    """A city, district or rural district; monitoring is cut by them [R2021 §34]."""

    __tablename__ = "administrative_unit"
    __table_args__ = (
        UniqueConstraint("region_id", "code"),
        UniqueConstraint("origin_system", "origin_id"),
        Index("ix_administrative_unit_parent_id", "parent_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("administrative_unit.id"))
    code: Mapped[str] = mapped_column(Text)
    kind: Mapped[AdministrativeUnitKind] = mapped_column(named_enum(AdministrativeUnitKind))
    origin_system: Mapped[str | None] = mapped_column(Text)
    origin_id: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
