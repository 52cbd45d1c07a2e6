"""Programs and the national priorities they serve."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import date

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Named
from core.db.types import named_enum
from core.errors import PRODUCT_DEFAULT, InvalidInput, RuleRefused
from core.hierarchy.deadline import latest_project_end, require_program_within_portfolios
from core.hierarchy.placement import require_place
from core.hierarchy.program_priority import ProgramPriority
from core.hierarchy.stages import refuse_unless_in
from core.hierarchy.state_body import StateBody, StateBodyKind
from core.places.region import Region
from core.rows import Lock, change, entered, find
from core.texts import Names, clean, cleaned_names
from core.tree.closure import insert_node, link_service
from core.tree.editing import lock_node, refuse_stale
from core.tree.load import load_parent, load_seen
from core.tree.node import Node, NodeKind, Stage
from core.unset import UNSET, Unset
from core.work import Work

__all__ = ["Program", "ProgramKind", "ProgramPriority", "create_program", "edit_program"]


class ProgramKind(enum.Enum):
    """What document a program is [R2023 §44]."""

    NATIONAL_PROJECT = "national project"
    REGIONAL_DEVELOPMENT_PLAN = "regional development plan"
    PROGRAM = "program"
    OTHER_STRATEGIC_DOCUMENT = "other strategic document"


class Program(Named, Base):
    """A program of a state body, serving one or more national priorities [R2023 §2(8), §44-47]."""

    __tablename__ = "program"

    id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, autoincrement=False)
    kind: Mapped[ProgramKind] = mapped_column(named_enum(ProgramKind))
    goal: Mapped[str | None] = mapped_column(Text)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]


async def create_program(
    work: Work,
    *,
    state_body_id: int,
    names: Names,
    kind: ProgramKind,
    starts_on: date,
    ends_on: date,
    priority_ids: Sequence[int],
    lead_priority_id: int,
    goal: str | None = None,
) -> Program:
    """Enter a program of a body after the council's decision [R2023 §25, §26, §44].

    It serves at least one national priority, one of which leads (product). Action
    ``program.create`` at the body. Raises ``PROGRAM_NEEDS_PRIORITY``,
    ``LEAD_PRIORITY_NOT_SERVED``, ``ENDS_BEFORE_IT_STARTS``, ``PROGRAM_ENDS_AFTER_PORTFOLIO``
    [R2023 §9], ``REGIONAL_PLAN_NEEDS_AKIMAT``, ``REGION_HAS_PLAN``, ``NODE_ARCHIVED``,
    ``WRONG_STAGE``, ``NOT_FOUND``.
    """
    body = await load_parent(work, state_body_id, NodeKind.STATE_BODY, field="stateBodyId")
    await work.require("program.create", body.id, field="stateBodyId")
    refuse_unless_in(body)
    await require_place(work.session, NodeKind.PROGRAM, body, field="stateBodyId")
    if not priority_ids:
        raise RuleRefused("PROGRAM_NEEDS_PRIORITY", clause=PRODUCT_DEFAULT, field="priorityIds")
    if lead_priority_id not in priority_ids:
        raise RuleRefused(
            "LEAD_PRIORITY_NOT_SERVED", clause=PRODUCT_DEFAULT, field="leadPriorityId"
        )
    priorities = sorted(set(priority_ids))
    for priority_id in priorities:
        await load_priority(work, priority_id, field="priorityIds")
    check_terms(starts_on, ends_on)
    await require_program_within_portfolios(work, priorities, ends_on)
    await check_regional_plan(work, kind, body.id)
    values = {
        "kind": kind,
        "goal": clean(goal, "goal"),
        "starts_on": starts_on,
        "ends_on": ends_on,
        **cleaned_names(names),
    }
    node = await insert_node(
        work.session,
        kind=NodeKind.PROGRAM,
        parent=body,
        now=work.now,
        stage=Stage.INITIATION,
    )
    program = Program(id=node.id, **values)
    work.session.add(program)
    await work.session.flush()
    for priority_id in priorities:
        lead = priority_id == lead_priority_id
        work.session.add(ProgramPriority(program_id=program.id, priority_id=priority_id, lead=lead))
        await work.session.flush()
        await link_service(work.session, priority_id, program.id)
    work.record(
        "programCreated",
        program,
        node_id=node.id,
        after=entered(values) | {"priorities": priorities, "lead_priority": lead_priority_id},
        clause="R2023 §26",
    )
    return program


async def edit_program(
    work: Work,
    program_id: int,
    *,
    expected_version: int,
    names: Names | Unset = UNSET,
    kind: ProgramKind | Unset = UNSET,
    goal: str | Unset | None = UNSET,
    starts_on: date | Unset = UNSET,
    ends_on: date | Unset = UNSET,
) -> Program:
    """Change a program [R2023 §46, §67]; its priorities have acts of their own.

    Action ``program.edit`` at the program. Projects that would end after their program give a
    warning (the Rules bind them to the portfolio only, R2023 §9). Raises ``CONFLICT``,
    ``NODE_ARCHIVED``, ``WRONG_STAGE`` and what :func:`create_program` raises.
    """
    node = await lock_node(work.session, program_id, NodeKind.PROGRAM, field="id")
    await work.require("program.edit", node.id)
    refuse_stale(node, expected_version)
    refuse_unless_in(node)
    program = await find(work.session, Program, node.id)
    if kind is not UNSET and kind is not program.kind:
        await check_regional_plan(work, kind, node.state_body_id or 0, program_id=node.id)
    new_start = program.starts_on if starts_on is UNSET else starts_on
    new_end = program.ends_on if ends_on is UNSET else ends_on
    check_terms(new_start, new_end)
    if ends_on is not UNSET:
        await require_program_within_portfolios(work, await priorities_of(work, node.id), ends_on)
    before, after = change(
        program,
        {
            "kind": kind,
            "goal": goal if goal is UNSET else clean(goal, "goal"),
            "starts_on": starts_on,
            "ends_on": ends_on,
            **({} if names is UNSET else cleaned_names(names)),
        },
    )
    if after:
        node.version += 1
        await work.session.flush()
        if "ends_on" in after:
            await warn_of_later_projects(work, program)
        work.record("programEdited", program, node_id=node.id, before=before, after=after)
    return program


async def load_priority(work: Work, priority_id: int, *, field: str) -> Node:
    """A priority a program is to serve: one the actor sees, and that is not over."""
    priority = await load_seen(work, priority_id, NodeKind.NATIONAL_PRIORITY, field=field)
    refuse_unless_in(priority)
    return priority


async def priorities_of(work: Work, program_id: int) -> list[int]:
    """The priorities the program serves."""
    return list(
        await work.session.scalars(
            select(ProgramPriority.priority_id)
            .where(ProgramPriority.program_id == program_id)
            .order_by(ProgramPriority.priority_id)
        )
    )


def check_terms(starts_on: date | None, ends_on: date | None) -> None:
    """Raise ``ENDS_BEFORE_IT_STARTS``; a program of one day is none the less a program."""
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise InvalidInput(
            "ENDS_BEFORE_IT_STARTS",
            clause=PRODUCT_DEFAULT,
            field="endsOn",
            starts_on=starts_on,
            ends_on=ends_on,
        )


async def check_regional_plan(
    work: Work, kind: ProgramKind, body_id: int, *, program_id: int | None = None
) -> None:
    """A regional development plan is an akimat's, and the only running one of its region.

    ``program_id`` is the program that is to become one, or to move to the body. Raises
    ``REGIONAL_PLAN_NEEDS_AKIMAT`` [R2023 §2(54), §49] and ``REGION_HAS_PLAN`` (product default).
    """
    if kind is not ProgramKind.REGIONAL_DEVELOPMENT_PLAN:
        return
    body = await find(work.session, StateBody, body_id)
    region_id = (await find(work.session, Node, body_id)).region_id
    if body.kind is not StateBodyKind.LOCAL_EXECUTIVE or region_id is None:
        raise RuleRefused(
            "REGIONAL_PLAN_NEEDS_AKIMAT", clause="R2023 §2(54), §49", field="kind", kind=body.kind
        )
    # One plan at a time is entered in a region, so that two akimats cannot enter one each.
    await find(work.session, Region, region_id, lock=Lock.UPDATE)
    other = await work.session.scalar(
        select(Program.id)
        .join(Node, Node.id == Program.id)
        .where(
            Program.kind == ProgramKind.REGIONAL_DEVELOPMENT_PLAN,
            Program.id != (program_id or 0),
            Node.region_id == region_id,
            Node.archived_at.is_(None),
            Node.stage.is_distinct_from(Stage.CLOSED),
        )
        .limit(1)
    )
    if other is not None:
        raise RuleRefused("REGION_HAS_PLAN", clause=PRODUCT_DEFAULT, field="kind")


async def warn_of_later_projects(work: Work, program: Program) -> None:
    """Note the projects that now end after their program."""
    latest = await latest_project_end(work.session, Node.program_scope_id == program.id)
    if program.ends_on is not None and latest is not None and latest > program.ends_on:
        work.warn(
            "PROGRAM_ENDS_BEFORE_PROJECTS",
            clause=f"{PRODUCT_DEFAULT}; R2023 §9",
            ends_on=program.ends_on,
            latest=latest,
        )
