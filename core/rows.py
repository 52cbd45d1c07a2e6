"""Finding rows, locking them, and writing changes to them: what every act does."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound, PlatformError, StaleVersion
from core.unset import UNSET

Row = TypeVar("Row")

BIGGEST_KEY = 2**63 - 1

COMPUTED = ("_sort", "_search")
"""Columns computed from others; they never appear in the audit log."""


class Lock(enum.Enum):
    """How a row is held until the unit of work ends. SQLite has one writer and needs neither."""

    SHARE = "nobody may change it"
    UPDATE = "nobody else may change it or rely on it"


async def find(
    session: AsyncSession,
    cls: type[Row],
    key: int,
    *,
    field: str | None = None,
    lock: Lock | None = None,
) -> Row:
    """The row with this key, as it is in the database now.

    Raises :class:`~core.errors.NotFound` when there is none.
    """
    row = None
    if 0 < key <= BIGGEST_KEY:
        row = await session.get(
            cls,
            key,
            populate_existing=lock is not None,
            with_for_update={"read": lock is Lock.SHARE} if lock else None,
        )
    if row is None:
        raise NotFound(field)
    return row


def change(
    row: object, given: Mapping[str, Any], *, personal: Collection[str] = ()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set the columns that differ; what they held before and hold now, ready for the audit log.

    ``UNSET`` leaves a column alone. Columns named in ``personal`` appear as "changed" only.
    """
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, value in given.items():
        if value is UNSET:
            continue
        old = getattr(row, name)
        if old == value:
            continue
        setattr(row, name, value)
        if name in personal:
            before[name] = after[name] = "changed"
        elif not name.endswith(COMPUTED):
            before[name], after[name] = plain(old), plain(value)
    return before, after


def entered(values: Mapping[str, Any], *, personal: Collection[str] = ()) -> dict[str, Any]:
    """The columns of a new row as the audit log keeps them: those that hold something."""
    return {
        name: "changed" if name in personal else plain(value)
        for name, value in values.items()
        if value is not None and not name.endswith(COMPUTED)
    }


def plain(value: Any) -> Any:
    """A column's value as JSON holds it: enumerations by name, days and moments in ISO 8601."""
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


def require_version(current: int, expected: int) -> None:
    """Raise :class:`~core.errors.StaleVersion` unless the caller has seen the latest version."""
    if current != expected:
        raise StaleVersion(expected=expected, current=current)


async def flush_unique(session: AsyncSession, refusal: PlatformError) -> None:
    """Flush; when another row holds the unique value already, raise ``refusal``.

    The database decides, so of two simultaneous acts one gets the refusal too. The unit of work
    cannot go on after it.
    """
    try:
        await session.flush()
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        raise refusal from None


def is_unique_violation(error: IntegrityError) -> bool:
    """Whether a unique constraint was hit, rather than a foreign key, a check or a null."""
    sqlstate = getattr(error.orig, "sqlstate", None)
    return sqlstate == "23505" or str(error.orig).startswith("UNIQUE constraint failed")
