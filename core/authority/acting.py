"""Acting appointments: somebody stands in for the holder of a role, or in a vacant one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Text, exists, select
from sqlalchemy.orm import Mapped, mapped_column

from core.authority.appointment import Appointment
from core.db.base import Base


class Substitution(Base):
    """Makes an appointment, whose key it shares, an acting one [R2023 §107, App.7].

    Its days are those of the appointment. ``replaced_id`` is the appointment of the absent main
    performer, ``absence_id`` their absence; both are null in a vacant role. ``performer_id`` is the
    substitute's own appointment, whose role the table of App.7 lets stand in.
    """

    __tablename__ = "substitution"

    id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), primary_key=True, autoincrement=False
    )
    replaced_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"), index=True)
    absence_id: Mapped[int | None] = mapped_column(ForeignKey("absence.id"), index=True)
    performer_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"), index=True)
    reason: Mapped[str | None] = mapped_column(Text)


def is_acting(appointment: Any = Appointment) -> ColumnElement[bool]:
    """Whether an appointment is that of a substitute."""
    return exists(select(Substitution.id).where(Substitution.id == appointment.id))


def is_main(appointment: Any = Appointment) -> ColumnElement[bool]:
    """Whether an appointment is that of a main performer: only those fill a place."""
    return ~is_acting(appointment)
