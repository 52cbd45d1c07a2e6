"""Which national priorities a program serves, and which of them leads (product; R2023 §27)."""

from __future__ import annotations

from sqlalchemy import select

from core.errors import PRODUCT_DEFAULT, RuleRefused
from core.hierarchy.deadline import (
    latest_project_end,
    require_program_within_portfolios,
    require_project_within,
)
from core.hierarchy.national_priority import NationalPriority
from core.hierarchy.program import Program, load_priority
from core.hierarchy.program_priority import ProgramPriority
from core.hierarchy.stages import refuse_unless_in
from core.rows import find
from core.tree.closure import link_service, unlink_service
from core.tree.editing import lock_node, refuse_stale
from core.tree.lock import reshape_tree
from core.tree.node import Node, NodeKind
from core.work import Work


async def link_priority(
    work: Work, program_id: int, priority_id: int, *, expected_version: int
) -> Program:
    """Let a program serve one more national priority.

    Action ``program.edit`` at the program. Program and projects must end by the deadline of the
    priority's portfolio [R2023 §9]. Raises ``CONFLICT``, ``NODE_ARCHIVED``, ``WRONG_STAGE``,
    ``NOT_FOUND``, ``PRIORITY_SERVED_ALREADY``, ``PROGRAM_ENDS_AFTER_PORTFOLIO``,
    ``PROJECT_ENDS_AFTER_PORTFOLIO``.
    """
    node, program = await begin(work, program_id, expected_version)
    await load_priority(work, priority_id, field="priorityId")
    if await link_of(work, program_id, priority_id) is not None:
        raise RuleRefused("PRIORITY_SERVED_ALREADY", clause=PRODUCT_DEFAULT, field="priorityId")
    await require_program_within_portfolios(
        work, [priority_id], program.ends_on, field="priorityId"
    )
    latest = await latest_project_end(work.session, Node.program_scope_id == program.id)
    await require_project_within(
        work, NationalPriority.id == priority_id, latest, field="priorityId"
    )
    work.session.add(ProgramPriority(program_id=program.id, priority_id=priority_id, lead=False))
    await work.session.flush()
    await link_service(work.session, priority_id, program.id)
    return await finish(work, node, program, "priorityLinked", after={"priority": priority_id})


async def unlink_priority(
    work: Work, program_id: int, priority_id: int, *, expected_version: int
) -> Program:
    """Let a program serve a priority no longer; never the one that leads.

    Action ``program.edit`` at the program. Raises ``CONFLICT``, ``NODE_ARCHIVED``, ``WRONG_STAGE``,
    ``PRIORITY_NOT_SERVED``, ``LEAD_PRIORITY_STAYS``.
    """
    node, program = await begin(work, program_id, expected_version)
    link = await require_link(work, program_id, priority_id)
    if link.lead:
        raise RuleRefused("LEAD_PRIORITY_STAYS", clause=PRODUCT_DEFAULT, field="priorityId")
    await work.session.delete(link)
    await work.session.flush()
    await unlink_service(work.session, priority_id, program.id)
    return await finish(work, node, program, "priorityUnlinked", before={"priority": priority_id})


async def set_lead_priority(
    work: Work, program_id: int, priority_id: int, *, expected_version: int
) -> Program:
    """Let another of the priorities a program serves lead it: its council and curator decide.

    Action ``program.edit`` at the program. Raises ``CONFLICT``, ``NODE_ARCHIVED``, ``WRONG_STAGE``,
    ``PRIORITY_NOT_SERVED``.
    """
    node, program = await begin(work, program_id, expected_version)
    link = await require_link(work, program_id, priority_id)
    if link.lead:
        return program
    leads = await work.session.scalars(
        select(ProgramPriority).where(
            ProgramPriority.program_id == program_id, ProgramPriority.lead.is_(True)
        )
    )
    before = None
    for lead in leads:
        lead.lead = False
        before = {"lead_priority": lead.priority_id}
    link.lead = True
    return await finish(
        work, node, program, "leadPrioritySet", before=before, after={"lead_priority": priority_id}
    )


async def begin(work: Work, program_id: int, expected_version: int) -> tuple[Node, Program]:
    """Load the program for one of the acts above, with the checks they share."""
    await reshape_tree(work.session)
    node = await lock_node(work.session, program_id, NodeKind.PROGRAM, field="id")
    await work.require("program.edit", node.id)
    refuse_stale(node, expected_version)
    refuse_unless_in(node)
    return node, await find(work.session, Program, node.id)


async def finish(
    work: Work,
    node: Node,
    program: Program,
    act: str,
    *,
    before: dict[str, int] | None = None,
    after: dict[str, int] | None = None,
) -> Program:
    """Enter the act into the program's history."""
    node.version += 1
    await work.session.flush()
    work.record(act, program, node_id=node.id, before=before, after=after, clause="R2023 §27")
    return program


async def link_of(work: Work, program_id: int, priority_id: int) -> ProgramPriority | None:
    return await work.session.get(ProgramPriority, (program_id, priority_id))


async def require_link(work: Work, program_id: int, priority_id: int) -> ProgramPriority:
    """The link, else ``PRIORITY_NOT_SERVED``."""
    link = await link_of(work, program_id, priority_id)
    if link is None:
        raise RuleRefused("PRIORITY_NOT_SERVED", clause=PRODUCT_DEFAULT, field="priorityId")
    return link
