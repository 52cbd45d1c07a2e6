"""Where a project happens."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key


class ProjectLocation(Base):
    """A place of a project, independent of the owning region [R2023 App.3].

    ``nationwide`` says the project happens everywhere; then there is no region. Coordinates are
    degrees of WGS 84.
    """

    __tablename__ = "project_location"
    __table_args__ = (
        CheckConstraint("latitude between -90 and 90", name="latitude"),
        CheckConstraint("longitude between -180 and 180", name="longitude"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    nationwide: Mapped[bool] = mapped_column(default=False)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"), index=True)
    administrative_unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("administrative_unit.id"), index=True
    )
    address: Mapped[str | None] = mapped_column(Text)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
