"""A person: someone who may hold roles. A person may have no account."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Text, UniqueConstraint, column, or_, select, table
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key, SortText
from core.db.text import fold, sort_key
from core.db.types import named_enum
from core.errors import PRODUCT_DEFAULT, InvalidInput, RuleRefused, WrongState
from core.node_facts import body_of_unit, country_id, require_state_body
from core.people.identification_number import is_identification_number
from core.rows import Lock, change, entered, find, flush_unique, require_version
from core.texts import CODE_LIMIT, clean, required
from core.unset import UNSET, Unset
from core.work import Work

PERSONAL = frozenset(
    {
        "iin",
        "phone",
        "email",
        "certificate_level",
        "certificate_number",
        "certificate_expires_on",
    }
)
"""Columns readable with ``person.read_personal`` only; the log says no more than "changed"."""

NAME_PART_LIMIT = 150
"""Letters of a family name, given name or patronymic; the sort key of all three is indexed."""

EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
PHONE = re.compile(r"\+?[0-9][0-9 ()-]{4,24}")

_appointment = table("appointment", column("person_id"), column("valid_to"))


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


def certificate_holds(level: CertificateLevel | None, expires_on: date | None, today: date) -> bool:
    """Whether a project management certificate holds today, its last day included.

    A missing or expired one is shown as a violation and stops nothing: the Rules name no sanction
    [R2023 §55, §110].
    """
    return level is not None and (expires_on is None or today <= expires_on)


async def register_person(
    work: Work,
    *,
    family_name: str,
    given_name: str,
    patronymic: str | None = None,
    post: str | None = None,
    state_body_id: int | None = None,
    organization_unit_id: int | None = None,
    iin: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    certificate_level: CertificateLevel | None = None,
    certificate_number: str | None = None,
    certificate_expires_on: date | None = None,
) -> Person:
    """Enter a person who may hold roles [R2023 §103]; it needs no account.

    Action ``person.manage`` at the unit, else the body, else the country. Raises ``NOT_FOUND``,
    ``UNIT_OF_ANOTHER_BODY``, ``IIN_MALFORMED``, ``IIN_TAKEN``, ``PHONE_MALFORMED``,
    ``EMAIL_MALFORMED``, ``CERTIFICATE_INCOMPLETE``.
    """
    await require_manager(work, state_body_id, organization_unit_id)
    state_body_id = await checked_place(work, state_body_id, organization_unit_id)
    person = Person()
    values = checked(
        {
            "family_name": family_name,
            "given_name": given_name,
            "patronymic": patronymic,
            "post": post,
            "state_body_id": state_body_id,
            "organization_unit_id": organization_unit_id,
            "iin": iin,
            "phone": phone,
            "email": email,
            "certificate_level": certificate_level,
            "certificate_number": certificate_number,
            "certificate_expires_on": certificate_expires_on,
        }
    )
    change(person, values)
    write_full_name(person)
    check_certificate(person)
    work.session.add(person)
    await flush_unique(work.session, iin_taken())
    work.record(
        "personRegistered",
        person,
        node_id=await place_of(work, person),
        after=entered(values, personal=PERSONAL),
        clause="R2023 §103",
    )
    return person


async def edit_person(
    work: Work,
    person_id: int,
    *,
    expected_version: int,
    family_name: str | Unset = UNSET,
    given_name: str | Unset = UNSET,
    patronymic: str | Unset | None = UNSET,
    post: str | Unset | None = UNSET,
    state_body_id: int | Unset | None = UNSET,
    organization_unit_id: int | Unset | None = UNSET,
    iin: str | Unset | None = UNSET,
    phone: str | Unset | None = UNSET,
    email: str | Unset | None = UNSET,
    certificate_level: CertificateLevel | Unset | None = UNSET,
    certificate_number: str | Unset | None = UNSET,
    certificate_expires_on: date | Unset | None = UNSET,
) -> Person:
    """Change a person's record.

    Action ``person.manage`` where the person is and, when it goes to another body or unit, there
    too. A new body without a unit takes the person out of the old unit. Raises ``CONFLICT``,
    ``PERSON_ARCHIVED`` and what :func:`register_person` raises.
    """
    person = await find(work.session, Person, person_id, field="id", lock=Lock.UPDATE)
    await require_manager(work, person.state_body_id, person.organization_unit_id)
    require_version(person.version, expected_version)
    require_not_archived(person)
    if state_body_id is not UNSET and organization_unit_id is UNSET:
        organization_unit_id = (
            person.organization_unit_id if state_body_id == person.state_body_id else None
        )
    body = person.state_body_id if state_body_id is UNSET else state_body_id
    unit = person.organization_unit_id if organization_unit_id is UNSET else organization_unit_id
    if (body, unit) != (person.state_body_id, person.organization_unit_id):
        await require_manager(work, body, unit)
        body = await checked_place(work, body, unit)
    values = checked(
        {
            "family_name": family_name,
            "given_name": given_name,
            "patronymic": patronymic,
            "post": post,
            "state_body_id": body,
            "organization_unit_id": unit,
            "iin": iin,
            "phone": phone,
            "email": email,
            "certificate_level": certificate_level,
            "certificate_number": certificate_number,
            "certificate_expires_on": certificate_expires_on,
        }
    )
    with work.session.no_autoflush:
        before, after = change(person, values, personal=PERSONAL)
        if not after:
            return person
        write_full_name(person)
        check_certificate(person)
        person.version += 1
        await flush_unique(work.session, iin_taken())
    work.record(
        "personEdited", person, node_id=await place_of(work, person), before=before, after=after
    )
    return person


async def archive_person(work: Work, person_id: int, *, expected_version: int) -> Person:
    """Take a person who left out of use; the record stays [R2023 §98].

    Action ``person.manage`` where the person is. Raises ``CONFLICT``, ``PERSON_ARCHIVED``, and
    ``PERSON_HOLDS_ROLES`` while an appointment lasts.
    """
    person = await find(work.session, Person, person_id, field="id", lock=Lock.UPDATE)
    await require_manager(work, person.state_body_id, person.organization_unit_id)
    require_version(person.version, expected_version)
    require_not_archived(person)
    lasting = select(_appointment.c.person_id).where(
        _appointment.c.person_id == person.id,
        or_(_appointment.c.valid_to.is_(None), _appointment.c.valid_to >= work.today),
    )
    if await work.session.scalar(lasting.limit(1)) is not None:
        raise RuleRefused("PERSON_HOLDS_ROLES", clause=PRODUCT_DEFAULT)
    before, after = change(person, {"archived_on": work.today})
    person.version += 1
    await work.session.flush()
    work.record(
        "personArchived",
        person,
        node_id=await place_of(work, person),
        before=before,
        after=after,
        clause="R2023 §98",
    )
    return person


async def place_of(work: Work, person: Person) -> int:
    """The node a person belongs to: its unit, else its body, else the country."""
    return person.organization_unit_id or person.state_body_id or await country_id(work.session)


async def require_manager(work: Work, body_id: int | None, unit_id: int | None) -> None:
    """Raise unless the actor keeps the records of persons there."""
    node_id = unit_id or body_id or await country_id(work.session)
    field = "organizationUnitId" if unit_id else "stateBodyId" if body_id else None
    await work.require("person.manage", node_id, field=field)


async def checked_place(work: Work, body_id: int | None, unit_id: int | None) -> int | None:
    """The body of a person; a unit brings its own.

    Raises ``NOT_FOUND`` or ``UNIT_OF_ANOTHER_BODY``.
    """
    if body_id is not None:
        await require_state_body(work.session, body_id, field="stateBodyId")
    if unit_id is None:
        return body_id
    unit_body = await body_of_unit(work.session, unit_id, field="organizationUnitId")
    if body_id not in (None, unit_body):
        raise RuleRefused(
            "UNIT_OF_ANOTHER_BODY", clause=PRODUCT_DEFAULT, field="organizationUnitId"
        )
    return unit_body


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The given values, trimmed; raises for those no person can have."""
    checks: dict[str, Callable[[Any], Any]] = {
        "family_name": lambda text: required(text, "familyName", limit=NAME_PART_LIMIT),
        "given_name": lambda text: required(text, "givenName", limit=NAME_PART_LIMIT),
        "patronymic": lambda text: clean(text, "patronymic", limit=NAME_PART_LIMIT),
        "post": lambda text: clean(text, "post"),
        "certificate_number": lambda text: clean(text, "certificateNumber", limit=CODE_LIMIT),
        "iin": checked_iin,
        "phone": lambda text: checked_pattern(text, PHONE, "phone", "PHONE_MALFORMED"),
        "email": lambda text: checked_pattern(text, EMAIL, "email", "EMAIL_MALFORMED"),
    }
    return {
        name: checks[name](value) if name in checks and value is not UNSET else value
        for name, value in values.items()
    }


def checked_iin(text: str | None) -> str | None:
    """The twelve digits, or nothing; else ``IIN_MALFORMED``, which never repeats what was typed."""
    iin = clean(text, "iin", limit=CODE_LIMIT)
    if iin is not None and not is_identification_number(iin):
        raise InvalidInput("IIN_MALFORMED", clause=PRODUCT_DEFAULT, field="iin")
    return iin


def checked_pattern(
    text: str | None, pattern: re.Pattern[str], field: str, code: str
) -> str | None:
    """Text of a known form, or nothing."""
    cleaned = clean(text, field, limit=200)
    if cleaned is not None and not pattern.fullmatch(cleaned):
        raise InvalidInput(code, clause=PRODUCT_DEFAULT, field=field)
    return cleaned


def check_certificate(person: Person) -> None:
    """A number or an expiry belongs to a certificate of some level, else it is incomplete."""
    if person.certificate_level is None and (
        person.certificate_number is not None or person.certificate_expires_on is not None
    ):
        raise InvalidInput("CERTIFICATE_INCOMPLETE", clause="R2023 §110", field="certificateLevel")


def require_not_archived(person: Person) -> None:
    if person.archived_on is not None:
        raise WrongState("PERSON_ARCHIVED", clause=PRODUCT_DEFAULT)


def write_full_name(person: Person) -> None:
    """Keep what is shown, sorted by and searched in step with the parts of the name."""
    parts = (person.family_name, person.given_name, person.patronymic)
    person.full_name = " ".join(part for part in parts if part)
    person.full_name_sort = sort_key(person.full_name)
    person.full_name_search = fold(person.full_name)


def iin_taken() -> RuleRefused:
    return RuleRefused("IIN_TAKEN", clause=PRODUCT_DEFAULT, field="iin")
