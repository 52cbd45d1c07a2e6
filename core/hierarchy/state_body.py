"""State bodies, their project office and governing committee."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key, Named
from core.db.types import named_enum


class StateBodyKind(enum.Enum):
    """Kinds of state body, as far as the Rules tell them apart [R2023 §1, §55]."""

    CENTRAL = "central state body"
    LOCAL_EXECUTIVE = "local executive body (akimat)"
    LAW_ENFORCEMENT = "law enforcement body"
    PRESIDENT_SUBORDINATE = "directly subordinate and accountable to the President"
    NATIONAL_SECURITY = "national security body, outside the Rules"


class ProjectOfficeForm(enum.Enum):
    """How the project office is organised [R2023 §55]."""

    CENTRAL_BODY = "a unit or part of a unit of the central apparatus"
    LOCAL_EXECUTIVE = "a separate unit at the akim's apparatus"
    LAW_ENFORCEMENT = "at the central apparatus, with the specifics of the branch"
    PRESIDENT_SUBORDINATE = "a matrix structure without a unit"
    STATE_PARTICIPATION_BASE = "at a state enterprise or organisation with state participation"


class StateBody(Named, Base):
    """A state body; its region is that of its node (none: a national body) [R2023 §1, §55]."""

    __tablename__ = "state_body"

    id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, autoincrement=False)
    kind: Mapped[StateBodyKind] = mapped_column(named_enum(StateBodyKind))
    bin: Mapped[str | None] = mapped_column(Text, unique=True)


class ProjectOffice(Base):
    """The one project office of a state body [R2023 §54-55]."""

    __tablename__ = "project_office"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    state_body_id: Mapped[int] = mapped_column(ForeignKey("state_body.id"), unique=True)
    form: Mapped[ProjectOfficeForm] = mapped_column(named_enum(ProjectOfficeForm))
    created_on: Mapped[date]
    act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id"))
    version: Mapped[int] = mapped_column(default=1)


class GoverningCommittee(Base):
    """The governing committee: one per state body for all its programs [R2023 §51].

    Under the 2021 profile one per program [R2021 §44]; ``node_id`` is the body or the program.
    """

    __tablename__ = "governing_committee"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), unique=True)
    approved_on: Mapped[date]
    act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id"))
    version: Mapped[int] = mapped_column(default=1)
