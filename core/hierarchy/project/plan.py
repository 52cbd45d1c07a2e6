"""Editing the plan of a project: its dates, budget and funding."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.errors import PRODUCT_DEFAULT, RuleRefused
from core.hierarchy.classification import cost_class, deadlines_may_change, duration_class
from core.hierarchy.project.loading import open_project
from core.hierarchy.project.model import FundingSource, Project
from core.hierarchy.project.money import (
    check_budget,
    check_funding,
    funding_of,
    replace_funding,
)
from core.hierarchy.project.terms import require_terms
from core.hierarchy.stages import stage_of
from core.rows import change
from core.texts import CODE_LIMIT, clean
from core.tree.node import Node, Stage
from core.unset import UNSET, Unset
from core.work import Work


async def edit_project_plan(
    work: Work,
    project_id: int,
    *,
    expected_version: int,
    starts_on: date | Unset | None = UNSET,
    ends_on: date | Unset | None = UNSET,
    budget_minor: int | Unset | None = UNSET,
    currency: str | Unset = UNSET,
    budget_program_code: str | Unset | None = UNSET,
    funding: Mapping[FundingSource, int] | Unset = UNSET,
) -> Project:
    """Change dates, budget and funding, and class the project anew. Action ``project.edit_plan``.

    What is not given stays; ``None`` empties; ``funding`` replaces all sources. Once out of
    initiation, dates that are set change only as the class by time allows [R2023 App.6(5)]: never
    when critical, when urgent only if the product has priority. A change during implementation
    is let through with a warning that adjustment is the stage for it (product default; R2023 §9).
    """
    node, project = await open_project(
        work, project_id, "project.edit_plan", expected_version=expected_version
    )
    given: dict[str, Any] = {
        "starts_on": starts_on,
        "ends_on": ends_on,
        "budget_minor": budget_minor,
        "currency": currency,
    }
    if not isinstance(budget_program_code, Unset):
        given["budget_program_code"] = clean(
            budget_program_code, "budgetProgramCode", limit=CODE_LIMIT
        )
    set_before = {"startsOn": project.starts_on, "endsOn": project.ends_on}
    before, after = change(project, given)
    check_budget(project.budget_minor, project.currency)
    if "starts_on" in after or "ends_on" in after:
        require_movable_dates(node, project, set_before)
        await require_terms(work, node.program_scope_id, project.starts_on, project.ends_on)
    if funding is not UNSET or "budget_minor" in after:
        sources = await funding_of(work, project) if isinstance(funding, Unset) else funding
        check_funding(work, project.budget_minor, sources)
        had, has = await replace_funding(work, project, sources)
        before, after = before | had, after | has
    if after:
        classes = {
            "duration_class": duration_class(project.starts_on, project.ends_on),
            "cost_class": cost_class(project.budget_minor, project.currency),
        }
        was, became = change(project, classes)
        before, after = before | was, after | became
        if stage_of(node) is Stage.IMPLEMENTATION:
            work.warn("PLAN_CHANGED_WITHOUT_ADJUSTMENT", clause=f"{PRODUCT_DEFAULT}; R2023 §9")
        node.version += 1
        await work.session.flush()
        work.record(
            "projectPlanEdited",
            project,
            node_id=node.id,
            before=before,
            after=after,
            clause="R2023 §92(6)",
        )
    return project


def require_movable_dates(
    node: Node, project: Project, set_before: Mapping[str, date | None]
) -> None:
    """Raise when a date that was set changed against the project's class by time.

    In initiation the dates are still being agreed on (product default), and a date that was never
    set is no deadline yet.
    """
    if stage_of(node) is Stage.INITIATION or deadlines_may_change(
        project.time_class, project.product_has_priority
    ):
        return
    now = {"startsOn": project.starts_on, "endsOn": project.ends_on}
    for field, was in set_before.items():
        if was is not None and now[field] != was:
            raise RuleRefused(
                "DEADLINE_CANNOT_CHANGE",
                clause="R2023 App.6(5)",
                field=field,
                time_class=project.time_class,
                was=was,
            )
