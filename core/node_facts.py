"""The few facts about nodes that the floors below the tree need."""

from __future__ import annotations

from sqlalchemy import column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import PRODUCT_DEFAULT, NotFound, RuleRefused
from core.rows import BIGGEST_KEY

_node = table("node", column("id"), column("parent_id"), column("kind"), column("state_body_id"))


async def country_id(session: AsyncSession, *, hold: bool = False) -> int:
    """The key of the root node.

    With ``hold`` one unit of work after the other gets past this line, for what must be unique in
    the country and has no constraint to say so. Raises :class:`RuleRefused`
    ``COUNTRY_NOT_FOUNDED`` before ``found_country``.
    """
    query = select(_node.c.id).where(_node.c.parent_id.is_(None))
    root = await session.scalar(query.with_for_update(key_share=True) if hold else query)
    if root is None:
        raise RuleRefused("COUNTRY_NOT_FOUNDED", clause=PRODUCT_DEFAULT)
    return int(root)


async def require_state_body(session: AsyncSession, node_id: int, *, field: str) -> None:
    """Raise :class:`~core.errors.NotFound` unless the node is a state body."""
    if await _body_of(session, node_id, "STATE_BODY") is None:
        raise NotFound(field)


async def body_of_unit(session: AsyncSession, node_id: int, *, field: str) -> int:
    """The state body of an organisation unit; ``NotFound`` unless the node is one."""
    body_id = await _body_of(session, node_id, "ORGANIZATION_UNIT")
    if body_id is None:
        raise NotFound(field)
    return body_id


async def _body_of(session: AsyncSession, node_id: int, kind: str) -> int | None:
    if not 0 < node_id <= BIGGEST_KEY:
        return None
    body_id = await session.scalar(
        select(_node.c.state_body_id).where(_node.c.id == node_id, _node.c.kind == kind)
    )
    return None if body_id is None else int(body_id)
