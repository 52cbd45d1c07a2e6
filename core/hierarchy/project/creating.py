"""Initiating a project in the system."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from core.hierarchy.classification import (
    FinancingClass,
    ProductClass,
    ScaleClass,
    TimeClass,
    cost_class,
    duration_class,
)
from core.hierarchy.placement import require_place
from core.hierarchy.project.model import FundingSource, Project
from core.hierarchy.project.money import by_name, check_budget, check_funding, replace_funding
from core.hierarchy.project.number import take_project_numbers
from core.hierarchy.project.terms import require_terms
from core.hierarchy.stages import refuse_unless_in
from core.hierarchy.surroundings import require_not_halted_above
from core.money import TENGE
from core.rows import entered
from core.texts import CODE_LIMIT, NAME_LIMIT, Names, clean, cleaned_names
from core.tree.closure import insert_node
from core.tree.load import load_parent
from core.tree.node import NodeKind, Stage
from core.work import Work


async def create_project(
    work: Work,
    parent_id: int,
    names: Names,
    *,
    goal: str | None = None,
    result: str | None = None,
    description: str | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    budget_minor: int | None = None,
    currency: str = TENGE,
    budget_program_code: str | None = None,
    funding: Mapping[FundingSource, int] | None = None,
    scale_class: ScaleClass | None = None,
    product_class: ProductClass | None = None,
    time_class: TimeClass | None = None,
    financing_class: FinancingClass | None = None,
    product_has_priority: bool = False,
    contractual: bool = False,
    implementing_body: str | None = None,
) -> Project:
    """Initiate a project in a group, or in a basic direction that has no group [R2023 §2(27), §48].

    It gets its unique number [R2023 §94(8)], starts in initiation, and is classed by duration and
    cost [R2023 App.6]. Amounts are minor units of ``currency``. Action ``project.create`` at the
    parent. Refuses an end after the deadline of any portfolio it serves [R2023 §9]; warns of one
    after its program's end, and of funding that differs from the budget (product defaults).
    """
    parent = await load_parent(work, parent_id, field="parentId")
    await work.require("project.create", parent.id, field="parentId")
    await require_place(work.session, NodeKind.PROJECT, parent)
    refuse_unless_in(parent)
    await require_not_halted_above(work.session, parent.id)
    funding = funding or {}
    columns = {
        **cleaned_names(names),
        "goal": clean(goal, "goal"),
        "result": clean(result, "result"),
        "description": clean(description, "description"),
        "starts_on": starts_on,
        "ends_on": ends_on,
        "budget_minor": budget_minor,
        "currency": currency,
        "budget_program_code": clean(budget_program_code, "budgetProgramCode", limit=CODE_LIMIT),
        "duration_class": duration_class(starts_on, ends_on),
        "cost_class": cost_class(budget_minor, currency),
        "scale_class": scale_class,
        "product_class": product_class,
        "time_class": time_class,
        "financing_class": financing_class,
        "product_has_priority": product_has_priority,
        "contractual": contractual,
        "implementing_body": clean(implementing_body, "implementingBody", limit=NAME_LIMIT),
    }
    check_budget(budget_minor, currency)
    check_funding(work, budget_minor, funding)
    await require_terms(work, parent.program_scope_id, starts_on, ends_on)
    [number] = await take_project_numbers(work.session, work.today.year)
    node = await insert_node(
        work.session,
        kind=NodeKind.PROJECT,
        parent=parent,
        now=work.now,
        stage=Stage.INITIATION,
    )
    project = Project(id=node.id, number=number, **columns)
    work.session.add(project)
    await work.session.flush()
    await replace_funding(work, project, funding)
    work.record(
        "projectCreated",
        project,
        node_id=node.id,
        after=entered(
            {"parent_id": parent.id, "number": number, "stage": node.stage}
            | columns
            | ({"funding": by_name(funding)} if funding else {})
        ),
        clause="R2023 §48, §94(8)",
    )
    return project
