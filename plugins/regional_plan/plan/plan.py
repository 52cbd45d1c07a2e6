"""Regional development plans, and which of their directions and groups come from a template."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from plugins.regional_plan.base import Base
from plugins.regional_plan.template.template import RegionalTemplate
from zhoba.api import Act, Node, Person, Profile, Program, Region, UtcDateTime, named_enum


class RegionalPlan(Base):
    """A regional development plan that has adopted the unified architecture [R2023 §2(54), §49].

    It shares the key of its program. ``ended_at``: the program was archived or closed, so that the
    region may have another plan. ``act_id`` is what the adoption rests on. ``version`` counts
    adoption, upgrades and endings.
    """

    __tablename__ = "regional_plan"
    __table_args__ = (
        Index(
            "uq_regional_plan_active",
            "region_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(ForeignKey(Program.id), primary_key=True, autoincrement=False)
    region_id: Mapped[int] = mapped_column(ForeignKey(Region.id), index=True)
    template_id: Mapped[int] = mapped_column(ForeignKey(RegionalTemplate.id), index=True)
    profile: Mapped[Profile] = mapped_column(named_enum(Profile))
    act_id: Mapped[int | None] = mapped_column(ForeignKey(Act.id))
    adopted_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    adopted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class RegionalPlanDirection(Base):
    """That a basic direction came from the direction ``code`` of a template.

    ``locked``: the plan's version has that code, and keeps the direction as it is. Without it the
    direction is outside the template.
    """

    __tablename__ = "regional_plan_direction"
    __table_args__ = (UniqueConstraint("plan_id", "code"),)

    id: Mapped[int] = mapped_column(ForeignKey(Node.id), primary_key=True, autoincrement=False)
    plan_id: Mapped[int] = mapped_column(ForeignKey(RegionalPlan.id))
    code: Mapped[str] = mapped_column(Text)
    locked: Mapped[bool] = mapped_column(default=True)


class RegionalPlanGroup(Base):
    """The same of a project group."""

    __tablename__ = "regional_plan_group"
    __table_args__ = (UniqueConstraint("plan_id", "code"),)

    id: Mapped[int] = mapped_column(ForeignKey(Node.id), primary_key=True, autoincrement=False)
    plan_id: Mapped[int] = mapped_column(ForeignKey(RegionalPlan.id))
    code: Mapped[str] = mapped_column(Text)
    locked: Mapped[bool] = mapped_column(default=True)
