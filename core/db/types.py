"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

JSON_VALUE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
"""A JSON document: jsonb on PostgreSQL, text on SQLite."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC with microseconds; SQLite keeps it as ``YYYY-MM-DDTHH:MM:SS.ffffffZ``."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        value = value.astimezone(UTC)
        if dialect.name == "postgresql":
            return value
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name == "postgresql":
            return value.astimezone(UTC) if value is not None else None
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def named_enum(cls: type[enum.Enum]) -> sa.Enum:
    """An enumeration stored as the names of its members, the names GraphQL shows.

    No check constraint: a plugin or a later release may add members without rewriting tables.
    """
    return sa.Enum(cls, native_enum=False, create_constraint=False, length=40)
