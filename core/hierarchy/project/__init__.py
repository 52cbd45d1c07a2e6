"""Projects: what they are, and the acts that create and change them."""

from __future__ import annotations

from core.hierarchy.classification import (
    CostClass,
    DurationClass,
    FinancingClass,
    ProductClass,
    ScaleClass,
    TimeClass,
)
from core.hierarchy.project.charter import edit_project_charter
from core.hierarchy.project.creating import create_project
from core.hierarchy.project.lessons import record_lesson
from core.hierarchy.project.model import (
    FundingSource,
    Lesson,
    Project,
    ProjectFunding,
    ProjectNumber,
)
from core.hierarchy.project.number import take_project_numbers
from core.hierarchy.project.plan import edit_project_plan
from core.hierarchy.project.results import accept_results

__all__ = [
    "CostClass",
    "DurationClass",
    "FinancingClass",
    "FundingSource",
    "Lesson",
    "ProductClass",
    "Project",
    "ProjectFunding",
    "ProjectNumber",
    "ScaleClass",
    "TimeClass",
    "accept_results",
    "create_project",
    "edit_project_charter",
    "edit_project_plan",
    "record_lesson",
    "take_project_numbers",
]
