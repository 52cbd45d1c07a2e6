"""The country: the root of the tree, exactly one."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Named


class Country(Named, Base):
    """The root node (product)."""

    __tablename__ = "country"

    id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(Text, unique=True)
