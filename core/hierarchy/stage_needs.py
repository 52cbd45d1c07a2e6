"""Checking what a move between stages needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy import and_, func, or_, select

from core.acts.act import Act, ActKind
from core.authority.appointment import Appointment
from core.errors import PRODUCT_DEFAULT, RuleRefused, WrongState
from core.hierarchy.placement import is_in_standard_direction
from core.hierarchy.program_priority import ProgramPriority
from core.hierarchy.project import Lesson, Project
from core.hierarchy.stages import MOVABLE, Requirement, Transition
from core.hierarchy.surroundings import require_not_halted_above
from core.hierarchy.task import Task
from core.rows import find
from core.tree.node import Node, NodeKind, Stage
from core.work import Work

CHARTER_ROLES = (
    "project_initiator", "project_sponsor", "project_customer", "project_manager",
)  # fmt: skip
"""The roles the charter of every project defines [R2023 §85]."""


async def require_needs(work: Work, node: Node, move: Transition, reason: str | None) -> None:
    """Raise unless everything but the decision itself is there; ``reason`` is the proposal's."""
    if Requirement.REASON in move.needs and reason is None:
        raise RuleRefused(
            "STAGE_MOVE_NEEDS_REASON",
            clause=move.clause,
            field="reason",
            stage=move.source,
            to_stage=move.target,
        )
    for need in move.needs:
        if need in CHECKS:
            await CHECKS[need](work, node)


async def require_charter_roles(work: Work, node: Node) -> None:
    """Raise unless somebody holds each of the four charter roles today."""
    held = await work.session.scalars(
        select(Appointment.role)
        .distinct()
        .where(
            Appointment.node_id == node.id,
            Appointment.role.in_(CHARTER_ROLES),
            Appointment.valid_from <= work.today,
            or_(Appointment.valid_to.is_(None), Appointment.valid_to >= work.today),
        )
    )
    filled = set(held)
    missing = [role for role in CHARTER_ROLES if role not in filled]
    if missing:
        raise RuleRefused("CHARTER_ROLES_MISSING", clause="R2023 §85", missing=missing)


async def require_results_accepted(work: Work, node: Node) -> None:
    """Raise unless the customer accepted the results."""
    project = await find(work.session, Project, node.id)
    if project.results_accepted_at is None:
        raise RuleRefused("RESULTS_NOT_ACCEPTED", clause="R2023 §2(23)")


async def require_lesson(work: Work, node: Node) -> None:
    """Raise while the lessons log is empty."""
    lessons = await work.session.scalar(
        select(func.count()).select_from(Lesson).where(Lesson.project_id == node.id)
    )
    if not lessons:
        raise RuleRefused("LESSONS_LOG_EMPTY", clause="R2023 §92(6)")


async def require_nothing_open_inside(work: Work, node: Node) -> None:
    """Raise while something directly inside is neither closed nor archived.

    Inside a portfolio are the programs that serve its priority.
    """
    inside = Node.parent_id == node.id
    if node.kind is NodeKind.NATIONAL_PRIORITY:
        inside = Node.id.in_(
            select(ProgramPriority.program_id).where(ProgramPriority.priority_id == node.id)
        )
    unfinished = or_(
        and_(
            Node.kind.in_(MOVABLE),
            or_(Node.stage.is_(None), Node.stage != Stage.CLOSED),
        ),
        and_(Node.kind == NodeKind.TASK, Task.closed_on.is_(None)),
    )
    count = await work.session.scalar(
        select(func.count())
        .select_from(Node)
        .outerjoin(Task, Task.id == Node.id)
        .where(inside, Node.archived_at.is_(None), unfinished)
    )
    if count:
        raise RuleRefused("OPEN_INSIDE", clause=PRODUCT_DEFAULT, count=count)


async def require_nothing_halted_above(work: Work, node: Node) -> None:
    """Raise if what the node lies in is stopped or over."""
    await require_not_halted_above(work.session, node.id)


async def require_not_standard(work: Work, node: Node) -> None:
    """Raise for the standard direction of a body and its six groups: they last as the body does."""
    parts = (NodeKind.BASIC_DIRECTION, NodeKind.PROJECT_GROUP)
    if node.kind in parts and await is_in_standard_direction(work.session, node):
        raise RuleRefused("STANDARD_DIRECTION_IS_PERMANENT", clause="R2023 §63")


CHECKS: dict[Requirement, Callable[[Work, Node], Awaitable[None]]] = {
    Requirement.CHARTER_ROLES: require_charter_roles,
    Requirement.RESULTS_ACCEPTED: require_results_accepted,
    Requirement.LESSON: require_lesson,
    Requirement.NOTHING_OPEN_INSIDE: require_nothing_open_inside,
    Requirement.NOT_HALTED_ABOVE: require_nothing_halted_above,
    Requirement.NOT_STANDARD: require_not_standard,
}


async def deciding_act(work: Work, node: Node, move: Transition, act_id: int | None) -> Act | None:
    """The document of a decision; a committee's must be a protocol of the same body, by today.

    Raises ``DECISION_NEEDS_PROTOCOL``, ``PROTOCOL_OF_ANOTHER_BODY`` or ``PROTOCOL_NOT_YET_DATED``
    [R2023 §52].
    """
    act = None if act_id is None else await find(work.session, Act, act_id, field="actId")
    if not move.collegial:
        return act
    if act is None or act.kind is not ActKind.PROTOCOL:
        raise RuleRefused("DECISION_NEEDS_PROTOCOL", clause="R2023 §52", field="actId")
    if act.body_id != node.state_body_id:
        raise RuleRefused("PROTOCOL_OF_ANOTHER_BODY", clause="R2023 §51-52", field="actId")
    if act.dated_on > work.today:
        raise WrongState(
            "PROTOCOL_NOT_YET_DATED", clause="R2023 §52", field="actId", dated_on=act.dated_on
        )
    return act
