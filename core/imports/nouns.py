"""What a mapping may fill: the nouns, their fields, and what may lie under what."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, cast

import sqlalchemy as sa

from core.db.base import LANGUAGES, Base
from core.errors import InvalidInput
from core.hierarchy.basic_direction import BasicDirection
from core.hierarchy.national_priority import NationalPriority
from core.hierarchy.organization_unit import OrganizationUnit
from core.hierarchy.placement import MAY_LIE_IN
from core.hierarchy.program import Program
from core.hierarchy.project import Project
from core.hierarchy.project_group import ProjectGroup
from core.hierarchy.state_body import StateBody
from core.hierarchy.task import Task
from core.money import check_amount
from core.places.administrative_unit import AdministrativeUnit
from core.places.region import Region
from core.texts import CODE_LIMIT, NAME_LIMIT, TEXT_LIMIT, clean
from core.tree.node import NodeKind, Stage

Value = Any
"""What a field holds once converted: text, a date, an enum member, a number or a truth value."""

NAMES = tuple(f"name_{language}" for language in LANGUAGES)


CODES = ("code", "kato", "bin", "budget_program_code")

UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""What :func:`core.texts.clean` refuses, found without looking at every letter."""


@dataclass(frozen=True, slots=True)
class Noun:
    """One thing a mapping can fill.

    ``fields`` are columns of the noun's table, ``budget`` standing for ``budget_minor``;
    ``references`` maps a field to the column that gets the key of the object it names.
    """

    name: str
    model: type[Base]
    kind: NodeKind | None = None
    fields: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    references: Mapping[str, str] = field(default_factory=dict)
    staged: bool = False

    @property
    def table(self) -> sa.Table:
        return cast(sa.Table, self.model.__table__)

    @property
    def parents(self) -> frozenset[NodeKind]:
        """What it may lie in."""
        return MAY_LIE_IN[self.kind] if self.kind else frozenset()

    @property
    def subject(self) -> str:
        """What the audit log calls a row of it."""
        return self.model.__name__

    def column(self, field: str) -> str:
        """The column a field fills."""
        return f"{field}_minor" if f"{field}_minor" in self.table.c else field

    def accepts(self, field: str) -> bool:
        return field in (
            *NAMES,
            *self.fields,
            *self.references,
            *(["stage"] if self.staged else []),
        )


def _nouns(*nouns: Noun) -> dict[str, Noun]:
    return {noun.name: noun for noun in nouns}


NOUNS = _nouns(
    Noun(
        "region",
        Region,
        fields=("code", "kato", "kind", "special_regime"),
        required=("code", "kind"),
    ),
    Noun(
        "administrative_unit",
        AdministrativeUnit,
        fields=("code", "kind"),
        required=("code", "kind", "region"),
        references={"region": "region_id"},
    ),
    Noun(
        "national_priority",
        NationalPriority,
        NodeKind.NATIONAL_PRIORITY,
        fields=("code", "goal", "ends_on", "portfolio_goal", "portfolio_deadline"),
        required=("code",),
        staged=True,
    ),
    Noun(
        "state_body",
        StateBody,
        NodeKind.STATE_BODY,
        fields=("kind", "bin"),
        required=("kind",),
        references={"region": "region_id"},
    ),
    Noun(
        "organization_unit",
        OrganizationUnit,
        NodeKind.ORGANIZATION_UNIT,
        fields=("code",),
    ),
    Noun(
        "program",
        Program,
        NodeKind.PROGRAM,
        fields=("kind", "goal", "starts_on", "ends_on"),
        required=("kind",),
        staged=True,
    ),
    Noun(
        "basic_direction",
        BasicDirection,
        NodeKind.BASIC_DIRECTION,
        fields=("kind", "task"),
        required=("kind",),
        staged=True,
    ),
    Noun(
        "project_group",
        ProjectGroup,
        NodeKind.PROJECT_GROUP,
        references={"responsible_unit": "responsible_unit_id"},
        staged=True,
    ),
    Noun(
        "project",
        Project,
        NodeKind.PROJECT,
        fields=(
            "goal", "result", "description", "starts_on", "ends_on", "budget", "currency",
            "budget_program_code", "scale_class", "product_class", "time_class",
            "financing_class", "contractual", "implementing_body",
        ),
        staged=True,
    ),
    Noun(
        "task",
        Task,
        NodeKind.TASK,
        fields=(
            "kind", "description", "starts_on", "due_on", "result", "confirming_document",
            "closed_on",
        ),
        required=("kind",),
    ),
)  # fmt: skip
"""By the name a mapping calls them."""


@dataclass(frozen=True, slots=True)
class Formats:
    """How the source writes days and numbers."""

    date: str = "%Y-%m-%d"
    decimal: str = "."
    thousands: str = ""


def converter(noun: Noun, field: str, formats: Formats) -> Callable[[str], Value]:
    """What turns the text of a field into its value; it raises InvalidInput with a code.

    Amounts stay decimal numbers: their minor unit is that of the row's currency (:func:`minor`).
    """
    if field in NAMES:
        return text_reader(NAME_LIMIT)
    if field == "stage":
        return enum_reader(Stage)
    column = noun.table.c[noun.column(field)]
    if column.name.endswith("_minor"):
        return amount_reader(formats)
    if isinstance(column.type, sa.Enum):
        return enum_reader(cast(type[enum.Enum], column.type.enum_class))
    if isinstance(column.type, sa.Date):
        return date_reader(formats.date)
    if isinstance(column.type, sa.Boolean):
        return truth
    return text_reader(CODE_LIMIT if field in CODES else TEXT_LIMIT)


def text_reader(limit: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > limit or UNREADABLE.search(text):
            clean(text, "", limit=limit)
        return text

    return read


def date_reader(form: str) -> Callable[[str], date]:
    def read(text: str) -> date:
        try:
            if form == "%Y-%m-%d":
                return date.fromisoformat(text)
            return datetime.strptime(text, form).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            raise InvalidInput("IMPORT_NOT_A_DATE", text=text, format=form) from None

    return read


def enum_reader(members: type[enum.Enum]) -> Callable[[str], enum.Enum]:
    def read(text: str) -> enum.Enum:
        try:
            return members[text]
        except KeyError:
            allowed = ", ".join(member.name for member in members)
            raise InvalidInput("IMPORT_UNKNOWN_VALUE", text=text, allowed=allowed) from None

    return read


def amount_reader(formats: Formats) -> Callable[[str], Decimal]:
    @lru_cache(maxsize=4096)
    def read(text: str) -> Decimal:
        digits = text.replace(formats.thousands, "") if formats.thousands else text
        if formats.decimal != ".":
            digits = digits.replace(formats.decimal, ".")
        try:
            number = Decimal(digits)
        except InvalidOperation:
            raise InvalidInput("IMPORT_NOT_A_NUMBER", text=text) from None
        if not number.is_finite():
            raise InvalidInput("IMPORT_NOT_A_NUMBER", text=text)
        return number

    return read


def minor(number: Decimal, digits: int) -> int:
    """Minor units with ``digits`` decimal places, exactly what the source says; never rounded."""
    scaled = number.scaleb(digits)
    whole = int(scaled)
    if scaled != whole:
        raise InvalidInput("IMPORT_AMOUNT_TOO_FINE", text=str(number), digits=digits)
    check_amount(whole, field="budget")
    return whole


def truth(text: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if (value := known.get(text.lower())) is None:
        raise InvalidInput("IMPORT_UNKNOWN_VALUE", text=text, allowed=", ".join(known))
    return value
