"""Rows inserted in bulk equal rows the ORM writes."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from sqlalchemy import Table, select

from core.audit.entry import AuditEntry
from core.db.engine import Database
from core.imports.bulk import BulkInsert
from core.imports.keys import take_keys
from core.models import Node, Task
from core.tree.node import NodeKind, Origin
from tests.acting import arranging
from tests.conftest import NOW
from tests.factories import make_node

ENTRY: dict[str, Any] = {
    "chain": 0, "position": 1, "at": NOW, "account_id": None, "person_id": 3, "actor": "someone",
    "acting_as": None, "act": "tested", "subject": "Node", "subject_id": 1, "node_id": None,
    "before": None, "after": {"қ": 1, "list": [1, None]}, "clause": None, "correlation_id": "-",
    "previous_hash": "0", "hash": "1",
}  # fmt: skip


def columns(row: AuditEntry) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ENTRY if name not in ("position", "hash")}


async def test_bulk_rows_read_like_rows_of_the_orm(database: Database) -> None:
    table = cast("Table", AuditEntry.__table__)
    same = {name: ENTRY[name] for name in ("at", "actor", "after")}
    own = [name for name in ENTRY if name not in same]
    async with arranging(database) as session:
        session.add(AuditEntry(**ENTRY))
        rows = [{**ENTRY, "position": position, "hash": str(position)} for position in (2, 3)]
        await session.flush()
        await BulkInsert(session, table, own, same).insert(
            [tuple(row[name] for name in own) for row in rows]
        )
    async with database.reading_session() as session:
        found = list(await session.scalars(select(AuditEntry).order_by(AuditEntry.position)))
    assert [row.position for row in found] == [1, 2, 3]
    assert [columns(row) for row in found] == [columns(found[0])] * 3
    assert found[2].at == NOW


async def test_bulk_rows_get_the_defaults_of_their_columns(database: Database) -> None:
    async with arranging(database) as session:
        country = await make_node(session, NodeKind.COUNTRY, None)
        (key,) = await take_keys(session, cast("Table", Node.__table__), 1)
        insert = BulkInsert(
            session, cast("Table", Node.__table__), ("id", "kind", "created_at", "parent_id")
        )
        await insert.insert([(key, NodeKind.TASK, NOW, country.id)])
        await insert.insert([])
        tasks = BulkInsert(
            session, cast("Table", Task.__table__),
            ("id", "kind", "due_on", *(f"name_{end}" for end in (
                "kk", "kk_sort", "ru_sort", "en_sort", "search"))),
        )  # fmt: skip
        from core.hierarchy.task import TaskKind

        await tasks.insert([(key, TaskKind.MILESTONE, date(2024, 2, 29), *["а"] * 5)])
    async with database.reading_session() as session:
        node, task = await session.get_one(Node, key), await session.get_one(Task, key)
    assert (node.origin, node.version, node.archived_at) == (Origin.ENTERED, 1, None)
    assert (task.kind, task.due_on, task.name_ru) == (TaskKind.MILESTONE, date(2024, 2, 29), None)


async def test_keys_are_new_and_ascend(database: Database) -> None:
    async with arranging(database) as session:
        country = await make_node(session, NodeKind.COUNTRY, None)
        table = cast("Table", Node.__table__)
        keys = await take_keys(session, table, 3)
        assert keys == sorted(set(keys))
        assert min(keys) > country.id
        assert await take_keys(session, table, 0) == []
