"""What every act on a node does: lock it, notice that it is stale, and note what changed."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound, StaleVersion
from core.tree.node import Node, NodeKind

async def lock_node(
    session: AsyncSession,
    node_id: int,
    *kinds: NodeKind,
    field: str | None = None,
    share: bool = False,
) -> Node:
    """The node as it is now, held until the transaction ends.

    ``share`` holds it against changes only, so that several may put children under it at once;
    without it nobody else may change it or put anything under it this way. (SQLite has one writer
    at a time anyway.) Raises :class:`~core.errors.NotFound` when there is no such node, or it is
    of another kind than ``kinds``.
    """
    lock = {"read": True} if share else {"key_share": True}
    node = await session.scalar(
        select(Node)
        .where(Node.id == node_id)
        .with_for_update(**lock)
        .execution_options(populate_existing=True)
    )
    if node is None or (kinds and node.kind not in kinds):
        raise NotFound(field)
    return node


def refuse_stale(node: Node, expected_version: int) -> None:
    """Raise :class:`~core.errors.StaleVersion` if someone changed the node since it was read."""
    if node.version != expected_version:
        raise StaleVersion(expected=expected_version, current=node.version)


def change(row: object, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set the columns that differ; what they held before and hold now, ready for the audit log."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for column, value in values.items():
        old = getattr(row, column)
        if old != value:
            setattr(row, column, value)
            before[column], after[column] = plain(old), plain(value)
    return before, after


def plain(value: Any) -> Any:
    """A column's value as JSON can hold it: enumerations by name, days and moments as ISO text."""
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, date):
        return value.isoformat()
    return value
