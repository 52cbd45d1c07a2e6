"""What an object lies in, as far as its own life depends on it."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import PRODUCT_DEFAULT, WrongState
from core.hierarchy.stages import HALTED
from core.tree.node import Node, NodeClosure


async def require_not_halted_above(session: AsyncSession, node_id: int) -> None:
    """Raise if anything the node lies in is stopped, closing, closed or archived.

    Work goes on inside only what goes on itself (product default). Portfolios do not count: a
    program lies in its body, it only serves them.
    """
    halted = await session.scalar(
        select(Node)
        .join(NodeClosure, NodeClosure.ancestor_id == Node.id)
        .where(
            NodeClosure.descendant_id == node_id,
            NodeClosure.depth > 0,
            NodeClosure.service.is_(False),
            or_(Node.stage.in_(HALTED), Node.archived_at.is_not(None)),
        )
        .order_by(NodeClosure.depth)
        .limit(1)
    )
    if halted is not None:
        raise WrongState(
            "HALTED_ABOVE", clause=PRODUCT_DEFAULT, kind=halted.kind, stage=halted.stage
        )
