"""Editing the charter of a project."""

from __future__ import annotations

from typing import Any

import pytest

from core.db.engine import Database
from core.errors import NotAllowed, NotFound, StaleVersion
from core.hierarchy.project import (
    FinancingClass,
    ProductClass,
    Project,
    ScaleClass,
    TimeClass,
    edit_project_charter,
)
from core.texts import Names
from core.tree.node import Node, Stage
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW
from tests.factories import World, make_person

CRITICAL, URGENT, NORMAL = TimeClass.CRITICAL, TimeClass.URGENT, TimeClass.NORMAL


async def world_in(database: Database, stage: Stage | None, **columns: Any) -> World:
    """A world whose project is in ``stage`` and has these columns."""
    world = await committed_world(database)
    async with arranging(database) as session:
        (await session.get_one(Node, world.project.id)).stage = stage
        project = await session.get_one(Project, world.project.id)
        for column, value in columns.items():
            setattr(project, column, value)
    return world


async def test_edit_project_charter_changes_what_is_given(database: Database) -> None:
    world = await world_in(database, Stage.PLANNING, goal="Old", result="Kept", description="Gone")
    async with acting(database) as work:
        await edit_project_charter(
            work,
            world.project.id,
            expected_version=1,
            names=Names(ru="Мост"),
            goal="New",
            description=None,
            scale_class=ScaleClass.MEGAPROJECT,
            product_class=ProductClass.BUILDING,
            time_class=NORMAL,
            financing_class=FinancingClass.INTERNAL,
            product_has_priority=True,
            contractual=True,
            implementing_body="Trust",
        )
    async with arranging(database) as session:
        project = await session.get_one(Project, world.project.id)
        node = await session.get_one(Node, world.project.id)
    assert node.version == 2
    assert (project.name_kk, project.name_ru, project.name_en_sort) == (
        None, "Мост", project.name_ru_sort,
    )  # fmt: skip
    assert (project.goal, project.result, project.description) == ("New", "Kept", None)
    assert (project.scale_class, project.product_class) == (
        ScaleClass.MEGAPROJECT, ProductClass.BUILDING,
    )  # fmt: skip
    assert (project.time_class, project.financing_class) == (NORMAL, FinancingClass.INTERNAL)
    assert (project.product_has_priority, project.contractual) == (True, True)
    assert project.implementing_body == "Trust"


async def test_edit_project_charter_records_only_what_changed(database: Database) -> None:
    world = await world_in(database, Stage.INITIATION, goal="Old", time_class=NORMAL)
    async with acting(database) as work:
        await edit_project_charter(
            work, world.project.id, expected_version=1, goal="New", time_class=CRITICAL,
            contractual=False,
        )  # fmt: skip
    [entry] = await entries(database)
    assert (entry.act, entry.subject, entry.node_id, entry.clause) == (
        "projectCharterEdited", "Project", world.project.id, "R2023 §85",
    )  # fmt: skip
    assert entry.before == {"goal": "Old", "time_class": "NORMAL"}
    assert entry.after == {"goal": "New", "time_class": "CRITICAL"}


async def test_edit_project_charter_without_a_change_is_no_act(database: Database) -> None:
    world = await world_in(database, Stage.INITIATION, goal="Same")
    async with acting(database) as work:
        await edit_project_charter(work, world.project.id, expected_version=1, goal="Same ")
    async with arranging(database) as session:
        assert (await session.get_one(Node, world.project.id)).version == 1
    assert await entries(database) == []


@pytest.mark.parametrize("expected", [0, 2])
async def test_edit_project_charter_refuses_a_stale_version(
    database: Database, expected: int
) -> None:
    world = await committed_world(database)
    with pytest.raises(StaleVersion):
        async with acting(database) as work:
            await edit_project_charter(
                work, world.project.id, expected_version=expected, goal="New"
            )


async def test_edit_project_charter_needs_its_action(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        person = await make_person(session)
    may = ["project.edit_charter"]
    async with acting(database, person_id=person.id, may=may) as work:
        await edit_project_charter(work, world.project.id, expected_version=1, goal="New")
    with pytest.raises(NotAllowed):
        async with acting(database, person_id=person.id, may=["project.edit_plan"]) as work:
            await edit_project_charter(work, world.project.id, expected_version=2, goal="X")
    with pytest.raises(NotFound):
        async with acting(
            database, person_id=person.id, may=may, hidden=[world.project.id]
        ) as work:
            await edit_project_charter(work, world.project.id, expected_version=2, goal="X")
    with pytest.raises(NotFound):
        async with acting(database, person_id=person.id, may=may) as work:
            await edit_project_charter(work, world.group.id, expected_version=1, goal="X")


@pytest.mark.parametrize(
    "stage", [Stage.INITIATION, Stage.PLANNING, Stage.IMPLEMENTATION, Stage.ADJUSTMENT, None]
)
async def test_edit_project_charter_while_under_way(
    database: Database, stage: Stage | None
) -> None:
    world = await world_in(database, stage)
    async with acting(database) as work:
        await edit_project_charter(work, world.project.id, expected_version=1, goal="New")


@pytest.mark.parametrize("stage", [Stage.STOPPED, Stage.CLOSURE, Stage.CLOSED])
async def test_edit_project_charter_refuses_a_halted_project(
    database: Database, stage: Stage
) -> None:
    world = await world_in(database, stage)
    with refuses("WRONG_STAGE", "product default"):
        async with acting(database) as work:
            await edit_project_charter(work, world.project.id, expected_version=1, goal="New")


async def test_edit_project_charter_refuses_an_archived_project(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        (await session.get_one(Node, world.project.id)).archived_at = NOW
    with refuses("NODE_ARCHIVED", "product default; R2023 §98"):
        async with acting(database) as work:
            await edit_project_charter(work, world.project.id, expected_version=1, goal="New")


TIGHTER_OR_SAME = [
    (NORMAL, False, {"time_class": URGENT}),
    (NORMAL, False, {"time_class": CRITICAL}),
    (None, False, {"time_class": CRITICAL}),
    (URGENT, True, {"product_has_priority": False}),
    (URGENT, False, {"time_class": CRITICAL}),
    (CRITICAL, False, {"time_class": URGENT}),
    (CRITICAL, False, {"product_has_priority": True}),
]
LOOSER = [
    (CRITICAL, False, {"time_class": NORMAL}, "timeClass"),
    (CRITICAL, False, {"time_class": None}, "timeClass"),
    (CRITICAL, True, {"time_class": URGENT}, "timeClass"),
    (URGENT, False, {"time_class": NORMAL}, "timeClass"),
    (URGENT, False, {"product_has_priority": True}, "productHasPriority"),
]


@pytest.mark.parametrize(("time_class", "priority", "given"), TIGHTER_OR_SAME)
async def test_edit_project_charter_may_fix_deadlines_at_any_time(
    database: Database, time_class: TimeClass | None, priority: bool, given: dict[str, Any]
) -> None:
    world = await world_in(
        database, Stage.IMPLEMENTATION, time_class=time_class, product_has_priority=priority
    )
    async with acting(database) as work:
        await edit_project_charter(work, world.project.id, expected_version=1, **given)


@pytest.mark.parametrize(("time_class", "priority", "given", "field"), LOOSER)
async def test_edit_project_charter_may_free_deadlines_in_initiation_only(
    database: Database, time_class: TimeClass, priority: bool, given: dict[str, Any], field: str
) -> None:
    world = await world_in(
        database, Stage.PLANNING, time_class=time_class, product_has_priority=priority
    )
    with refuses("TIME_CLASS_CANNOT_LOOSEN", "product default; R2023 App.6(5)", field):
        async with acting(database) as work:
            await edit_project_charter(work, world.project.id, expected_version=1, **given)
    async with arranging(database) as session:
        (await session.get_one(Node, world.project.id)).stage = Stage.INITIATION
    async with acting(database) as work:
        await edit_project_charter(work, world.project.id, expected_version=1, **given)
