"""Moving a node with everything in it to another place of the tree."""

from __future__ import annotations

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.authority.appointment import Appointment
from core.errors import PRODUCT_DEFAULT, RuleRefused
from core.hierarchy.basic_direction import BasicDirection, BasicDirectionKind
from core.hierarchy.deadline import latest_project_end, require_project_within_portfolios
from core.hierarchy.placement import refuse_standard, require_place
from core.hierarchy.program import Program, ProgramKind, check_regional_plan
from core.hierarchy.project_group import ProjectGroup
from core.hierarchy.stages import refuse_unless_in
from core.hierarchy.task import Task
from core.rows import find
from core.texts import required
from core.tree.closure import link_service, move_subtree, unlink_service
from core.tree.editing import lock_node, refuse_stale
from core.tree.load import load_seen
from core.tree.lock import reshape_tree
from core.tree.node import Node, NodeClosure, NodeKind, Stage
from core.work import Profile, Work

CLAUSE = f"{PRODUCT_DEFAULT}; R2023 §24"


async def move(
    work: Work, node_id: int, *, new_parent_id: int, expected_version: int, reason: str
) -> Node:
    """Put a node with everything in it under another parent [R2023 §24, §48].

    Action ``node.move`` at the node and at its new parent. Region, body and program of everything
    in it follow the new place; the closure is rewritten; where it was, where it went and why stand
    in the history of the node.

    A group may leave its direction, with all groups in it: afterwards they lie in one direction
    again [R2023 §65]. Raises ``CONFLICT``, ``NOT_FOUND``, ``NODE_ARCHIVED``, ``WRONG_STAGE``,
    ``NODE_LIES_THERE``, ``MOVE_INTO_ITSELF``, ``STANDARD_DIRECTION_IS_FIXED`` [R2023 §63],
    ``UNIT_STAYS_IN_BODY``, ``REGIONAL_DIRECTION_STAYS_IN_PLAN`` [R2023 §49],
    ``RESPONSIBLE_UNIT_STAYS_BEHIND`` [R2023 §2(28)], ``PREDECESSOR_STAYS_BEHIND``,
    ``PROJECT_MANAGER_ONE_DIRECTION`` [R2023 §87], and what
    :func:`~core.hierarchy.placement.require_place`,
    :func:`~core.hierarchy.program.check_regional_plan` and
    :func:`~core.hierarchy.deadline.require_project_within_portfolios` raise.
    """
    await reshape_tree(work.session)
    node = await lock_node(work.session, node_id, field="id")
    await work.require("node.move", node.id, field="id")
    parent = await load_seen(work, new_parent_id, field="newParentId")
    await work.require("node.move", parent.id, field="newParentId")
    refuse_stale(node, expected_version)
    reason = required(reason, "reason")
    refuse_unless_in(node)
    refuse_unless_in(parent)
    await require_free_to_go(work.session, node, parent)
    await require_place(work.session, node.kind, parent, field="newParentId")
    await require_rules_of_new_place(work, node, parent)
    before = whereabouts(node)
    await reshape(work.session, node, parent)
    node.version += 1
    await work.session.flush()
    work.record(
        "nodeMoved",
        node,
        node_id=node.id,
        before=before,
        after=whereabouts(node) | {"reason": reason},
        clause=CLAUSE,
    )
    return node


def whereabouts(node: Node) -> dict[str, int | None]:
    """Where a node lies, for its history."""
    return {
        "parent_id": node.parent_id,
        "state_body_id": node.state_body_id,
        "region_id": node.region_id,
        "program_scope_id": node.program_scope_id,
    }


async def reshape(session: AsyncSession, node: Node, parent: Node) -> None:
    """Rewrite the closure. A program takes the priorities it serves along."""
    served = (
        []
        if node.kind is not NodeKind.PROGRAM
        else list(
            await session.scalars(
                select(NodeClosure.ancestor_id).where(
                    NodeClosure.descendant_id == node.id, NodeClosure.service.is_(True)
                )
            )
        )
    )
    for priority_id in served:
        await unlink_service(session, priority_id, node.id)
    await move_subtree(session, node, parent)
    for priority_id in served:
        await link_service(session, priority_id, node.id)


def inside(node: Node) -> Select[int]:
    """The node and everything contained in it."""
    return select(NodeClosure.descendant_id).where(
        NodeClosure.ancestor_id == node.id, NodeClosure.service.is_(False)
    )


async def require_free_to_go(session: AsyncSession, node: Node, parent: Node) -> None:
    """Raise if the move is none, is a circle, or would take what never moves."""
    if parent.id == node.parent_id:
        raise RuleRefused("NODE_LIES_THERE", clause=PRODUCT_DEFAULT, field="newParentId")
    if await session.scalar(inside(node).where(NodeClosure.descendant_id == parent.id)):
        raise RuleRefused(
            "MOVE_INTO_ITSELF", clause=f"{PRODUCT_DEFAULT}; R2023 §65", field="newParentId"
        )
    await refuse_standard(session, node)


async def require_rules_of_new_place(work: Work, node: Node, parent: Node) -> None:
    """Raise if what is moved breaks a rule that holds in the new place."""
    session = work.session
    if node.kind is NodeKind.ORGANIZATION_UNIT and parent.state_body_id != node.state_body_id:
        raise RuleRefused("UNIT_STAYS_IN_BODY", clause=PRODUCT_DEFAULT, field="newParentId")
    if node.kind is NodeKind.PROGRAM:
        program = await find(session, Program, node.id)
        await check_regional_plan(work, program.kind, parent.id, program_id=node.id)
    if node.kind is NodeKind.BASIC_DIRECTION:
        await require_regional_direction_in_plan(session, node, parent)
    if node.kind is NodeKind.TASK:
        await require_chain_comes_along(session, node)
    await require_units_come_along(session, node, parent)
    if node.kind is not NodeKind.PROGRAM and parent.program_scope_id != node.program_scope_id:
        latest = await latest_project_end(session, Node.id.in_(inside(node)))
        await require_project_within_portfolios(
            work, parent.program_scope_id, latest, field="newParentId"
        )
    if work.rules.profile is Profile.R2023:
        await require_managers_in_one_direction(work, node, parent)


async def require_regional_direction_in_plan(
    session: AsyncSession, node: Node, parent: Node
) -> None:
    """Directions of the regional architecture lie in regional development plans [R2023 §49]."""
    direction = await find(session, BasicDirection, node.id)
    if direction.kind is BasicDirectionKind.ORDINARY:
        return
    program = await find(session, Program, parent.id)
    if program.kind is not ProgramKind.REGIONAL_DEVELOPMENT_PLAN:
        raise RuleRefused(
            "REGIONAL_DIRECTION_STAYS_IN_PLAN", clause="R2023 §49", field="newParentId"
        )


async def require_chain_comes_along(session: AsyncSession, node: Node) -> None:
    """A task and the one before it lie side by side, so neither moves alone (product default)."""
    linked = or_(
        and_(Task.id == node.id, Task.predecessor_id.is_not(None)), Task.predecessor_id == node.id
    )
    if await session.scalar(select(Task.id).where(linked).limit(1)) is not None:
        raise RuleRefused("PREDECESSOR_STAYS_BEHIND", clause=PRODUCT_DEFAULT, field="newParentId")


async def require_units_come_along(session: AsyncSession, node: Node, parent: Node) -> None:
    """The unit responsible for a group is one of the group's body [R2023 §2(28)]."""
    if parent.state_body_id == node.state_body_id:
        return
    unit = aliased(Node)
    left_behind = await session.scalar(
        select(ProjectGroup.id)
        .join(unit, unit.id == ProjectGroup.responsible_unit_id)
        .where(
            ProjectGroup.id.in_(inside(node)),
            unit.state_body_id.is_distinct_from(parent.state_body_id),
        )
        .limit(1)
    )
    if left_behind is not None:
        raise RuleRefused(
            "RESPONSIBLE_UNIT_STAYS_BEHIND", clause="R2023 §2(28)", field="newParentId"
        )


async def require_managers_in_one_direction(work: Work, node: Node, parent: Node) -> None:
    """A project manager's running projects lie in one basic direction [R2023 §87].

    Raises ``PROJECT_MANAGER_ONE_DIRECTION`` if someone manages a project that moves and another,
    outside of what moves, in a direction other than the new one.
    """
    if node.kind not in (NodeKind.PROJECT_GROUP, NodeKind.PROJECT):
        return
    session = work.session
    above = await session.get(Node, node.parent_id)
    new_direction, old_direction = [
        each.id if each.kind is NodeKind.BASIC_DIRECTION else await direction_of(session, each.id)
        for each in (parent, above or node)
    ]
    if new_direction == old_direction:
        return
    managing = (
        select(Appointment.person_id)
        .join(Node, Node.id == Appointment.node_id)
        .where(
            Appointment.role == "project_manager",
            or_(Appointment.valid_to.is_(None), Appointment.valid_to >= work.today),
            Node.kind == NodeKind.PROJECT,
            Node.archived_at.is_(None),
            Node.stage.is_distinct_from(Stage.CLOSED),
        )
    )
    closure, direction = aliased(NodeClosure), aliased(Node)
    elsewhere = (
        managing.join(closure, closure.descendant_id == Node.id)
        .join(direction, direction.id == closure.ancestor_id)
        .where(
            direction.kind == NodeKind.BASIC_DIRECTION,
            direction.id != new_direction,
            Node.id.not_in(inside(node)),
            Appointment.person_id.in_(managing.where(Node.id.in_(inside(node)))),
        )
    )
    if await session.scalar(elsewhere.limit(1)) is not None:
        raise RuleRefused("PROJECT_MANAGER_ONE_DIRECTION", clause="R2023 §87", field="newParentId")


async def direction_of(session: AsyncSession, node_id: int) -> int | None:
    """The basic direction the node lies in, or is."""
    direction_id: int | None = await session.scalar(
        select(Node.id)
        .join(NodeClosure, NodeClosure.ancestor_id == Node.id)
        .where(NodeClosure.descendant_id == node_id, Node.kind == NodeKind.BASIC_DIRECTION)
    )
    return direction_id
