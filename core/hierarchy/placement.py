"""What may lie in what: the shape of the tree."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import PRODUCT_DEFAULT, RuleRefused
from core.tree.node import Node, NodeKind

MAY_LIE_IN: dict[NodeKind, frozenset[NodeKind]] = {
    NodeKind.COUNTRY: frozenset(),
    NodeKind.NATIONAL_PRIORITY: frozenset({NodeKind.COUNTRY}),
    NodeKind.STATE_BODY: frozenset({NodeKind.COUNTRY}),
    NodeKind.ORGANIZATION_UNIT: frozenset({NodeKind.STATE_BODY, NodeKind.ORGANIZATION_UNIT}),
    NodeKind.PROGRAM: frozenset({NodeKind.STATE_BODY}),
    NodeKind.BASIC_DIRECTION: frozenset({NodeKind.PROGRAM}),
    NodeKind.PROJECT_GROUP: frozenset({NodeKind.BASIC_DIRECTION, NodeKind.PROJECT_GROUP}),
    NodeKind.PROJECT: frozenset({NodeKind.BASIC_DIRECTION, NodeKind.PROJECT_GROUP}),
    NodeKind.TASK: frozenset({NodeKind.BASIC_DIRECTION, NodeKind.PROJECT_GROUP, NodeKind.PROJECT}),
}
"""A program holds everything grouped into directions, a direction is decomposed into groups,
projects and activities [R2023 §2(8), §2(10), §45, §48]. The standard direction lies in its body;
it appears with the body and never moves [R2023 §63]."""


async def require_place(
    session: AsyncSession, kind: NodeKind, parent: Node, *, field: str = "parentId"
) -> None:
    """Raise unless a node of this kind may be put into ``parent``.

    Raises ``PLACE_NOT_ALLOWED``; ``STANDARD_DIRECTION_HAS_SIX_GROUPS`` for any further group in a
    standard direction [R2023 §63; that no group is added or nested there is a product default];
    ``DIRECTION_HAS_GROUPS`` for a project beside the groups of a direction: its manager would have
    no group head over him [R2023 §2(27); product default].
    """
    if parent.kind not in MAY_LIE_IN[kind]:
        raise RuleRefused(
            "PLACE_NOT_ALLOWED",
            clause="R2023 §2(8), §2(10), §45, §48",
            field=field,
            kind=kind,
            parent_kind=parent.kind,
        )
    if kind is NodeKind.PROJECT_GROUP and await is_in_standard_direction(session, parent):
        raise RuleRefused("STANDARD_DIRECTION_HAS_SIX_GROUPS", clause="R2023 §63", field=field)
    if kind is NodeKind.PROJECT and parent.kind is NodeKind.BASIC_DIRECTION:
        group = select(Node.id).where(
            Node.parent_id == parent.id,
            Node.kind == NodeKind.PROJECT_GROUP,
            Node.archived_at.is_(None),
        )
        if await session.scalar(group.limit(1)) is not None:
            raise RuleRefused(
                "DIRECTION_HAS_GROUPS", clause=f"{PRODUCT_DEFAULT}; R2023 §2(27)", field=field
            )


async def is_in_standard_direction(session: AsyncSession, node: Node) -> bool:
    """Whether the node is the standard direction of a body, or lies in it.

    That direction stands for a program: it is the program scope of everything inside it.
    """
    if node.program_scope_id is None:
        return False
    scope = await session.get(Node, node.program_scope_id)
    return scope is not None and scope.kind is NodeKind.BASIC_DIRECTION


async def refuse_standard(session: AsyncSession, node: Node, *, field: str = "id") -> None:
    """Raise ``STANDARD_DIRECTION_IS_FIXED`` for the standard direction and its six groups.

    They stay where they are as long as their body [R2023 §63].
    """
    if node.kind in (
        NodeKind.BASIC_DIRECTION,
        NodeKind.PROJECT_GROUP,
    ) and await is_in_standard_direction(session, node):
        raise RuleRefused("STANDARD_DIRECTION_IS_FIXED", clause="R2023 §63", field=field)
