"""Who may add to the tree while it is being reshaped: nobody.

A new node copies the closure of its parent, so a move or a new service link committed in between
would be lost on it. SQLite has one writer at a time and needs no lock.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

TREE = 0x5A484F4241
"""The advisory lock of the tree's shape: "ZHOBA" in ASCII."""


async def hold_tree(session: AsyncSession) -> None:
    """Keep the shape of the tree until the unit of work ends; others may hold it too."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock_shared(TREE)))


async def reshape_tree(session: AsyncSession) -> None:
    """Wait until nobody adds to the tree, and keep others from it until the unit of work ends.

    Take it before any row lock, or two acts may wait for each other.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(TREE)))
