"""Initiating a project."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from core.db.engine import Database
from core.errors import NotAllowed, NotFound
from core.hierarchy.classification import (
    CostClass,
    DurationClass,
    FinancingClass,
    ProductClass,
    ScaleClass,
    TimeClass,
)
from core.hierarchy.project import FundingSource, Project, ProjectFunding, create_project
from core.texts import Names
from core.tree.node import Node, NodeClosure, NodeKind, Stage
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW
from tests.factories import World, make_node, make_person

NAMES = Names(kk="Су құбыры", ru="Водопровод", en="Water main")


async def test_create_project_enters_everything_in_initiation(database: Database) -> None:
    world = await committed_world(database)
    async with acting(database) as work:
        created = await create_project(
            work,
            world.group.id,
            NAMES,
            goal=" Clean water ",
            result="40 km of pipes",
            description="Two villages",
            starts_on=date(2026, 4, 1),
            ends_on=date(2028, 3, 31),
            budget_minor=7_000_000_000,
            budget_program_code="015",
            funding={
                FundingSource.LOCAL_BUDGET: 6_000_000_000,
                FundingSource.PRIVATE: 1_000_000_000,
            },
            scale_class=ScaleClass.MONOPROJECT,
            product_class=ProductClass.INFRASTRUCTURE,
            time_class=TimeClass.URGENT,
            financing_class=FinancingClass.EXTERNAL,
            product_has_priority=True,
            contractual=True,
            implementing_body="Vodokanal",
        )
        assert work.warnings == []
    async with arranging(database) as session:
        project = await session.get_one(Project, created.id)
        node = await session.get_one(Node, created.id)
        funding = await session.execute(
            select(ProjectFunding.source, ProjectFunding.amount_minor).order_by(
                ProjectFunding.amount_minor
            )
        )
        above = await session.scalars(
            select(NodeClosure.ancestor_id).where(NodeClosure.descendant_id == created.id)
        )
    assert (node.kind, node.parent_id, node.stage, node.version, node.created_at) == (
        NodeKind.PROJECT, world.group.id, Stage.INITIATION, 1, NOW,
    )  # fmt: skip
    assert (node.program_scope_id, node.state_body_id, node.region_id) == (
        world.program.id, world.body.id, world.region.id,
    )  # fmt: skip
    assert set(above) == {
        each.id
        for each in (
            world.country, world.priority, world.body, world.program, world.direction,
            world.group, node,
        )
    }  # fmt: skip
    assert (project.name_kk, project.name_ru, project.name_en) == (NAMES.kk, NAMES.ru, NAMES.en)
    assert (project.number, project.goal, project.result, project.description) == (
        "PRJ-2026-000001", "Clean water", "40 km of pipes", "Two villages",
    )  # fmt: skip
    assert (project.starts_on, project.ends_on, project.budget_minor, project.currency) == (
        date(2026, 4, 1), date(2028, 3, 31), 7_000_000_000, "KZT",
    )  # fmt: skip
    assert (project.duration_class, project.cost_class) == (
        DurationClass.MEDIUM_TERM, CostClass.MEDIUM_BUDGET,
    )  # fmt: skip
    assert (
        project.scale_class, project.product_class, project.time_class, project.financing_class,
    ) == (
        ScaleClass.MONOPROJECT, ProductClass.INFRASTRUCTURE, TimeClass.URGENT,
        FinancingClass.EXTERNAL,
    )  # fmt: skip
    assert (project.product_has_priority, project.contractual) == (True, True)
    assert (project.budget_program_code, project.implementing_body) == ("015", "Vodokanal")
    assert [tuple(row) for row in funding] == [
        (FundingSource.PRIVATE, 1_000_000_000),
        (FundingSource.LOCAL_BUDGET, 6_000_000_000),
    ]


async def test_create_project_is_recorded_with_what_was_entered(database: Database) -> None:
    world = await committed_world(database)
    async with acting(database) as work:
        project = await create_project(
            work,
            world.group.id,
            Names(en="Bridge"),
            ends_on=date(2026, 6, 1),
            funding={FundingSource.FOREIGN: 5},
            currency="EUR",
        )
    [entry] = await entries(database)
    assert (entry.act, entry.subject, entry.subject_id, entry.node_id) == (
        "projectCreated", "Project", project.id, project.id,
    )  # fmt: skip
    assert entry.before is None
    assert entry.after == {
        "parent_id": world.group.id,
        "number": "PRJ-2026-000001",
        "stage": "INITIATION",
        "name_en": "Bridge",
        "ends_on": "2026-06-01",
        "currency": "EUR",
        "product_has_priority": False,
        "contractual": False,
        "funding": {"FOREIGN": 5},
    }


async def test_create_project_needs_the_action_at_the_parent(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        person = await make_person(session)
    async with acting(database, person_id=person.id, may=["project.create"]) as work:
        await create_project(work, world.group.id, NAMES)
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, person_id=person.id, may=["project.edit_plan"]) as work:
            await create_project(work, world.group.id, NAMES)
    assert caught.value.action == "project.create"
    for parent_id, hidden in ((world.group.id, [world.group.id]), (999_999, [])):
        with pytest.raises(NotFound) as absent:
            async with acting(
                database, person_id=person.id, may=["project.create"], hidden=hidden
            ) as work:
                await create_project(work, parent_id, NAMES)
        assert absent.value.field == "parentId"


async def test_create_project_in_a_direction_without_groups_only(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        bare = await make_node(session, NodeKind.BASIC_DIRECTION, world.program)
    async with acting(database) as work:
        assert (await create_project(work, bare.id, NAMES)).number == "PRJ-2026-000001"
    with refuses("DIRECTION_HAS_GROUPS", "product default; R2023 §2(27)", "parentId"):
        async with acting(database) as work:
            await create_project(work, world.direction.id, NAMES)


@pytest.mark.parametrize("parent", ["program", "body", "priority", "project", "task", "country"])
async def test_create_project_refuses_other_parents(database: Database, parent: str) -> None:
    world = await committed_world(database)
    node: Node = getattr(world, parent)
    with refuses("PLACE_NOT_ALLOWED", "R2023 §2(8), §2(10), §45, §48", "parentId"):
        async with acting(database) as work:
            await create_project(work, node.id, NAMES)


async def set_stage(database: Database, node: Node, stage: Stage | None) -> None:
    async with arranging(database) as session:
        (await session.get_one(Node, node.id)).stage = stage


@pytest.mark.parametrize(
    "stage", [Stage.INITIATION, Stage.PLANNING, Stage.IMPLEMENTATION, Stage.ADJUSTMENT, None]
)
async def test_create_project_in_a_group_under_way(database: Database, stage: Stage | None) -> None:
    world = await committed_world(database)
    await set_stage(database, world.group, stage)
    async with acting(database) as work:
        await create_project(work, world.group.id, NAMES)


@pytest.mark.parametrize("stage", [Stage.STOPPED, Stage.CLOSURE, Stage.CLOSED])
async def test_create_project_refuses_a_halted_parent(database: Database, stage: Stage) -> None:
    world: World = await committed_world(database)
    await set_stage(database, world.group, stage)
    with refuses("WRONG_STAGE", "product default"):
        async with acting(database) as work:
            await create_project(work, world.group.id, NAMES)


async def test_create_project_refuses_under_a_stopped_program(database: Database) -> None:
    world = await committed_world(database)
    await set_stage(database, world.program, Stage.STOPPED)
    with refuses("HALTED_ABOVE", "product default"):
        async with acting(database) as work:
            await create_project(work, world.group.id, NAMES)


async def test_create_project_refuses_an_archived_parent(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        (await session.get_one(Node, world.group.id)).archived_at = NOW
    with refuses("NODE_ARCHIVED", "product default; R2023 §98"):
        async with acting(database) as work:
            await create_project(work, world.group.id, NAMES)


async def test_create_project_needs_a_name(database: Database) -> None:
    world = await committed_world(database)
    with refuses("NAME_REQUIRED", "product default", "names"):
        async with acting(database) as work:
            await create_project(work, world.group.id, Names(kk=" "))


async def test_create_project_refuses_a_foreign_budget_without_currency(
    database: Database,
) -> None:
    world = await committed_world(database)
    with refuses("CURRENCY_UNKNOWN", "product default", "currency"):
        async with acting(database) as work:
            await create_project(work, world.group.id, NAMES, budget_minor=1, currency="???")
    async with acting(database) as work:
        project = await create_project(
            work, world.group.id, NAMES, budget_minor=30_000_000_000, currency="USD"
        )
    assert project.cost_class is None
