"""Editing the charter of a project [R2023 §85]."""

from __future__ import annotations

from typing import Any

from core.errors import PRODUCT_DEFAULT, RuleRefused
from core.hierarchy.classification import (
    FinancingClass,
    ProductClass,
    ScaleClass,
    TimeClass,
    deadlines_may_change,
)
from core.hierarchy.project.loading import open_project
from core.hierarchy.project.model import Project
from core.hierarchy.stages import stage_of
from core.rows import change
from core.texts import NAME_LIMIT, Names, clean, cleaned_names
from core.tree.node import Stage
from core.unset import UNSET, Unset
from core.work import Work


async def edit_project_charter(
    work: Work,
    project_id: int,
    *,
    expected_version: int,
    names: Names | Unset = UNSET,
    goal: str | Unset | None = UNSET,
    result: str | Unset | None = UNSET,
    description: str | Unset | None = UNSET,
    scale_class: ScaleClass | Unset | None = UNSET,
    product_class: ProductClass | Unset | None = UNSET,
    time_class: TimeClass | Unset | None = UNSET,
    financing_class: FinancingClass | Unset | None = UNSET,
    product_has_priority: bool | Unset = UNSET,
    contractual: bool | Unset = UNSET,
    implementing_body: str | Unset | None = UNSET,
) -> Project:
    """Change what the project is for and how it is classed. Action ``project.edit_charter``.

    What is not given stays; ``None`` empties. After initiation the class by time may become
    stricter but not looser: deadlines that cannot change would be no such thing if the class
    could (product default; R2023 App.6(5)).
    """
    node, project = await open_project(
        work, project_id, "project.edit_charter", expected_version=expected_version
    )
    given: dict[str, Any] = {
        "scale_class": scale_class,
        "product_class": product_class,
        "time_class": time_class,
        "financing_class": financing_class,
        "product_has_priority": product_has_priority,
        "contractual": contractual,
    }
    if not isinstance(names, Unset):
        given |= cleaned_names(names)
    if not isinstance(implementing_body, Unset):
        given["implementing_body"] = clean(implementing_body, "implementingBody", limit=NAME_LIMIT)
    for column, text in (("goal", goal), ("result", result), ("description", description)):
        if not isinstance(text, Unset):
            given[column] = clean(text, column)
    movable = deadlines_may_change(project.time_class, project.product_has_priority)
    before, after = change(project, given)
    if (
        not movable
        and stage_of(node) is not Stage.INITIATION
        and deadlines_may_change(project.time_class, project.product_has_priority)
    ):
        raise RuleRefused(
            "TIME_CLASS_CANNOT_LOOSEN",
            clause=f"{PRODUCT_DEFAULT}; R2023 App.6(5)",
            field="productHasPriority" if time_class is UNSET else "timeClass",
        )
    if after:
        node.version += 1
        await work.session.flush()
        work.record(
            "projectCharterEdited",
            project,
            node_id=node.id,
            before=before,
            after=after,
            clause="R2023 §85",
        )
    return project
