"""Taking surrogate keys for many rows at once."""

from __future__ import annotations

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncSession


async def take_keys(session: AsyncSession, table: Table, count: int) -> list[int]:
    """``count`` new keys of ``table``, ascending.

    PostgreSQL gives them from the column's sequence; on SQLite the transaction holds the one write
    lock, so the keys after the largest are free.
    """
    if session.get_bind().dialect.name == "postgresql":
        series = func.generate_series(1, count).table_valued("place")
        sequence = func.pg_get_serial_sequence(table.name, "id")
        rows = await session.scalars(select(func.nextval(sequence)).select_from(series))
        return sorted(rows)
    last = await session.scalar(select(func.coalesce(func.max(table.c.id), 0)))
    assert last is not None
    return list(range(last + 1, last + count + 1))
