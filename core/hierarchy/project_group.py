"""Project groups, nested inside one basic direction."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Named


class ProjectGroup(Named, Base):
    """A group of projects [R2023 §2(28)-(29), §48, §65].

    ``standard_code`` is that of one of the six groups of the standard direction [R2023 §63].
    """

    __tablename__ = "project_group"

    id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, autoincrement=False)
    standard_code: Mapped[str | None] = mapped_column(Text)
    responsible_unit_id: Mapped[int | None] = mapped_column(ForeignKey("organization_unit.id"))
