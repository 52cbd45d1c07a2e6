"""The tables of what observers do: visits to sites, and recommendations."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from plugins.public_monitoring.models import Base, MonitoringApplication, MonitoringMember
from plugins.public_monitoring.states import MonitoringRecommendationState, MonitoringVisitState
from zhoba.api import File, Key, Node, Person, Task, UtcDateTime, named_enum


class MonitoringRefusalGround(enum.Enum):
    """Why a visit is refused (product default: the Rules name no list)."""

    SAFETY = "it is not safe"
    SECRECY = "secrets protected by law"
    NO_OBJECT_YET = "nothing is built yet"
    OBJECT_CLOSED = "the object is closed"
    OTHER = "another ground"


class MonitoringParameter(enum.Enum):
    """What of a project was checked [R2023 §18]."""

    TERM = "terms"
    QUALITY = "quality"
    COST = "cost"
    RESULT = "the socially significant result"


class MonitoringVisit(Base):
    """A visit to the site of a project, with its manager [R2023 §18].

    ``manager_id`` is who managed the project when it was scheduled, and must be there.
    """

    __tablename__ = "monitoring_visit"
    __table_args__ = (Index("ix_monitoring_visit_state_due_on", "state", "due_on"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey(MonitoringApplication.id), index=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Node.id), index=True)
    state: Mapped[MonitoringVisitState] = mapped_column(named_enum(MonitoringVisitState))
    purpose: Mapped[str | None] = mapped_column(Text)
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date | None]
    reminded_on: Mapped[date | None]
    starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    address: Mapped[str | None] = mapped_column(Text)
    safety_note: Mapped[str | None] = mapped_column(Text)
    manager_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id), index=True)
    manager_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    manager_present: Mapped[bool | None]
    record: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)


class VisitGround(Base):
    """One ground on which a visit was refused."""

    __tablename__ = "monitoring_visit_ground"
    __table_args__ = (UniqueConstraint("visit_id", "code"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey(MonitoringVisit.id))
    code: Mapped[MonitoringRefusalGround] = mapped_column(named_enum(MonitoringRefusalGround))
    text: Mapped[str] = mapped_column(Text)


class VisitMember(Base):
    """A member who was at a visit."""

    __tablename__ = "monitoring_visit_member"
    __table_args__ = (UniqueConstraint("visit_id", "member_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey(MonitoringVisit.id))
    member_id: Mapped[int] = mapped_column(ForeignKey(MonitoringMember.id))


class MonitoringRecommendation(Base):
    """What a group recommends, and what became of it [R2023 §18].

    ``node_id`` is the project or group it is about; its direction's head considers it, or the
    group's curator where §62 gives the curator the head's functions: ``addressee_id``, with a copy
    to the head, ``copy_to_id``.
    """

    __tablename__ = "monitoring_recommendation"
    __table_args__ = (Index("ix_monitoring_recommendation_state_due_on", "state", "due_on"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey(MonitoringApplication.id), index=True)
    node_id: Mapped[int] = mapped_column(ForeignKey(Node.id), index=True)
    state: Mapped[MonitoringRecommendationState] = mapped_column(
        named_enum(MonitoringRecommendationState)
    )
    parameter: Mapped[MonitoringParameter] = mapped_column(named_enum(MonitoringParameter))
    planned: Mapped[str | None] = mapped_column(Text)
    observed: Mapped[str | None] = mapped_column(Text)
    finding: Mapped[str] = mapped_column(Text)
    advice: Mapped[str] = mapped_column(Text)
    written_by_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_on: Mapped[date | None]
    reminded_on: Mapped[date | None]
    addressee_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id), index=True)
    addressee_role: Mapped[str | None] = mapped_column(Text)
    copy_to_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id), index=True)
    task_id: Mapped[int | None] = mapped_column(ForeignKey(Task.id))
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reopen_reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)


class Step(Base):
    """One move of a recommendation: its history, for the group and the addressee."""

    __tablename__ = "monitoring_step"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    recommendation_id: Mapped[int] = mapped_column(
        ForeignKey(MonitoringRecommendation.id), index=True
    )
    act: Mapped[str] = mapped_column(Text)
    state: Mapped[MonitoringRecommendationState] = mapped_column(
        named_enum(MonitoringRecommendationState)
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    text: Mapped[str | None] = mapped_column(Text)


class Attachment(Base):
    """A file of a visit (a photograph) or of a recommendation."""

    __tablename__ = "monitoring_attachment"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey(MonitoringVisit.id), index=True)
    recommendation_id: Mapped[int | None] = mapped_column(
        ForeignKey(MonitoringRecommendation.id), index=True
    )
    file_id: Mapped[int] = mapped_column(ForeignKey(File.id), index=True)
    attached_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    attached_at: Mapped[datetime] = mapped_column(UtcDateTime)
