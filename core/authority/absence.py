"""Absences: when somebody is away from all their roles [R2023 §107]."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import named_enum


class AbsenceReason(enum.Enum):
    """Why somebody is away; personal data, since it may speak of health. Product default."""

    LEAVE = "on leave"
    BUSINESS_TRIP = "on a business trip"
    TRAINING = "in training"
    SICK_LEAVE = "on sick leave"
    OTHER = "for another reason"


class Absence(Base):
    """A person is away from ``first_day`` to ``last_day``, both included; null: until further
    notice. A last day before the first withdraws it.

    The roles stay theirs; substitutes may act in them for as long [R2023 §107, App.7].
    """

    __tablename__ = "absence"
    __table_args__ = (Index("ix_absence_person_id_first_day", "person_id", "first_day"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[AbsenceReason] = mapped_column(named_enum(AbsenceReason))
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
