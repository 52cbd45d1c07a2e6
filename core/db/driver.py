"""The drivers below SQLAlchemy: connections, what they raise, and values as they take them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import asyncpg
from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any] | None
"""Makes one value out of another; none: it stays as it is."""

ERRORS = (
    sqlite3.Error,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the connection was lost, and that has not been noticed yet
    OSError,
)
"""What asking a driver may raise."""


async def driver_of(connection: AsyncConnection) -> Any:
    """The driver's own connection."""
    return (await connection.get_raw_connection()).driver_connection


def to_driver(type_: TypeEngine[Any], dialect: Dialect) -> Convert:
    """What makes a driver's parameter out of a value of a type."""
    return type_.dialect_impl(dialect).bind_processor(dialect)


def from_driver(type_: TypeEngine[Any], dialect: Dialect) -> Convert:
    """What makes a value of a type out of what a driver gives."""
    return type_.dialect_impl(dialect).result_processor(dialect, None)
