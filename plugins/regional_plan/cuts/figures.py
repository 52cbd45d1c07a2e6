"""Figures of a plan: how many projects in which stage, and for how much, by unit and by sphere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import strawberry
from sqlalchemy import JSON, ColumnElement, and_, func, select, union
from sqlalchemy.orm import aliased

from plugins.regional_plan.compliance.finding import Texts
from plugins.regional_plan.compliance.rows import NOTHING, ONE, all_rows, tagged, word
from plugins.regional_plan.compliance.showing import in_language
from plugins.regional_plan.cuts.places import LEVELS
from plugins.regional_plan.plan.plan import RegionalPlan, RegionalPlanDirection
from zhoba.api import (
    AdministrativeUnit,
    BasicDirection,
    Fact,
    FundingSource,
    Info,
    Level,
    Node,
    NodeClosure,
    Project,
    ProjectFunding,
    ProjectLocation,
    Row,
    Stage,
    computed,
    enum_type,
    global_id,
    major_units,
)


@dataclass(slots=True)
class Figures:
    """What is counted at one place."""

    id: str | None
    code: str | None
    names: Texts
    stages: dict[str, int] = field(default_factory=dict)
    budget: dict[str, int] = field(default_factory=dict)
    funding: dict[tuple[str, str], int] = field(default_factory=dict)


@strawberry.type(name="RegionalStageCount", description="How many projects are in a stage.")
class RegionalStageCount:
    """A stage with its number."""

    stage: enum_type(Stage) | None = strawberry.field(  # type: ignore[valid-type]
        description="The stage; null: imported without one."
    )
    projects: int = strawberry.field(description="How many projects.")


@strawberry.type(name="RegionalAmount", description="Money of projects, summed by currency.")
class RegionalAmount:
    """A sum; of one source, where it says which."""

    amount: Decimal = strawberry.field(description="The sum, exact.")
    currency: str = strawberry.field(description="ISO 4217 code.")
    source: enum_type(FundingSource) | None = strawberry.field(  # type: ignore[valid-type]
        default=None, description="Where the money comes from; null: the whole budget."
    )


@strawberry.type(
    name="RegionalFigures", description="Figures of the projects of a plan in one unit or sphere."
)
class RegionalFigures:
    """One row of a cut."""

    found: strawberry.Private[Figures]

    @strawberry.field(description="The unit or direction; null: projects that name no unit.")
    def place(self) -> strawberry.ID | None:
        return strawberry.ID(self.found.id) if self.found.id else None

    @strawberry.field(description="Its code; null: it has none.")
    def code(self) -> str | None:
        return self.found.code

    @strawberry.field(description="Its name in the caller's language; null: of no unit.")
    def place_name(self, info: Info) -> str | None:
        return in_language(self.found.names, info.context.language) or None

    @strawberry.field(description="How many projects.")
    def projects(self) -> int:
        return sum(self.found.stages.values())

    @strawberry.field(description="How many in each stage.")
    def by_stage(self) -> list[RegionalStageCount]:
        stages = self.found.stages
        known = [RegionalStageCount(stage=each, projects=stages[each.name])
                 for each in Stage if each.name in stages]  # fmt: skip
        none = [RegionalStageCount(stage=None, projects=stages[""])] if "" in stages else []
        return known + none

    @strawberry.field(description="Their budgets.")
    def budget(self) -> list[RegionalAmount]:
        return [
            RegionalAmount(amount=major_units(minor, currency), currency=currency)
            for currency, minor in sorted(self.found.budget.items())
        ]

    @strawberry.field(description="Where the money comes from.")
    def funding(self) -> list[RegionalAmount]:
        return [
            RegionalAmount(
                amount=major_units(minor, currency),
                currency=currency,
                source=FundingSource[source],
            )
            for (source, currency), minor in sorted(self.found.funding.items())
        ]


def by_unit(plan_id: ColumnElement[Any]) -> Any:
    """Projects of a plan with every unit they happen in or below; null: none is named."""
    arms = []
    for level in range(LEVELS):
        location, node = aliased(ProjectLocation), aliased(Node)
        at = location.administrative_unit_id
        arm = select(location.project_id.label("project_id")).join(
            node, node.id == location.project_id
        )
        for _ in range(level):
            unit = aliased(AdministrativeUnit)
            arm, at = arm.join(unit, unit.id == at), unit.parent_id
        arms.append(
            arm.add_columns(at.label("at")).where(
                node.program_scope_id == plan_id, node.archived_at.is_(None), at.is_not(None)
            )
        )
    node, placed = aliased(Node), aliased(ProjectLocation)
    somewhere = (
        select(ONE)
        .select_from(placed)
        .where(placed.project_id == node.id, placed.administrative_unit_id.is_not(None))
        .correlate_except(placed)
        .exists()
    )
    nowhere = select(node.id, NOTHING).where(
        node.program_scope_id == plan_id,
        node.kind == word("PROJECT"),
        node.archived_at.is_(None),
        ~somewhere,
    )
    return union(*arms, nowhere).subquery()


def by_sphere(plan_id: ColumnElement[Any]) -> Any:
    """Projects of a plan with the direction they lie in."""
    direction, inside, node = aliased(Node), aliased(NodeClosure), aliased(Node)
    return (
        select(inside.descendant_id.label("project_id"), direction.id.label("at"))
        .select_from(direction)
        .join(
            inside,
            and_(inside.ancestor_id == direction.id, inside.kind == word("PROJECT")),
        )
        .join(node, node.id == inside.descendant_id)
        .where(direction.parent_id == plan_id, node.archived_at.is_(None))
        .subquery()
    )


def unit_names(at: ColumnElement[Any]) -> tuple[Any, Any, tuple[Any, ...]]:
    """The table of the places, how it is joined, and what is told of a place."""
    unit = aliased(AdministrativeUnit)
    return unit, unit.id == at, (unit.id, unit.code, unit.name_kk, unit.name_ru, unit.name_en)


def sphere_names(at: ColumnElement[Any]) -> tuple[Any, Any, tuple[Any, ...]]:
    """The same for directions; those of the architecture have a code."""
    direction, held = aliased(BasicDirection), aliased(RegionalPlanDirection)
    code = select(held.code).where(held.id == direction.id).correlate(direction).scalar_subquery()
    told = (direction.id, code, direction.name_kk, direction.name_ru, direction.name_en)
    return direction, direction.id == at, told


Cut = Callable[[ColumnElement[Any]], Any]


def figures_sql(plan_id: ColumnElement[Any], cut: Cut, names: Any) -> ColumnElement[str]:
    """Rows ``["place", ...]``, ``["stage", ...]`` and ``["money", ...]`` of a cut."""
    members = cut(plan_id)
    table, on, told = names(members.c.at)
    places = (
        tagged("place", *told)
        .select_from(members)
        .outerjoin(table, on)
        .group_by(members.c.at, *told)
    )
    return all_rows([places, stage_rows(cut(plan_id)), money_rows(cut(plan_id))])


def stage_rows(members: Any) -> Any:
    node, project = aliased(Node), aliased(Project)
    return (
        tagged(
            "stage", members.c.at, node.stage, project.currency, func.count(),
            func.sum(project.budget_minor),
        )
        .select_from(members)
        .join(node, node.id == members.c.project_id)
        .join(project, project.id == members.c.project_id)
        .group_by(members.c.at, node.stage, project.currency)
    )  # fmt: skip


def money_rows(members: Any) -> Any:
    project, funding = aliased(Project), aliased(ProjectFunding)
    return (
        tagged(
            "money", members.c.at, funding.source, project.currency,
            func.sum(funding.amount_minor),
        )
        .select_from(members)
        .join(project, project.id == members.c.project_id)
        .join(funding, funding.project_id == project.id)
        .group_by(members.c.at, funding.source, project.currency)
    )  # fmt: skip


def figures_from(rows: Iterable[Sequence[Any]], type_name: str) -> list[RegionalFigures]:
    """The rows put together: places by code and key, those of no place last."""
    found: dict[int | None, Figures] = {}
    rows = list(rows)
    for kind, *told in rows:
        if kind == "place":
            at, code, *names = told
            found[at] = Figures(
                None if at is None else global_id(type_name, at),
                code,
                (names[0], names[1], names[2]),
            )
    for kind, at, *told in rows:
        if kind == "stage":
            stage, currency, number, minor = told
            at_place = found[at]
            at_place.stages[stage or ""] = at_place.stages.get(stage or "", 0) + number
            if minor is not None:
                at_place.budget[currency] = at_place.budget.get(currency, 0) + minor
        elif kind == "money":
            source, currency, minor = told
            found[at].funding[source, currency] = minor
    ordered = sorted(
        found.items(), key=lambda each: (each[0] is None, each[1].code or "~", each[0])
    )
    return [RegionalFigures(found=figures) for _, figures in ordered]


def unit_figures_of(row: Row) -> ColumnElement[str]:
    return figures_sql(row[RegionalPlan.id], by_unit, unit_names)


def sphere_figures_of(row: Row) -> ColumnElement[str]:
    return figures_sql(row[RegionalPlan.id], by_sphere, sphere_names)


FIELDS = (
    computed(
        "unitFigures",
        list[RegionalFigures],
        [Fact(JSON(), unit_figures_of)],
        lambda rows: figures_from(rows, "AdministrativeUnit"),
        "Figures by city, district and rural district, each with what lies in it: a project counts "
        "in every unit it happens in [R2021 §34].",
        level=Level.FULL,
    ),
    computed(
        "sphereFigures",
        list[RegionalFigures],
        [Fact(JSON(), sphere_figures_of)],
        lambda rows: figures_from(rows, "BasicDirection"),
        "Figures by sphere: by basic direction of the plan [R2023 §35].",
        level=Level.FULL,
    ),
)
