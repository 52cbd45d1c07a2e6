"""The tables of the plugin."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from zhoba.api import Key, Node, Person, Region, UtcDateTime, named_enum, plugin_metadata


class Base(DeclarativeBase):
    metadata = plugin_metadata()


class InspectionsState(enum.Enum):
    """Where an inspection is."""

    PLANNED = "waits for its day"
    OVERDUE = "not recorded in time"
    RECORDED = "recorded, with a verdict"


class InspectionsVerdict(enum.Enum):
    """What an inspection found."""

    PASSED = "nothing to mend"
    PASSED_WITH_REMARKS = "something to mend, the work goes on"
    FAILED = "something to mend before the work goes on"


OPEN = (InspectionsState.PLANNED, InspectionsState.OVERDUE)


class Inspection(Base):
    """An inspection of a project on a planned day; a project has at most one that is open."""

    __tablename__ = "inspections_inspection"
    __table_args__ = (
        CheckConstraint(
            "(state = 'RECORDED') = (verdict IS NOT NULL)", name="verdict_when_recorded"
        ),
        Index(
            "uq_inspections_inspection_open",
            "project_id",
            unique=True,
            sqlite_where=text("state <> 'RECORDED'"),
            postgresql_where=text("state <> 'RECORDED'"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Node.id), index=True)
    inspector_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    planned_on: Mapped[date]
    state: Mapped[InspectionsState] = mapped_column(named_enum(InspectionsState))
    verdict: Mapped[InspectionsVerdict | None] = mapped_column(named_enum(InspectionsVerdict))
    note: Mapped[str | None] = mapped_column(Text)
    recorded_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)


class FollowUp(Base):
    """What a project that did not pass has to mend, and by when; written after the verdict."""

    __tablename__ = "inspections_follow_up"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    inspection_id: Mapped[int] = mapped_column(ForeignKey(Inspection.id), unique=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Node.id), index=True)
    due_on: Mapped[date]


class Round(Base):
    """The time a region has the plugin switched on; ``region_id`` null is the republic."""

    __tablename__ = "inspections_round"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey(Region.id), index=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
