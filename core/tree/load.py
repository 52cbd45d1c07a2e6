"""Loading nodes for an act: to put something under them, or to refer to them."""

from __future__ import annotations

from core.errors import NotFound
from core.tree.editing import lock_node
from core.tree.lock import hold_tree
from core.tree.node import Node, NodeKind
from core.work import Work


async def load_parent(work: Work, node_id: int, *kinds: NodeKind, field: str | None = None) -> Node:
    """A node to put another under: it stays where and as it is until the unit of work ends.

    The caller asks for authority next. Raises :class:`~core.errors.NotFound` when there is no such
    node of these kinds.
    """
    await hold_tree(work.session)
    return await lock_node(work.session, node_id, *kinds, field=field, share=True)


async def load_seen(work: Work, node_id: int, *kinds: NodeKind, field: str | None = None) -> Node:
    """A node the act refers to, held as it is.

    Raises :class:`~core.errors.NotFound` when there is none of these kinds that the actor sees.
    """
    node = await lock_node(work.session, node_id, *kinds, field=field, share=True)
    if not await work.authority.sees(work, node.id):
        raise NotFound(field)
    return node
