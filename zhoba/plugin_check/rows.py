"""Rows to look at: some of every table of the plugin, made by themselves from the columns."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.types import UtcDateTime
from core.files.file import File
from core.tree.node import NodeKind
from zhoba.testing.areas import Area
from zhoba.testing.rows import MADE_AT, make_act, make_appointment, make_node, make_person

PLAIN: tuple[tuple[type[Any], Any], ...] = (
    (sa.Boolean, False),
    (sa.Integer, 1),
    (sa.Float, 1.0),
    (sa.Numeric, 1),
    (sa.Date, date(2026, 1, 5)),
    (UtcDateTime, datetime(2026, 1, 5, tzinfo=UTC)),
    (sa.JSON, {}),
)
"""What stands in a column that must hold something; texts are numbered."""


SERIAL = itertools.count()
"""What makes unique values differ, whenever they are made."""


class Unfillable(Exception):
    """No row of this table can be made by itself; the text says of which column."""


async def fill(
    session: AsyncSession, metadata: sa.MetaData, area: Area, count: int
) -> dict[str, Sequence[int]]:
    """``count`` rows of each table, each belonging to another project; their keys by table.

    Raises :class:`Unfillable`, and what the database raises for rows its constraints refuse.
    """
    projects = [await make_node(session, NodeKind.PROJECT, area.group) for _ in range(count)]
    persons = [await make_person(session) for _ in range(count)]
    acts = [await make_act(session) for _ in range(count)]
    appointments = [
        await make_appointment(session, person, "project_coordinator", project)
        for person, project in zip(persons, projects, strict=True)
    ]
    files = [await make_file(session, number) for number in range(count)]
    keys: dict[str, Sequence[int]] = {
        "node": [each.id for each in projects],
        "project": [each.id for each in projects],
        "person": [each.id for each in persons],
        "act": [each.id for each in acts],
        "appointment": [each.id for each in appointments],
        "file": [each.id for each in files],
        "region": [area.region.id] * count,
    }
    for table in metadata.sorted_tables:
        rows = [row_of(table, keys, number) for number in range(count)]
        made: list[Any] = []
        for row in rows:
            key = next(iter(table.primary_key))
            made.append(await session.scalar(sa.insert(table).values(row).returning(key)))
        keys[table.name] = made
    return {table.name: keys[table.name] for table in metadata.sorted_tables}


async def make_file(session: AsyncSession, number: int) -> File:
    """A file of which only the description is there."""
    file = File(
        sha256=f"{number:064x}", name=f"{number}.pdf", media_type="application/pdf", size=1,
        uploaded_at=MADE_AT,
    )  # fmt: skip
    session.add(file)
    await session.flush()
    return file


def row_of(table: sa.Table, keys: dict[str, Sequence[int]], number: int) -> dict[str, Any]:
    """The columns a row cannot do without, and whatever leads to another table."""
    row: dict[str, Any] = {}
    for column in table.columns:
        target = next((key.column.table.name for key in column.foreign_keys), None)
        if target in keys:
            row[column.name] = keys[target][number]
        elif not (column.nullable or column.primary_key or column.server_default):
            row[column.name] = plain_value(column, next(SERIAL))
    return row


def plain_value(column: sa.Column[Any], number: int) -> Any:
    """Something of the column's type. Raises :class:`Unfillable`."""
    if isinstance(column.type, sa.Enum) and column.type.enum_class is not None:
        first: enum.Enum = next(iter(column.type.enum_class))
        return first
    for type_, value in PLAIN:
        if isinstance(column.type, type_):
            if column.unique and type_ is sa.Integer:
                return value + number
            if column.unique and type_ is sa.Date:
                return value + timedelta(days=number)
            return value
    if isinstance(column.type, sa.String):
        return f"{column.name} {number}"
    raise Unfillable(f"{column.table.name}.{column.name}: {column.type!r}")
