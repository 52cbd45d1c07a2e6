"""Three versions of a row: what was imported last, what stands here, what the source says now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit.entry import AuditEntry
from core.imports.journal import ACT
from core.imports.nouns import Value
from core.rows import plain


async def imported_before(
    session: AsyncSession, subject: str, ids: Collection[int]
) -> dict[int, dict[str, Any]]:
    """What earlier imports wrote into these rows, by column; empty where they wrote nothing."""
    last: dict[int, dict[str, Any]] = defaultdict(dict)
    rows = await session.execute(
        select(AuditEntry.subject_id, AuditEntry.after)
        .where(
            AuditEntry.subject == subject,
            AuditEntry.subject_id.in_(ids),
            AuditEntry.act == ACT,
        )
        .order_by(AuditEntry.id)
    )
    for subject_id, after in rows:
        last[subject_id] |= after or {}
    return last


def merge(
    wanted: dict[str, Value], current: dict[str, Value], last: dict[str, Any]
) -> tuple[dict[str, Value], tuple[str, ...]]:
    """The changes to make, and the columns both sides changed, where the edit here stays.

    A column counts as edited here when it no longer holds what the last import wrote.
    """
    changes: dict[str, Value] = {}
    kept: list[str] = []
    for column, value in wanted.items():
        if value == current[column]:
            continue
        before = last.get(column) or None
        if (plain(current[column]) or None) == before:
            changes[column] = value
        elif (plain(value) or None) != before:
            kept.append(column)
    return changes, tuple(kept)
