"""A few rows of every table of the plugins, with values of any sort that the columns take."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import sort_tables

from core.db.base import Named, set_names
from core.db.types import UtcDateTime
from core.tree.node import Node, NodeKind
from zhoba.host.installation import Installation

ROWS, TRIES = 4, 20
"""Rows of each table, and how often one is tried: a constraint may forbid it."""

KINDS = {
    "body_id": NodeKind.STATE_BODY,
    "project_id": NodeKind.PROJECT,
    "direction_id": NodeKind.BASIC_DIRECTION,
    "regional_plan_direction.id": NodeKind.BASIC_DIRECTION,
    "regional_plan_group.id": NodeKind.PROJECT_GROUP,
}
"""Nodes that a column of this name names."""

JSON = {
    "settings": {"notify": True},
    "groups": [{"kk": "Топ", "ru": "Группа", "en": None}, {"kk": "Жол", "ru": "Дорога", "en": "R"}],
    "override": {"stages": ["PLANNING"], "share": 0.25, "текст": 'қала "\\'},
}

TEXTS = ("Қала жолы", 'Кала "\\\n', "990140000001", "KZ-10", "")


async def fill(session: AsyncSession, installation: Installation, chosen_by: Random) -> None:
    """Put rows into the tables of the installed plugins, and where a noun has none."""
    prefixes = tuple(f"{plugin.info.prefix}_" for plugin in installation.plugins)
    bound = [noun.binding.model for noun in installation.schema.catalogue.nouns.values()]
    models = {
        mapper.local_table: mapper.class_
        for registry in dict.fromkeys(model.registry for model in bound)
        for mapper in registry.mappers
    }
    named = {model.__table__ for model in bound}
    nodes: dict[NodeKind, list[int]] = defaultdict(list)
    for key, kind in await session.execute(select(Node.id, Node.kind).order_by(Node.id)):
        nodes[kind].append(key)
    ours = [table for table in models if table in named or table.name.startswith(prefixes)]
    for table in sort_tables(ours):
        if "id" not in table.c or await session.scalar(select(func.count()).select_from(table)):
            continue
        keys: dict[sa.Table, list[int]] = {}
        for other in {foreign.column.table for foreign in table.foreign_keys}:
            keys[other] = list(await session.scalars(select(other.c.id).order_by(other.c.id)))
        for _ in range(TRIES):
            if await session.scalar(select(func.count()).select_from(table)) == ROWS:
                break
            row = made(models[table], table, keys, nodes, chosen_by)
            try:
                async with session.begin_nested():
                    session.add(row)
                    await session.flush()
            except IntegrityError:
                continue


def made(
    model: type[Any],
    table: sa.Table,
    keys: dict[sa.Table, list[int]],
    nodes: dict[NodeKind, list[int]],
    chosen_by: Random,
) -> Any:
    """A row with some value in each column that has no default."""
    row = model()
    for column in table.c:
        if column.name.startswith("name_") and issubclass(model, Named):
            continue
        own_key = column.primary_key and not column.foreign_keys
        if own_key or column.default is not None or column.server_default is not None:
            continue
        if column.nullable and chosen_by.randrange(3) == 0:
            continue
        setattr(row, column.key, value(column, keys, nodes, chosen_by))
    if issubclass(model, Named):
        set_names(row, kk=chosen_by.choice(["Жол", "Әуежай"]), ru="Школа", en=None)
    return row


def value(
    column: sa.Column[Any],
    keys: dict[sa.Table, list[int]],
    nodes: dict[NodeKind, list[int]],
    chosen_by: Random,
) -> Any:
    kind = KINDS.get(column.name) or KINDS.get(f"{column.table.name}.{column.name}")
    for foreign in column.foreign_keys:
        there = keys[foreign.column.table]
        if foreign.column.table.name == "node" and kind is not None:
            there = nodes[kind]
        return chosen_by.choice(there) if there else None
    type_ = column.type
    if isinstance(type_, sa.Enum):
        assert type_.enum_class is not None
        return chosen_by.choice(list(type_.enum_class))
    if isinstance(type_, UtcDateTime):
        return datetime(2026, 1, 5, tzinfo=UTC) + timedelta(days=chosen_by.randrange(90))
    if isinstance(type_, sa.Date):
        return date(2026, 1, 5) + timedelta(days=chosen_by.randrange(90))
    if isinstance(type_, sa.JSON):
        return JSON[column.name]
    if isinstance(type_, sa.Boolean):
        return chosen_by.randrange(2) == 1
    if isinstance(type_, sa.Integer):
        return chosen_by.randrange(1, 9)
    return chosen_by.choice(TEXTS)
