"""Keeping the closure whole: putting nodes in, linking service, moving subtrees.

These are the mechanics; what may lie where, and who may move it, is decided by the verbs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, insert, literal, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.tree.node import Node, NodeClosure, NodeKind, Origin, Stage

COLUMNS = ("ancestor_id", "descendant_id", "depth", "kind", "service")


async def insert_node(
    session: AsyncSession,
    *,
    kind: NodeKind,
    parent: Node | None,
    now: datetime,
    region_id: int | None = None,
    stage: Stage | None = None,
    origin: Origin = Origin.ENTERED,
    origin_system: str | None = None,
    origin_id: str | None = None,
) -> Node:
    """Put a new node under ``parent`` (none: the root) and flush, so that it has its key.

    ``region_id`` counts for a state body only; everything below inherits its body's. A program,
    and the standard basic direction of a body, open a program scope of their own.
    """
    node = Node(
        kind=kind,
        parent_id=parent.id if parent else None,
        region_id=region_id
        if kind is NodeKind.STATE_BODY
        else parent.region_id
        if parent
        else None,
        state_body_id=parent.state_body_id if parent else None,
        program_scope_id=parent.program_scope_id if parent else None,
        stage=stage,
        origin=origin,
        origin_system=origin_system,
        origin_id=origin_id,
        created_at=now,
        version=1,
    )
    session.add(node)
    await session.flush()
    if kind is NodeKind.STATE_BODY:
        node.state_body_id = node.id
    if opens_program_scope(kind, parent.kind if parent else None):
        node.program_scope_id = node.id
    await session.flush()
    above = select(
        NodeClosure.ancestor_id,
        literal(node.id),
        NodeClosure.depth + 1,
        literal(kind, NodeClosure.kind.type),
        NodeClosure.service,
    ).where(NodeClosure.descendant_id == node.parent_id)
    if parent is not None:
        await session.execute(insert(NodeClosure).from_select(COLUMNS, above))
    session.add(
        NodeClosure(ancestor_id=node.id, descendant_id=node.id, depth=0, kind=kind, service=False)
    )
    await session.flush()
    return node


async def insert_nodes(
    session: AsyncSession,
    *,
    kind: NodeKind,
    parents: Sequence[Node],
    now: datetime,
    stage: Stage | None = None,
) -> list[Node]:
    """Put a new node under each of ``parents``, in their order, in a few statements for all.

    Only for what opens no scope of its own: no bodies, no programs. They flush, with keys.
    """
    nodes = [
        Node(
            kind=kind,
            parent_id=parent.id,
            region_id=parent.region_id,
            state_body_id=parent.state_body_id,
            program_scope_id=parent.program_scope_id,
            stage=stage,
            origin=Origin.ENTERED,
            created_at=now,
            version=1,
        )
        for parent in parents
    ]
    if not nodes:
        return nodes
    session.add_all(nodes)
    await session.flush()
    keys = [node.id for node in nodes]
    above = (
        select(
            NodeClosure.ancestor_id,
            Node.id,
            NodeClosure.depth + 1,
            literal(kind, NodeClosure.kind.type),
            NodeClosure.service,
        )
        .join(Node, Node.parent_id == NodeClosure.descendant_id)
        .where(Node.id.in_(keys))
    )
    await session.execute(insert(NodeClosure).from_select(COLUMNS, above))
    await session.execute(
        insert(NodeClosure),
        [
            {"ancestor_id": key, "descendant_id": key, "depth": 0, "kind": kind, "service": False}
            for key in keys
        ],
    )
    return nodes


def opens_program_scope(kind: NodeKind, parent_kind: NodeKind | None) -> bool:
    """Whether a node of this kind is the program, or stands for it, for all inside it."""
    return kind is NodeKind.PROGRAM or (
        kind is NodeKind.BASIC_DIRECTION and parent_kind is NodeKind.STATE_BODY
    )


async def link_service(session: AsyncSession, priority_id: int, program_id: int) -> None:
    """Let roles held at the priority reach the program and everything inside it [R2023 §27]."""
    inside = select(
        literal(priority_id),
        NodeClosure.descendant_id,
        NodeClosure.depth + 1,
        NodeClosure.kind,
        true(),
    ).where(NodeClosure.ancestor_id == program_id)
    await session.execute(insert(NodeClosure).from_select(COLUMNS, inside))


async def unlink_service(session: AsyncSession, priority_id: int, program_id: int) -> None:
    """Take back :func:`link_service`."""
    inside = select(NodeClosure.descendant_id).where(NodeClosure.ancestor_id == program_id)
    await session.execute(
        delete(NodeClosure).where(
            NodeClosure.ancestor_id == priority_id,
            NodeClosure.service.is_(True),
            NodeClosure.descendant_id.in_(inside),
        )
    )


async def move_subtree(session: AsyncSession, node: Node, new_parent: Node) -> None:
    """Hang ``node`` with everything below it under ``new_parent``.

    Closure, region, body and program scope of the whole subtree follow; versions do not change.
    The caller has made sure that ``new_parent`` does not lie inside the subtree.
    """
    inside = select(NodeClosure.descendant_id).where(
        NodeClosure.ancestor_id == node.id, NodeClosure.service.is_(False)
    )
    own = aliased(NodeClosure)
    # Ancestors from outside the subtree lose it; service rows come and go with the programs above.
    await session.execute(
        delete(NodeClosure).where(
            NodeClosure.descendant_id.in_(inside), NodeClosure.ancestor_id.not_in(inside)
        )
    )
    above = (
        select(
            NodeClosure.ancestor_id,
            own.descendant_id,
            NodeClosure.depth + own.depth + 1,
            own.kind,
            NodeClosure.service,
        )
        .join(own, and_(own.ancestor_id == node.id, own.service.is_(False)))
        .where(NodeClosure.descendant_id == new_parent.id)
    )
    await session.execute(insert(NodeClosure).from_select(COLUMNS, above))
    node.parent_id = new_parent.id
    await session.flush()
    follow = {
        "region_id": new_parent.region_id,
        "state_body_id": new_parent.state_body_id,
    }
    await session.execute(update(Node).where(Node.id.in_(inside)).values(follow))
    if not opens_program_scope(node.kind, new_parent.kind):
        await session.execute(
            update(Node)
            .where(Node.id.in_(inside))
            .values(program_scope_id=new_parent.program_scope_id)
        )
    await session.refresh(node)


async def swap_parents(session: AsyncSession, moves: Sequence[tuple[Node, Node, Node]]) -> None:
    """:func:`move_subtree` of many, each from a parent to another one beside it.

    What lies higher is the same as before, and so are region, body and program scope. Raises
    :class:`ValueError` when it is not.
    """
    for _, old, new in moves:
        if old.parent_id is None or old.parent_id != new.parent_id or old.kind is not new.kind:
            raise ValueError(f"{old.id} and {new.id} do not lie side by side")
    if not moves:
        return
    table = NodeClosure.__table__
    below = table.alias()
    inside = select(below.c.descendant_id).where(below.c.ancestor_id == bindparam("node"))
    connection = await session.connection()
    await connection.execute(
        update(NodeClosure)
        .where(table.c.ancestor_id == bindparam("old"), table.c.descendant_id.in_(inside))
        .values(ancestor_id=bindparam("new")),
        [{"node": node.id, "old": old.id, "new": new.id} for node, old, new in moves],
    )
    for node, _, new in moves:
        node.parent_id = new.id
