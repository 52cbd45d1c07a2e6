"""Regions: oblasts, cities of republican significance, the capital."""

from __future__ import annotations

import enum

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key, Named
from core.db.types import named_enum


class RegionKind(enum.Enum):
    """What a region is [R2023 §12]."""

    REGION = "region"
    CITY_OF_REPUBLICAN_SIGNIFICANCE = "city of republican significance"
    CAPITAL = "capital"


class Region(Named, Base):
    """An oblast, a city of republican significance, or the capital.

    ``special_regime`` marks Astana, Almaty and Shymkent, for which the Rules allow peculiarities
    of structure [R2023 §12]. ``code`` is ISO 3166-2 and unique.
    """

    __tablename__ = "region"
    __table_args__ = (UniqueConstraint("code"), UniqueConstraint("origin_system", "origin_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    kato: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[RegionKind] = mapped_column(named_enum(RegionKind))
    special_regime: Mapped[bool] = mapped_column(default=False)
    origin_system: Mapped[str | None] = mapped_column(Text)
    origin_id: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
