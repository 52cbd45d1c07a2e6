"""The deadline of a portfolio bounds every program and project that serves it [R2023 §9]."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, Date, column, func, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import RuleRefused
from core.hierarchy.national_priority import NationalPriority
from core.hierarchy.program_priority import ProgramPriority
from core.tree.node import Node
from core.work import Work

_project = table("project", column("id"), column("ends_on", Date()))  # stands on this module


async def require_project_within_portfolios(
    work: Work, program_id: int | None, ends_on: date | None, *, field: str = "endsOn"
) -> None:
    """Raise ``PROJECT_ENDS_AFTER_PORTFOLIO`` if a project of the program would end too late.

    ``program_id`` is the project's program scope; the standard basic direction serves no priority.
    """
    served = select(ProgramPriority.priority_id).where(ProgramPriority.program_id == program_id)
    await require_project_within(work, NationalPriority.id.in_(served), ends_on, field=field)


async def require_project_within(
    work: Work, chosen: ColumnElement[bool], ends_on: date | None, *, field: str
) -> None:
    """Raise ``PROJECT_ENDS_AFTER_PORTFOLIO`` if a project would end after a chosen portfolio."""
    strictest = await strictest_portfolio(work.session, chosen)
    if ends_on is not None and strictest is not None and ends_on > strictest[1]:
        raise RuleRefused(
            "PROJECT_ENDS_AFTER_PORTFOLIO",
            clause="R2023 §9",
            field=field,
            ends_on=ends_on,
            deadline=strictest[1],
            priority=strictest[0],
        )


async def require_program_within_portfolios(
    work: Work, priority_ids: Collection[int], ends_on: date | None, *, field: str = "endsOn"
) -> None:
    """Raise ``PROGRAM_ENDS_AFTER_PORTFOLIO`` if a program serving these would end too late."""
    chosen = NationalPriority.id.in_(priority_ids)
    strictest = await strictest_portfolio(work.session, chosen)
    if ends_on is not None and strictest is not None and ends_on > strictest[1]:
        raise RuleRefused(
            "PROGRAM_ENDS_AFTER_PORTFOLIO",
            clause="R2023 §9",
            field=field,
            ends_on=ends_on,
            deadline=strictest[1],
            priority=strictest[0],
        )


async def strictest_portfolio(
    session: AsyncSession, chosen: ColumnElement[bool]
) -> tuple[str, date] | None:
    """Code and deadline of the portfolio that ends first; one without a deadline binds nobody.

    The portfolios stay as they are until the unit of work ends, so that a deadline cannot be
    shortened past a program or project that is just being entered.
    """
    rows = await session.execute(
        select(NationalPriority.code, NationalPriority.portfolio_deadline)
        .where(chosen)
        .order_by(NationalPriority.id)
        .with_for_update(read=True, of=NationalPriority)
    )
    deadlines = [(code, deadline) for code, deadline in rows if deadline is not None]
    return min(deadlines, key=lambda each: (each[1], each[0]), default=None)


async def latest_project_end(session: AsyncSession, chosen: ColumnElement[bool]) -> date | None:
    """The latest end among the living projects whose nodes are chosen."""
    latest: date | None = await session.scalar(
        select(func.max(_project.c.ends_on))
        .join_from(Node, _project, _project.c.id == Node.id)
        .where(chosen, Node.archived_at.is_(None))
    )
    return latest
