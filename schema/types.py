"""Scalars, enumerations and ids, spelled once for everything that speaks GraphQL."""

from __future__ import annotations

import enum
import inspect
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import strawberry
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition
from strawberry.types.scalar import ScalarDefinition

from core.errors import InvalidInput

MOMENT = "%Y-%m-%dT%H:%M:%S.%f"
"""A moment in UTC with microseconds, before its Z; the databases spell it the same."""

YEARS = range(1900, 3000)
"""Years a day can be given in: the acts count days and months from it, and must not fall off the
calendar (product default)."""

LARGEST_KEY = 2**63 - 1
"""Surrogate keys are 64-bit integers on both databases."""

LONGEST_KEY = len(str(LARGEST_KEY))

LARGEST_INTEGER = 2**31 - 1
"""Other numbers are 32-bit integers on PostgreSQL."""

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,7})?")
"""Digits only, and no more than arithmetic keeps exactly: an exponent would name numbers that
nothing can hold."""


class Language(enum.Enum):
    """A language texts are kept in."""

    KK = "Kazakh"
    RU = "Russian"
    EN = "English"


class Direction(enum.Enum):
    """Which way a list runs. What is unknown comes last either way."""

    ASC = "smallest, earliest or first in the alphabet first"
    DESC = "largest, latest or last in the alphabet first"


def global_id(type_name: str, key: int) -> str:
    """The opaque id of an object: ``Project:42``."""
    return f"{type_name}:{key}"


def parse_global_id(text: str, *, field: str | None = None) -> tuple[str, int]:
    """The type and key an id names.

    Raises :class:`~core.errors.InvalidInput` ``BAD_ID`` for anything that is not an id. Whether
    the object exists is another question.
    """
    kind, _, digits = text.partition(":")
    if (
        text.isascii()
        and kind.isalnum()
        and kind[0].isupper()
        and digits.isdigit()
        and digits[0] != "0"
        and len(digits) <= LONGEST_KEY
    ):
        key = int(digits)
        if key <= LARGEST_KEY:
            return kind, key
    raise InvalidInput("BAD_ID", field=field)


def show_moment(value: datetime | str) -> str:
    """A moment as GraphQL shows it; text was spelled so by the database already."""
    if isinstance(value, str):
        return value
    return value.astimezone(UTC).strftime(MOMENT) + "Z"


def parse_moment(value: object) -> datetime:
    try:
        parsed = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("a moment looks like 2026-03-02T06:30:00Z") from None
    if parsed.tzinfo is None:
        raise ValueError("a moment needs its time zone, as in 2026-03-02T06:30:00Z")
    try:
        return parsed.astimezone(UTC)
    except OverflowError:
        raise ValueError("a moment lies in the years 1 to 9999") from None


def show_day(value: date | str) -> str:
    return value if isinstance(value, str) else value.isoformat()


def parse_day(value: object) -> date:
    try:
        day = date.fromisoformat(value if isinstance(value, str) and DAY.fullmatch(value) else "")
    except ValueError:
        raise ValueError("a day looks like 2026-03-02") from None
    if day.year not in YEARS:
        raise ValueError(f"a day lies in the years {YEARS[0]} to {YEARS[-1]}")
    return day


def show_decimal(value: Decimal | str) -> str:
    return value if isinstance(value, str) else format(value, "f")


def parse_decimal(value: object) -> Decimal:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(text, str) and DECIMAL.fullmatch(text):
        return Decimal(text)
    raise ValueError('a decimal number is text, as in "1250.50"')


SCALARS: dict[object, ScalarDefinition] = {
    date: strawberry.scalar(
        name="Date",
        description="A day of Asia/Almaty, as in 2026-03-02; one that is given lies in the years "
        "1900 to 2999.",
        serialize=show_day,
        parse_value=parse_day,
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment in UTC with microseconds, as in 2026-03-02T06:30:00.000000Z.",
        serialize=show_moment,
        parse_value=parse_moment,
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number, written as text: "1250.50".',
        serialize=show_decimal,
        parse_value=parse_decimal,
    ),
}
"""Goes into ``StrawberryConfig(scalar_map=...)``; the planner's text passes through unchanged."""


def enum_type(cls: type[enum.Enum]) -> type[enum.Enum]:
    """Make an enumeration of the core known to strawberry; calling it again changes nothing.

    The docstring describes the type and each member's value describes the member, so that the
    core needs to know nothing of GraphQL. References to clauses in the docstring stay.
    """
    if "__strawberry_definition__" not in cls.__dict__:
        definition = StrawberryEnumDefinition(
            wrapped_cls=cls,
            name=cls.__name__,
            values=[
                EnumValue(member.name, member.value, description=sentence(str(member.value)))
                for member in cls
            ],
            description=inspect.getdoc(cls),
        )
        cls.__strawberry_definition__ = definition  # type: ignore[attr-defined]
    return cls


def sentence(text: str) -> str:
    """``text`` with a capital letter and a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def is_enum(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, enum.Enum)


def plain_type(name: str, description: str, fields: dict[str, tuple[Any, str]]) -> Any:
    """An object type whose values are made in Python; fields as name: (annotation, description).

    For types that name others known only when the schema is put together.
    """
    members: dict[str, Any] = {
        "__annotations__": {field: annotation for field, (annotation, _) in fields.items()}
    }
    members |= {field: strawberry.field(description=text) for field, (_, text) in fields.items()}
    return strawberry.type(type(name, (), members), name=name, description=description)


enum_type(Language)
enum_type(Direction)
