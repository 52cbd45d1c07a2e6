"""Organisation units of a state body."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Named


class OrganizationUnit(Named, Base):
    """A structural unit or subordinate organisation; nested under a body or another unit."""

    __tablename__ = "organization_unit"

    id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, autoincrement=False)
    code: Mapped[str | None] = mapped_column(Text)
