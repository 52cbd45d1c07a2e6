"""What every act on a node begins with: lock it, and notice that the caller's copy is stale."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound
from core.rows import BIGGEST_KEY, require_version
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
    node = None
    if 0 < node_id <= BIGGEST_KEY:
        node = await session.scalar(
            select(Node)
            .where(Node.id == node_id)
            .with_for_update(read=share, key_share=not share)
            .execution_options(populate_existing=True)
        )
    if node is None or (kinds and node.kind not in kinds):
        raise NotFound(field)
    return node


def refuse_stale(node: Node, expected_version: int) -> None:
    """Raise :class:`~core.errors.StaleVersion` if someone changed the node since it was read."""
    require_version(node.version, expected_version)
