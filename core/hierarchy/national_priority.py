"""National priorities and their portfolios."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Named


class NationalPriority(Named, Base):
    """A national priority with its one portfolio [R2023 §2(17)-(20), §27].

    ``goal`` is its statement, ``ends_on`` the end of its period. The portfolio's deadline bounds
    every program and project that serves it [R2023 §9].
    """

    __tablename__ = "national_priority"

    id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(Text, unique=True)
    goal: Mapped[str | None] = mapped_column(Text)
    ends_on: Mapped[date | None]
    portfolio_goal: Mapped[str | None] = mapped_column(Text)
    portfolio_deadline: Mapped[date | None]
