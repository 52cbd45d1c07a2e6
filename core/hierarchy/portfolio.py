"""The portfolio of a national priority: its goal, and the deadline that bounds what serves it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import RuleRefused
from core.hierarchy.deadline import latest_project_end
from core.hierarchy.national_priority import NationalPriority, check_period
from core.hierarchy.program import Program
from core.hierarchy.program_priority import ProgramPriority
from core.hierarchy.stages import refuse_unless_in
from core.rows import Lock, change, find
from core.texts import clean
from core.tree.editing import lock_node, refuse_stale
from core.tree.node import Node, NodeKind
from core.unset import UNSET, Unset
from core.work import Work


async def edit_portfolio(
    work: Work,
    priority_id: int,
    *,
    expected_version: int,
    goal: str | Unset | None = UNSET,
    deadline: date | Unset = UNSET,
) -> NationalPriority:
    """Set the goal and the deadline of a priority's portfolio [R2023 §9, §10].

    Action ``portfolio.manage`` at the priority. A deadline once set can be moved, not removed.
    Raises ``CONFLICT``, ``NODE_ARCHIVED``, ``WRONG_STAGE``, ``PORTFOLIO_AFTER_PERIOD``, and
    ``PORTFOLIO_BEFORE_PROGRAM`` or ``PORTFOLIO_BEFORE_PROJECT`` when a program that serves the
    priority, or a project in one, would then end too late.
    """
    node = await lock_node(work.session, priority_id, NodeKind.NATIONAL_PRIORITY, field="id")
    await work.require("portfolio.manage", node.id)
    refuse_stale(node, expected_version)
    refuse_unless_in(node)
    # Programs and projects being entered hold this row, and are seen once they let go of it.
    priority = await find(work.session, NationalPriority, node.id, lock=Lock.UPDATE)
    if deadline is not UNSET:
        check_period(deadline, priority.ends_on, field="deadline")
        await require_everything_ends_by(work.session, priority.id, deadline)
    before, after = change(
        priority,
        {
            "portfolio_goal": goal if goal is UNSET else clean(goal, "goal"),
            "portfolio_deadline": deadline,
        },
    )
    if after:
        node.version += 1
        await work.session.flush()
        work.record(
            "portfolioEdited",
            priority,
            node_id=node.id,
            before=before,
            after=after,
            clause="R2023 §9",
        )
    return priority


async def require_everything_ends_by(
    session: AsyncSession, priority_id: int, deadline: date
) -> None:
    """Raise if a living program of the priority, or a living project in one, ends later."""
    programs = select(ProgramPriority.program_id).where(ProgramPriority.priority_id == priority_id)
    program_end = await session.scalar(
        select(func.max(Program.ends_on))
        .join(Node, Node.id == Program.id)
        .where(Program.id.in_(programs), Node.archived_at.is_(None))
    )
    if program_end is not None and program_end > deadline:
        raise RuleRefused(
            "PORTFOLIO_BEFORE_PROGRAM",
            clause="R2023 §9",
            field="deadline",
            deadline=deadline,
            ends_on=program_end,
        )
    project_end = await latest_project_end(session, Node.program_scope_id.in_(programs))
    if project_end is not None and project_end > deadline:
        raise RuleRefused(
            "PORTFOLIO_BEFORE_PROJECT",
            clause="R2023 §9",
            field="deadline",
            deadline=deadline,
            ends_on=project_end,
        )
