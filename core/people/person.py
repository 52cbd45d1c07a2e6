"""A person: someone who may hold roles. A person may have no account."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key, SortText
from core.db.types import named_enum


class CertificateLevel(enum.Enum):
    """Level of a project management certificate, lowest first [R2023 §55, §110]."""

    TECHNICIAN = "project management technician"
    PROJECT_MANAGEMENT = "project management"
    PROGRAM_MANAGEMENT = "program management"
    PORTFOLIO_MANAGEMENT = "portfolio management"


class Person(Base):
    """A natural person [R2023 §103].

    ``iin``, ``phone``, ``email`` and the certificate are personal data: readable with
    ``person.read_personal`` only, never logged. ``full_name_sort`` and ``full_name_search`` follow
    the name (:mod:`core.db.text`).
    """

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("iin"), UniqueConstraint("origin_system", "origin_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    family_name: Mapped[str] = mapped_column(Text)
    given_name: Mapped[str] = mapped_column(Text)
    patronymic: Mapped[str | None] = mapped_column(Text)
    full_name: Mapped[str] = mapped_column(Text)
    full_name_sort: Mapped[str] = mapped_column(SortText, index=True)
    full_name_search: Mapped[str] = mapped_column(Text)
    post: Mapped[str | None] = mapped_column(Text)
    state_body_id: Mapped[int | None] = mapped_column(ForeignKey("state_body.id"), index=True)
    organization_unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("organization_unit.id"), index=True
    )
    iin: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    certificate_level: Mapped[CertificateLevel | None] = mapped_column(named_enum(CertificateLevel))
    certificate_number: Mapped[str | None] = mapped_column(Text)
    certificate_expires_on: Mapped[date | None]
    origin_system: Mapped[str | None] = mapped_column(Text)
    origin_id: Mapped[str | None] = mapped_column(Text)
    archived_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
