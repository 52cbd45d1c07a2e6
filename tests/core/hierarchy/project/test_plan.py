"""Editing the plan of a project."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.db.engine import Database
from core.errors import NotAllowed, StaleVersion
from core.hierarchy.national_priority import NationalPriority
from core.hierarchy.project import (
    CostClass,
    DurationClass,
    FundingSource,
    Project,
    ProjectFunding,
    TimeClass,
    edit_project_plan,
)
from core.tree.node import Node, Stage
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.factories import World, make_person

START, END, LATER = date(2026, 1, 1), date(2026, 12, 30), date(2026, 12, 31)


async def world_in(database: Database, stage: Stage, **columns: Any) -> World:
    """A world whose project is in ``stage``, from START to END, and has these columns."""
    world = await committed_world(database)
    async with arranging(database) as session:
        (await session.get_one(Node, world.project.id)).stage = stage
        project = await session.get_one(Project, world.project.id)
        for column, value in ({"starts_on": START, "ends_on": END} | columns).items():
            setattr(project, column, value)
    return world


async def test_edit_project_plan_changes_what_is_given_and_classes_anew(
    database: Database,
) -> None:
    world = await world_in(
        database,
        Stage.ADJUSTMENT,
        duration_class=DurationClass.SHORT_TERM,
        budget_minor=7_000_000_000,
        cost_class=CostClass.MEDIUM_BUDGET,
    )
    async with acting(database) as work:
        await edit_project_plan(
            work,
            world.project.id,
            expected_version=1,
            ends_on=LATER,
            budget_minor=6_999_999_999,
            budget_program_code="001",
            funding={FundingSource.PRIVATE: 6_999_999_999},
        )
        assert work.warnings == []
    async with arranging(database) as session:
        project = await session.get_one(Project, world.project.id)
        assert (await session.get_one(Node, world.project.id)).version == 2
    assert (project.starts_on, project.ends_on, project.budget_program_code) == (
        START, LATER, "001",
    )  # fmt: skip
    assert (project.duration_class, project.cost_class) == (
        DurationClass.MEDIUM_TERM, CostClass.LOW_BUDGET,
    )  # fmt: skip
    [entry] = await entries(database)
    assert (entry.act, entry.clause) == ("projectPlanEdited", "R2023 §92(6)")
    assert entry.before == {
        "ends_on": "2026-12-30",
        "budget_minor": 7_000_000_000,
        "budget_program_code": None,
        "funding": {},
        "duration_class": "SHORT_TERM",
        "cost_class": "MEDIUM_BUDGET",
    }
    assert entry.after == {
        "ends_on": "2026-12-31",
        "budget_minor": 6_999_999_999,
        "budget_program_code": "001",
        "funding": {"PRIVATE": 6_999_999_999},
        "duration_class": "MEDIUM_TERM",
        "cost_class": "LOW_BUDGET",
    }


async def test_edit_project_plan_in_another_currency_has_no_cost_class(
    database: Database,
) -> None:
    world = await world_in(
        database, Stage.PLANNING, budget_minor=100, cost_class=CostClass.LOW_BUDGET
    )
    async with acting(database) as work:
        project = await edit_project_plan(
            work, world.project.id, expected_version=1, currency="EUR"
        )
    assert (project.currency, project.cost_class) == ("EUR", None)


async def test_edit_project_plan_without_a_change_is_no_act(database: Database) -> None:
    world = await world_in(database, Stage.IMPLEMENTATION, budget_minor=5)
    async with acting(database) as work:
        await edit_project_plan(
            work, world.project.id, expected_version=1, ends_on=END, budget_minor=5, funding={}
        )
        assert work.warnings == []
    assert await entries(database) == []


async def test_edit_project_plan_empties_dates_and_funding(database: Database) -> None:
    world = await world_in(database, Stage.PLANNING)
    async with arranging(database) as session:
        session.add(
            ProjectFunding(
                project_id=world.project.id, source=FundingSource.FOREIGN, amount_minor=3
            )
        )
    async with acting(database) as work:
        project = await edit_project_plan(
            work, world.project.id, expected_version=1, starts_on=None, ends_on=None, funding={}
        )
    assert (project.starts_on, project.ends_on, project.duration_class) == (None, None, None)
    async with arranging(database) as session:
        assert await session.get(ProjectFunding, (world.project.id, FundingSource.FOREIGN)) is None


async def test_edit_project_plan_warns_when_a_new_budget_leaves_the_funding_behind(
    database: Database,
) -> None:
    world = await world_in(database, Stage.PLANNING, budget_minor=3)
    async with arranging(database) as session:
        session.add(
            ProjectFunding(
                project_id=world.project.id, source=FundingSource.FOREIGN, amount_minor=3
            )
        )
    async with acting(database) as work:
        await edit_project_plan(work, world.project.id, expected_version=1, budget_minor=4)
        assert [each.code for each in work.warnings] == ["FUNDING_DIFFERS_FROM_BUDGET"]


@pytest.mark.parametrize(
    ("stage", "codes"),
    [
        (Stage.INITIATION, []),
        (Stage.PLANNING, []),
        (Stage.ADJUSTMENT, []),
        (Stage.IMPLEMENTATION, ["PLAN_CHANGED_WITHOUT_ADJUSTMENT"]),
    ],
)
async def test_edit_project_plan_warns_outside_adjustment(
    database: Database, stage: Stage, codes: list[str]
) -> None:
    world = await world_in(database, stage)
    async with acting(database) as work:
        await edit_project_plan(work, world.project.id, expected_version=1, ends_on=LATER)
        assert [each.code for each in work.warnings] == codes


@pytest.mark.parametrize("stage", [Stage.STOPPED, Stage.CLOSURE, Stage.CLOSED])
async def test_edit_project_plan_refuses_a_halted_project(database: Database, stage: Stage) -> None:
    world = await world_in(database, stage)
    with refuses("WRONG_STAGE", "product default"):
        async with acting(database) as work:
            await edit_project_plan(work, world.project.id, expected_version=1, ends_on=LATER)


MOVABLE = [(TimeClass.URGENT, True), (TimeClass.NORMAL, False), (None, False)]
FIXED = [(TimeClass.CRITICAL, False), (TimeClass.CRITICAL, True), (TimeClass.URGENT, False)]
DATES = [("ends_on", LATER, "endsOn"), ("starts_on", date(2026, 1, 2), "startsOn")]


@pytest.mark.parametrize(("time_class", "priority"), MOVABLE)
@pytest.mark.parametrize(("column", "day", "field"), DATES)
async def test_edit_project_plan_moves_dates_as_the_class_allows(
    database: Database,
    time_class: TimeClass | None,
    priority: bool,
    column: str,
    day: date,
    field: str,
) -> None:
    world = await world_in(
        database, Stage.ADJUSTMENT, time_class=time_class, product_has_priority=priority
    )
    given: dict[str, Any] = {column: day}
    async with acting(database) as work:
        project = await edit_project_plan(work, world.project.id, expected_version=1, **given)
    assert getattr(project, column) == day


@pytest.mark.parametrize(("time_class", "priority"), FIXED)
@pytest.mark.parametrize(("column", "day", "field"), [*DATES, ("ends_on", None, "endsOn")])
async def test_edit_project_plan_moves_no_dates_the_class_fixes(
    database: Database,
    time_class: TimeClass,
    priority: bool,
    column: str,
    day: date | None,
    field: str,
) -> None:
    world = await world_in(
        database, Stage.PLANNING, time_class=time_class, product_has_priority=priority
    )
    given: dict[str, Any] = {column: day}
    with refuses("DEADLINE_CANNOT_CHANGE", "R2023 App.6(5)", field):
        async with acting(database) as work:
            await edit_project_plan(work, world.project.id, expected_version=1, **given)


async def test_edit_project_plan_agrees_on_critical_dates_in_initiation(
    database: Database,
) -> None:
    world = await world_in(database, Stage.INITIATION, time_class=TimeClass.CRITICAL)
    async with acting(database) as work:
        await edit_project_plan(work, world.project.id, expected_version=1, ends_on=LATER)


async def test_edit_project_plan_sets_a_critical_date_that_was_missing(
    database: Database,
) -> None:
    world = await world_in(
        database, Stage.IMPLEMENTATION, time_class=TimeClass.CRITICAL, ends_on=None
    )
    async with acting(database) as work:
        await edit_project_plan(work, world.project.id, expected_version=1, ends_on=LATER)


async def test_edit_project_plan_changes_the_budget_of_a_critical_project(
    database: Database,
) -> None:
    world = await world_in(database, Stage.PLANNING, time_class=TimeClass.CRITICAL)
    async with acting(database) as work:
        project = await edit_project_plan(
            work, world.project.id, expected_version=1, budget_minor=9, ends_on=END
        )
    assert project.budget_minor == 9


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"ends_on": date(2025, 12, 31)}, "ENDS_BEFORE_IT_STARTS", "endsOn"),
        ({"starts_on": LATER}, "ENDS_BEFORE_IT_STARTS", "endsOn"),
        ({"budget_minor": -1}, "AMOUNT_NEGATIVE", "budget"),
        ({"currency": "KZ"}, "CURRENCY_UNKNOWN", "currency"),
        ({"funding": {FundingSource.PRIVATE: 0}}, "FUNDING_EMPTY", "funding"),
    ],
)
async def test_edit_project_plan_refuses_nonsense(
    database: Database, given: dict[str, Any], code: str, field: str
) -> None:
    world = await world_in(database, Stage.PLANNING)
    with refuses(code, "product default", field):
        async with acting(database) as work:
            await edit_project_plan(work, world.project.id, expected_version=1, **given)


async def test_edit_project_plan_stays_within_the_portfolio(database: Database) -> None:
    world = await world_in(database, Stage.PLANNING)
    async with arranging(database) as session:
        priority = await session.get_one(NationalPriority, world.priority.id)
        priority.portfolio_deadline = LATER
    async with acting(database) as work:
        await edit_project_plan(work, world.project.id, expected_version=1, ends_on=LATER)
    with refuses("PROJECT_ENDS_AFTER_PORTFOLIO", "R2023 §9", "endsOn"):
        async with acting(database) as work:
            await edit_project_plan(
                work, world.project.id, expected_version=2, ends_on=date(2027, 1, 1)
            )


async def test_edit_project_plan_needs_its_action_and_the_latest_version(
    database: Database,
) -> None:
    world = await world_in(database, Stage.PLANNING)
    async with arranging(database) as session:
        person = await make_person(session)
    with pytest.raises(NotAllowed):
        async with acting(database, person_id=person.id, may=["project.edit_charter"]) as work:
            await edit_project_plan(work, world.project.id, expected_version=1, ends_on=LATER)
    with pytest.raises(StaleVersion):
        async with acting(database, person_id=person.id, may=["project.edit_plan"]) as work:
            await edit_project_plan(work, world.project.id, expected_version=2, ends_on=LATER)
    async with acting(database, person_id=person.id, may=["project.edit_plan"]) as work:
        await edit_project_plan(work, world.project.id, expected_version=1, ends_on=LATER)
