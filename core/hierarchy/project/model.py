"""What a project is: its tables."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key, Named, SortText
from core.db.types import UtcDateTime, named_enum
from core.hierarchy.classification import (
    CostClass,
    DurationClass,
    FinancingClass,
    ProductClass,
    ScaleClass,
    TimeClass,
)
from core.tree.copied import copied, of_kind
from core.tree.node import NodeKind

COPIED = (
    "stage",
    "parent_id",
    "program_scope_id",
    "state_body_id",
    "region_id",
    "archived_at",
)
"""What lists of projects ask of their nodes; what just a single one is asked for is not here."""


class FundingSource(enum.Enum):
    """Where the money comes from. Product default: the Rules name no list."""

    REPUBLICAN_BUDGET = "republican budget"
    LOCAL_BUDGET = "local budget"
    OTHER_PUBLIC = "other public funds"
    PRIVATE = "private funds"
    FOREIGN = "foreign loans and grants"


class Project(Named, Base):
    """A project [R2023 §2(21)-(26), §85-92].

    ``number`` is unique and never changes [R2023 §94(8)]. The budget is in minor units of
    ``currency`` (tenge have 100 tiyn); ``duration_class`` and ``cost_class`` follow the dates and
    the budget (:mod:`core.hierarchy.classification`). ``contractual`` says that customer and
    contractor have a contract [R2023 §88].

    The table also holds copies of its node's :data:`COPIED` columns (:mod:`core.tree.copied`).
    """

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint("budget_minor >= 0", name="budget_not_negative"),
        Index("ix_project_starts_on_id", "starts_on", "id"),
        Index("ix_project_ends_on_id", "ends_on", "id"),
        Index("ix_project_budget_minor_id", "budget_minor", "id"),
        Index("ix_project_name_kk_sort_id", "name_kk_sort", "id"),
        *copied(*COPIED),
        # Counts and sums read an index, and not the table: so they hold more than they sort by.
        Index("ix_project_stage_ends_on", "stage", "ends_on", "id", "archived_at"),
        Index(
            "ix_project_parent_id_number",
            "parent_id",
            "number",
            "id",
            "stage",
            "currency",
            "budget_minor",
        ),
        Index("ix_project_state_body_id_number", "state_body_id", "number", "id"),
        Index("ix_project_region_id_number", "region_id", "number", "id"),
        Index(
            "ix_project_program_scope_id_stage_currency",
            "program_scope_id",
            "stage",
            "currency",
            "budget_minor",
            "id",
        ),
        Index("ix_project_id_stage_currency", "id", "stage", "currency", "budget_minor"),
        {"info": of_kind(NodeKind.PROJECT)},
    )
    __mapper_args__ = {"exclude_properties": COPIED}  # noqa: RUF012 - as SQLAlchemy declares it

    id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(SortText, unique=True)
    goal: Mapped[str | None] = mapped_column(Text)
    result: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    budget_minor: Mapped[int | None] = mapped_column(Key)
    currency: Mapped[str] = mapped_column(Text, default="KZT")
    budget_program_code: Mapped[str | None] = mapped_column(Text)
    duration_class: Mapped[DurationClass | None] = mapped_column(named_enum(DurationClass))
    cost_class: Mapped[CostClass | None] = mapped_column(named_enum(CostClass))
    scale_class: Mapped[ScaleClass | None] = mapped_column(named_enum(ScaleClass))
    product_class: Mapped[ProductClass | None] = mapped_column(named_enum(ProductClass))
    time_class: Mapped[TimeClass | None] = mapped_column(named_enum(TimeClass))
    financing_class: Mapped[FinancingClass | None] = mapped_column(named_enum(FinancingClass))
    product_has_priority: Mapped[bool] = mapped_column(default=False)
    contractual: Mapped[bool] = mapped_column(default=False)
    implementing_body: Mapped[str | None] = mapped_column(Text)
    results_accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    results_accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ProjectFunding(Base):
    """One source of a project's money, in minor units of the project's currency."""

    __tablename__ = "project_funding"

    project_id: Mapped[int] = mapped_column(
        ForeignKey("project.id"), primary_key=True, autoincrement=False
    )
    source: Mapped[FundingSource] = mapped_column(named_enum(FundingSource), primary_key=True)
    amount_minor: Mapped[int] = mapped_column(Key)


class ProjectNumber(Base):
    """The last number given in a year; its row is locked while one is given."""

    __tablename__ = "project_number"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Lesson(Base):
    """An entry of a project's lessons log, without which it cannot close [R2023 §92(6)]."""

    __tablename__ = "lesson"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
