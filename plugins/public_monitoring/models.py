"""The tables of applications: who asks to check what, who is in the group, what was answered."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from plugins.public_monitoring.states import MonitoringApplicationState
from zhoba.api import (
    Appointment,
    File,
    Key,
    Node,
    Person,
    UtcDateTime,
    named_enum,
    plugin_metadata,
)


class Base(DeclarativeBase):
    metadata = plugin_metadata()


class MonitoringTargetKind(enum.Enum):
    """What an application is about [R2023 App.3]."""

    PROJECT = "one project"
    PROJECT_GROUPS = "a list of project groups"


class MonitoringTerritoryAnswer(enum.Enum):
    """What the body answered about its territory [R2023 App.4]."""

    ALLOWED = "allowed on a day and hour, at an address"
    REFUSED = "not allowed, for listed reasons with their grounds"
    NOT_REQUESTED = "not asked for"


class MonitoringDocumentKind(enum.Enum):
    """What a document of a member confirms [R2023 §18]."""

    CONVICTION = "no outstanding conviction"
    PSYCHONEUROLOGICAL = "not registered with a psychoneurological service"
    NARCOLOGICAL = "not registered with a narcological service"
    OTHER = "something else"


COUNTED = ("body_id", "state", "submitted_at", "answered_on", "answered_in_time", "due_on")
"""What figures of bodies are counted from: an index answers alone."""


class MonitoringApplication(Base):
    """An application for public monitoring [R2023 §18, App.3].

    ``body_id`` is the state body addressed; ``node_id`` the unit that handles it, or the body while
    there is none. ``object_title`` is what the group itself writes of the object. ``due_on`` is the
    last day for the body's next answer. ``valid_to`` is the last day of access. ``note`` says why
    it was returned, refused, revoked; ``office_note``, why the project office sent it back to the
    unit: the group does not read that.
    """

    __tablename__ = "monitoring_application"
    __table_args__ = (
        Index("ix_monitoring_application_state_due_on", "state", "due_on"),
        Index("ix_monitoring_application_figures", *COUNTED),
        Index("ix_monitoring_application_due_on_id", "due_on", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    body_id: Mapped[int] = mapped_column(ForeignKey(Node.id))
    node_id: Mapped[int] = mapped_column(ForeignKey(Node.id), index=True)
    target_kind: Mapped[MonitoringTargetKind] = mapped_column(named_enum(MonitoringTargetKind))
    object_title: Mapped[str | None] = mapped_column(Text)
    wants_system: Mapped[bool]
    wants_territory: Mapped[bool]
    state: Mapped[MonitoringApplicationState] = mapped_column(
        named_enum(MonitoringApplicationState)
    )
    contact_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    returned_on: Mapped[date | None]
    due_on: Mapped[date | None]
    reminded_on: Mapped[date | None]
    answered_on: Mapped[date | None]
    answered_in_time: Mapped[bool | None]
    valid_to: Mapped[date | None]
    ended_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(Text)
    office_note: Mapped[str | None] = mapped_column(Text)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class Target(Base):
    """A project, or a project group, that an application is about."""

    __tablename__ = "monitoring_target"
    __table_args__ = (UniqueConstraint("application_id", "node_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey(MonitoringApplication.id))
    node_id: Mapped[int] = mapped_column(ForeignKey(Node.id), index=True)


class MonitoringMember(Base):
    """A member of a group. The identification number lies sealed in ``iin_sealed``; ``iin_print``
    is the same for the same number and tells nothing without the key.

    The member confirms alone, signed in by a link of their own: ``confirmed_at``, with consent to
    the processing of the data; ``signature_sealed`` is the signature where it was one by
    certificate, which names its owner. ``verified_at``: the unit checked the documents.
    ``link_from_unit_at``: the unit made a link for the member, who does not sign by link any more.
    """

    __tablename__ = "monitoring_member"
    __table_args__ = (
        UniqueConstraint("application_id", "person_id"),
        Index("ix_monitoring_member_iin_print", "iin_print"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey(MonitoringApplication.id))
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    position: Mapped[int]
    email: Mapped[str | None] = mapped_column(Text)
    iin_sealed: Mapped[str | None] = mapped_column(Text)
    iin_print: Mapped[str | None] = mapped_column(Text)
    conflict: Mapped[str | None] = mapped_column(Text)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signature_kind: Mapped[str | None] = mapped_column(Text)
    signature_sealed: Mapped[str | None] = mapped_column(Text)
    link_from_unit_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MonitoringDocument(Base):
    """A document of a member that confirms what §18 asks; its file goes when its time is over."""

    __tablename__ = "monitoring_document"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey(MonitoringMember.id), index=True)
    kind: Mapped[MonitoringDocumentKind] = mapped_column(named_enum(MonitoringDocumentKind))
    file_id: Mapped[int | None] = mapped_column(ForeignKey(File.id), index=True)
    attached_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MonitoringResponse(Base):
    """The body's answer [R2023 App.4]; an application gets one, whatever it says.

    Numbers are the body's own and begin anew every ``year``.
    """

    __tablename__ = "monitoring_response"
    __table_args__ = (UniqueConstraint("body_id", "year", "number"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey(MonitoringApplication.id), unique=True)
    body_id: Mapped[int] = mapped_column(ForeignKey(Node.id))
    year: Mapped[int]
    number: Mapped[str] = mapped_column(Text)
    dated_on: Mapped[date]
    granted: Mapped[bool]
    territory: Mapped[MonitoringTerritoryAnswer] = mapped_column(
        named_enum(MonitoringTerritoryAnswer)
    )
    territory_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    territory_address: Mapped[str | None] = mapped_column(Text)
    reasons: Mapped[str | None] = mapped_column(Text)
    manager_phone: Mapped[str | None] = mapped_column(Text)
    manager_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MonitoringAccess(Base):
    """A member's role of public observer at one object, as the appointment that carries it."""

    __tablename__ = "monitoring_access"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey(MonitoringApplication.id), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey(MonitoringMember.id), index=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey(Appointment.id), unique=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MonitoringDay(Base):
    """A day that is otherwise than the law says: a working Saturday, a day off moved by decree."""

    __tablename__ = "monitoring_day"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    day: Mapped[date] = mapped_column(unique=True)
    working: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
