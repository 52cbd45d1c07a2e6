"""Archiving: nothing is deleted after initiation, it is kept for the record [R2023 §98]."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import PRODUCT_DEFAULT, RuleRefused, WrongState
from core.hierarchy.placement import refuse_standard
from core.hierarchy.stages import require_not_archived
from core.rows import change
from core.texts import required
from core.tree.editing import lock_node, refuse_stale
from core.tree.node import Node, NodeClosure, NodeKind, Retention, Stage
from core.work import Work

ACTIONS: dict[NodeKind, str] = {
    NodeKind.NATIONAL_PRIORITY: "portfolio.manage",
    NodeKind.STATE_BODY: "state_body.manage",
    NodeKind.ORGANIZATION_UNIT: "state_body.manage",
    NodeKind.PROGRAM: "archive.manage",
    NodeKind.BASIC_DIRECTION: "archive.manage",
    NodeKind.PROJECT_GROUP: "archive.manage",
    NodeKind.PROJECT: "archive.manage",
    NodeKind.TASK: "archive.manage",
}
"""Who archives what: whoever manages the record, below a body the project office."""

AT_REST = frozenset({None, Stage.INITIATION, Stage.CLOSED})
"""Stages in which an object may be put away: not begun, or over (product default)."""

YEARS = {Retention.YEARS_5: 5, Retention.YEARS_10: 10}


async def archive(
    work: Work,
    node_id: int,
    *,
    expected_version: int,
    reason: str,
    retention: Retention | None = None,
) -> Node:
    """Put a node away with a class of retention [R2023 §76(6), §98].

    Actions by kind: :data:`ACTIONS`, at the node. ``retention`` is, when not given, the shortest
    class that keeps it for the years the installation sets; a shorter one is refused. The standard
    direction goes with its body and not alone [R2023 §63]. Raises ``CONFLICT``, ``NODE_ARCHIVED``,
    ``COUNTRY_STAYS``, ``STANDARD_DIRECTION_IS_FIXED``, ``ARCHIVE_WHILE_RUNNING``,
    ``ARCHIVE_WITH_LIVING_INSIDE``, ``RETENTION_TOO_SHORT``.
    """
    node = await lock_node(work.session, node_id, field="id")
    if node.kind not in ACTIONS:
        raise RuleRefused("COUNTRY_STAYS", clause=PRODUCT_DEFAULT, field="id")
    await work.require(ACTIONS[node.kind], node.id, field="id")
    refuse_stale(node, expected_version)
    require_not_archived(node)
    reason = required(reason, "reason")
    retention = checked_retention(work, retention)
    if node.stage not in AT_REST:
        raise WrongState("ARCHIVE_WHILE_RUNNING", clause=PRODUCT_DEFAULT, stage=node.stage)
    await refuse_standard(work.session, node)
    goes_along = await standard_parts(work.session, node)
    await refuse_living_inside(work.session, node, goes_along)
    for each in (*goes_along, node):
        before, after = change(each, {"archived_at": work.now, "retention": retention})
        each.version += 1
        await work.session.flush()
        work.record(
            "nodeArchived",
            each,
            node_id=each.id,
            before=before,
            after=after | {"reason": reason},
            clause="R2023 §98",
        )
    return node


def checked_retention(work: Work, retention: Retention | None) -> Retention:
    """The class asked for, or the shortest that suffices; ``RETENTION_TOO_SHORT`` otherwise."""
    years = work.rules.retention_years
    enough = [each for each in Retention if YEARS.get(each, years) >= years]
    if retention is None:
        return enough[0]
    if retention not in enough:
        raise RuleRefused("RETENTION_TOO_SHORT", clause="R2023 §98", field="retention", years=years)
    return retention


async def standard_parts(session: AsyncSession, node: Node) -> list[Node]:
    """The standard direction of a body and its groups; nothing for other kinds."""
    if node.kind is not NodeKind.STATE_BODY:
        return []
    directions = select(Node.id).where(
        Node.parent_id == node.id, Node.kind == NodeKind.BASIC_DIRECTION
    )
    parts = await session.scalars(
        select(Node)
        .where(
            Node.program_scope_id.in_(directions),
            Node.kind.in_((NodeKind.BASIC_DIRECTION, NodeKind.PROJECT_GROUP)),
            Node.archived_at.is_(None),
        )
        .order_by(Node.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(parts)


async def refuse_living_inside(session: AsyncSession, node: Node, goes_along: list[Node]) -> None:
    """Raise while anything inside lives, or a living program serves the priority."""
    count = await session.scalar(
        select(func.count(Node.id))
        .join(NodeClosure, NodeClosure.descendant_id == Node.id)
        .where(
            NodeClosure.ancestor_id == node.id,
            NodeClosure.depth > 0,
            Node.archived_at.is_(None),
            Node.id.not_in([each.id for each in goes_along]),
        )
    )
    if count:
        raise RuleRefused(
            "ARCHIVE_WITH_LIVING_INSIDE", clause=PRODUCT_DEFAULT, field="id", count=count
        )
