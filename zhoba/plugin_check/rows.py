"""Rows to look at: some of every table of the plugin, made by themselves from the columns."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.base import LANGUAGES
from core.db.types import UtcDateTime
from core.files.file import File
from core.tree.node import NodeKind
from zhoba.testing.areas import Area
from zhoba.testing.rows import (
    MADE_AT,
    make_act,
    make_appointment,
    make_node,
    make_person,
    make_region,
)

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


NAMES = frozenset(f"name_{code}" for code in LANGUAGES)
"""Columns of a name: one of them at least holds something."""

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
    programs = [await make_node(session, NodeKind.PROGRAM, area.body) for _ in range(count)]
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
        "program": [each.id for each in programs],
        "person": [each.id for each in persons],
        "act": [each.id for each in acts],
        "appointment": [each.id for each in appointments],
        "file": [each.id for each in files],
        "region": [area.region.id] * count,
    }
    for table in metadata.sorted_tables:
        found = keys | {"region": await regions(session, area, count, table)}
        keys[table.name] = [await put(session, table, found, number) for number in range(count)]
    return {table.name: keys[table.name] for table in metadata.sorted_tables}


async def regions(session: AsyncSession, area: Area, count: int, table: sa.Table) -> Sequence[int]:
    """The region of the rows; one each, where a region has one row of the table at most."""
    column = next(
        (
            each
            for each in table.columns
            if any(key.column.table.name == "region" for key in each.foreign_keys)
        ),
        None,
    )
    alone = column is not None and any(
        index.unique and list(index.columns) == [column] for index in table.indexes
    )
    if not alone:
        return [area.region.id] * count
    made = [await make_region(session, f"XX-{next(SERIAL)}") for _ in range(count)]
    return [region.id for region in made]


async def put(
    session: AsyncSession, table: sa.Table, keys: dict[str, Sequence[int]], number: int
) -> int:
    """A row, with whatever leads to another table where the table's constraints allow it."""
    key = next(iter(table.primary_key))
    row = row_of(table, keys, number)
    try:
        async with session.begin_nested():
            made = await session.scalar(sa.insert(table).values(row).returning(key))
    except IntegrityError:
        needed = {
            name: value
            for name, value in row.items()
            if name in NAMES or not table.columns[name].nullable
        }
        made = await session.scalar(sa.insert(table).values(needed).returning(key))
    assert isinstance(made, int)
    return made


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
        elif column.name in NAMES or not (
            column.nullable or column.primary_key or column.server_default
        ):
            row[column.name] = plain_value(column, next(SERIAL))
    return row


def is_unique(column: sa.Column[Any]) -> bool:
    """Whether no two rows of its table hold the same."""
    return bool(column.unique) or any(
        list(each.columns) == [column]
        for each in column.table.constraints
        if isinstance(each, sa.UniqueConstraint)
    )


def plain_value(column: sa.Column[Any], number: int) -> Any:
    """Something of the column's type. Raises :class:`Unfillable`."""
    if isinstance(column.type, sa.Enum) and column.type.enum_class is not None:
        first: enum.Enum = next(iter(column.type.enum_class))
        return first
    for type_, value in PLAIN:
        if isinstance(column.type, type_):
            if is_unique(column) and type_ is sa.Integer:
                return value + number
            if is_unique(column) and type_ is sa.Date:
                return value + timedelta(days=number)
            return value
    if isinstance(column.type, sa.String):
        return f"{column.name} {number}"
    raise Unfillable(f"{column.table.name}.{column.name}: {column.type!r}")
