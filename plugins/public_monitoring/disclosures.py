"""The tables of what a body discloses to observers: facts as they stand, and open documents."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from plugins.public_monitoring.models import Base
from plugins.public_monitoring.observing import MonitoringParameter
from zhoba.api import File, Key, Node, Person, Project, UtcDateTime, named_enum


class MonitoringFact(Base):
    """What was achieved of a project by a day, beside what was planned [R2023 §18].

    A later one stands in place of an earlier one; none is ever changed. ``spent_minor`` is money
    spent by that day, in minor units of the project's currency: with the parameter COST, and there
    always.
    """

    __tablename__ = "monitoring_fact"
    __table_args__ = (Index("ix_monitoring_fact_project_id", "project_id", "parameter", "as_of"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id))
    parameter: Mapped[MonitoringParameter] = mapped_column(named_enum(MonitoringParameter))
    as_of: Mapped[date]
    planned: Mapped[str | None] = mapped_column(Text)
    actual: Mapped[str | None] = mapped_column(Text)
    spent_minor: Mapped[int | None] = mapped_column(Key)
    stated_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    stated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MonitoringOpenDocument(Base):
    """A signed document of a project or group that its observers may open, until it is closed."""

    __tablename__ = "monitoring_open_document"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    node_id: Mapped[int] = mapped_column(ForeignKey(Node.id), index=True)
    title: Mapped[str] = mapped_column(Text)
    number: Mapped[str | None] = mapped_column(Text)
    signed_on: Mapped[date]
    file_id: Mapped[int] = mapped_column(ForeignKey(File.id), index=True)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
