"""Appointments: who holds which role where, since when, by which act."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import named_enum


class Employment(enum.Enum):
    """How much of the working time the role takes [R2023 App.1]."""

    FULL = "full employment"
    COMBINED = "combined with the main post"


class Attachment(enum.Enum):
    """What ties the person to the body the role is at [R2023 §34, §55, App.1]."""

    STAFF = "staff employee"
    FREELANCE = "freelance employee"
    SECONDMENT = "seconded, at most six months to a project office"
    INTERNSHIP = "intern in the Office, one to six months"


class Appointment(Base):
    """A person holds ``role`` at a node from ``valid_from`` to ``valid_to``, both days included.

    ``appointed_by_id`` is the appointment by which the appointer could do it (null: recorded ex
    officio or by the operator). ``group_number`` tells the implementation groups of one basic
    direction apart [R2023 §64]. ``role`` is a code of the role catalogue.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        Index("ix_appointment_person_id_node_id", "person_id", "node_id"),
        Index("ix_appointment_person_id_role", "person_id", "role", "node_id"),
        Index("ix_appointment_node_id_role", "node_id", "role"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(Text)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    employment: Mapped[Employment] = mapped_column(named_enum(Employment))
    attachment: Mapped[Attachment] = mapped_column(named_enum(Attachment), default=Attachment.STAFF)
    participation_percent: Mapped[int | None]
    alias: Mapped[str | None] = mapped_column(Text)
    group_number: Mapped[int | None]
    act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id"), index=True)
    appointed_by_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    release_act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id"))
    release_reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
