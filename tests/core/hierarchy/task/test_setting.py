"""Setting, adjusting and giving out tasks."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from core.db.engine import Database
from core.errors import NotAllowed, NotFound, PlatformError, StaleVersion
from core.hierarchy.project import Project
from core.hierarchy.task import Task, TaskKind, assign_executor, create_task, edit_task
from core.texts import Names
from core.tree.node import Node, NodeKind, Stage
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW
from tests.factories import make_node, make_person

NAMES = Names(ru="Заказать трубы")
TODAY = date(2026, 3, 2)


async def test_create_task_enters_everything(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        person = await make_person(session)
    async with acting(database, person_id=person.id, may=["task.manage"]) as work:
        created = await create_task(
            work,
            world.project.id,
            NAMES,
            kind=TaskKind.MILESTONE,
            description=" At once ",
            executor_id=person.id,
            predecessor_id=world.task.id,
            starts_on=TODAY,
            due_on=TODAY,
        )
    async with arranging(database) as session:
        task = await session.get_one(Task, created.id)
        node = await session.get_one(Node, created.id)
    assert (node.kind, node.parent_id, node.stage, node.version) == (
        NodeKind.TASK, world.project.id, None, 1,
    )  # fmt: skip
    assert (
        task.name_ru, task.kind, task.description, task.executor_id, task.predecessor_id,
        task.starts_on, task.due_on, task.closed_on,
    ) == (
        "Заказать трубы", TaskKind.MILESTONE, "At once", person.id, world.task.id, TODAY, TODAY,
        None,
    )  # fmt: skip
    [entry] = await entries(database)
    assert (entry.act, entry.node_id, entry.after) == (
        "taskCreated",
        task.id,
        {
            "parent_id": world.project.id,
            "name_ru": "Заказать трубы",
            "kind": "MILESTONE",
            "description": "At once",
            "executor_id": person.id,
            "predecessor_id": world.task.id,
            "starts_on": "2026-03-02",
            "due_on": "2026-03-02",
        },
    )


async def test_create_task_needs_its_action_at_the_parent(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        person = await make_person(session)
    with pytest.raises(NotAllowed):
        async with acting(database, person_id=person.id, may=["task.close"]) as work:
            await create_task(work, world.project.id, NAMES)
    with pytest.raises(NotFound) as caught:
        async with acting(
            database, person_id=person.id, may=["task.manage"], hidden=[world.project.id]
        ) as work:
            await create_task(work, world.project.id, NAMES)
    assert caught.value.field == "parentId"


@pytest.mark.parametrize("parent", ["project", "group", "direction"])
@pytest.mark.parametrize("kind", list(TaskKind))
async def test_create_task_where_its_kind_belongs(
    database: Database, parent: str, kind: TaskKind
) -> None:
    world = await committed_world(database)
    node: Node = getattr(world, parent)
    if (parent, kind) == ("project", TaskKind.ACTIVITY):
        with refuses("ACTIVITY_IN_PROJECT", "R2023 §48", "kind"):
            async with acting(database) as work:
                await create_task(work, node.id, NAMES, kind=kind)
    else:
        async with acting(database) as work:
            await create_task(work, node.id, NAMES, kind=kind)


@pytest.mark.parametrize("parent", ["program", "body", "task", "priority"])
async def test_create_task_refuses_other_parents(database: Database, parent: str) -> None:
    world = await committed_world(database)
    with refuses("PLACE_NOT_ALLOWED", "R2023 §2(8), §2(10), §45, §48", "parentId"):
        async with acting(database) as work:
            await create_task(work, getattr(world, parent).id, NAMES)


@pytest.mark.parametrize(
    ("above", "stage", "code"),
    [
        ("project", Stage.STOPPED, "WRONG_STAGE"),
        ("project", Stage.CLOSURE, "WRONG_STAGE"),
        ("group", Stage.STOPPED, "HALTED_ABOVE"),
    ],
)
async def test_create_task_refuses_where_no_work_goes_on(
    database: Database, above: str, stage: Stage, code: str
) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        (await session.get_one(Node, getattr(world, above).id)).stage = stage
    with refuses(code, "product default"):
        async with acting(database) as work:
            await create_task(work, world.project.id, NAMES)


async def test_create_task_refuses_strangers(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        gone = await make_person(session, archived_on=TODAY)
        elsewhere = await make_node(session, NodeKind.TASK, world.group, stage=None)
    with refuses("EXECUTOR_ARCHIVED", "product default", "executorId"):
        async with acting(database) as work:
            await create_task(work, world.project.id, NAMES, executor_id=gone.id)
    absent: list[tuple[dict[str, Any], str]] = [
        ({"executor_id": 999_999}, "executorId"),
        ({"predecessor_id": 999_999}, "predecessorId"),
        ({"predecessor_id": elsewhere.id}, "predecessorId"),
    ]
    for given, field in absent:
        with pytest.raises(NotFound) as caught:
            async with acting(database) as work:
                await create_task(work, world.project.id, NAMES, **given)
        assert caught.value.field == field


@pytest.mark.parametrize(
    ("starts_on", "due_on", "codes"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), []),
        (date(2025, 12, 31), date(2026, 12, 31), ["TASK_OUTSIDE_PROJECT"]),
        (date(2026, 1, 1), date(2027, 1, 1), ["TASK_OUTSIDE_PROJECT"]),
        (None, date(2025, 12, 31), ["TASK_OUTSIDE_PROJECT"]),
        (date(2027, 1, 1), None, ["TASK_OUTSIDE_PROJECT"]),
        (None, None, []),
    ],
)
async def test_create_task_warns_outside_the_dates_of_the_project(
    database: Database, starts_on: date | None, due_on: date | None, codes: list[str]
) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        project = await session.get_one(Project, world.project.id)
        project.starts_on, project.ends_on = date(2026, 1, 1), date(2026, 12, 31)
    async with acting(database) as work:
        await create_task(work, world.project.id, NAMES, starts_on=starts_on, due_on=due_on)
        assert [each.code for each in work.warnings] == codes
    async with acting(database) as work:
        await create_task(work, world.group.id, NAMES, starts_on=starts_on, due_on=due_on)
        assert work.warnings == []


async def test_create_task_refuses_to_be_due_before_it_starts(database: Database) -> None:
    world = await committed_world(database)
    with refuses("ENDS_BEFORE_IT_STARTS", "product default", "dueOn"):
        async with acting(database) as work:
            await create_task(
                work, world.project.id, NAMES, starts_on=TODAY, due_on=date(2026, 3, 1)
            )


async def test_edit_task_changes_what_is_given(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        task = await session.get_one(Task, world.task.id)
        task.description, task.due_on = "Old", TODAY
    async with acting(database) as work:
        await edit_task(
            work,
            world.task.id,
            expected_version=1,
            names=Names(en="New name"),
            kind=TaskKind.MILESTONE,
            description=None,
            starts_on=date(2026, 3, 1),
        )
    async with arranging(database) as session:
        task = await session.get_one(Task, world.task.id)
        assert (await session.get_one(Node, world.task.id)).version == 2
    assert (task.name_kk, task.name_en, task.kind, task.description) == (
        None, "New name", TaskKind.MILESTONE, None,
    )  # fmt: skip
    assert (task.starts_on, task.due_on) == (date(2026, 3, 1), TODAY)
    [entry] = await entries(database)
    assert (entry.act, entry.before["kind"], entry.after["kind"]) == (  # type: ignore[index]
        "taskEdited", "TASK", "MILESTONE",
    )  # fmt: skip


async def test_edit_task_without_a_change_is_no_act(database: Database) -> None:
    world = await committed_world(database)
    async with acting(database) as work:
        await edit_task(work, world.task.id, expected_version=1, kind=TaskKind.TASK, due_on=None)
    assert await entries(database) == []


@pytest.mark.parametrize(
    ("given", "code", "clause", "field"),
    [
        ({"kind": TaskKind.ACTIVITY}, "ACTIVITY_IN_PROJECT", "R2023 §48", "kind"),
        (
            {"starts_on": date(2026, 3, 3), "due_on": TODAY},
            "ENDS_BEFORE_IT_STARTS",
            "product default",
            "dueOn",
        ),
        ({"names": Names()}, "NAME_REQUIRED", "product default", "names"),
    ],
)
async def test_edit_task_refuses_nonsense(
    database: Database, given: dict[str, Any], code: str, clause: str, field: str
) -> None:
    world = await committed_world(database)
    with refuses(code, clause, field):
        async with acting(database) as work:
            await edit_task(work, world.task.id, expected_version=1, **given)


async def test_edit_task_needs_action_version_and_an_open_task(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        person = await make_person(session)
    with pytest.raises(NotAllowed):
        async with acting(database, person_id=person.id, may=["task.close"]) as work:
            await edit_task(work, world.task.id, expected_version=1, due_on=TODAY)
    with pytest.raises(StaleVersion):
        async with acting(database, person_id=person.id, may=["task.manage"]) as work:
            await edit_task(work, world.task.id, expected_version=2, due_on=TODAY)
    async with acting(database, person_id=person.id, may=["task.manage"]) as work:
        await edit_task(work, world.task.id, expected_version=1, due_on=TODAY)
    async with arranging(database) as session:
        (await session.get_one(Task, world.task.id)).closed_on = TODAY
    with refuses("TASK_CLOSED", "product default"):
        async with acting(database) as work:
            await edit_task(work, world.task.id, expected_version=2, due_on=None)
    async with arranging(database) as session:
        (await session.get_one(Task, world.task.id)).closed_on = None
        (await session.get_one(Node, world.task.id)).archived_at = NOW
    with refuses("NODE_ARCHIVED", "product default; R2023 §98"):
        async with acting(database) as work:
            await edit_task(work, world.task.id, expected_version=2, due_on=None)


@pytest.mark.parametrize("stage", [Stage.STOPPED, Stage.CLOSURE, Stage.CLOSED])
async def test_edit_task_refuses_in_a_halted_project(database: Database, stage: Stage) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        (await session.get_one(Node, world.project.id)).stage = stage
    with refuses("WRONG_STAGE", "product default"):
        async with acting(database) as work:
            await edit_task(work, world.task.id, expected_version=1, due_on=TODAY)


async def make_chain(database: Database, length: int) -> list[int]:
    """Tasks of one project, each waiting for the one before it."""
    world = await committed_world(database)
    chain = [world.task.id]
    async with arranging(database) as session:
        for _ in range(length - 1):
            node = await make_node(
                session, NodeKind.TASK, world.project, stage=None, predecessor_id=chain[-1]
            )
            chain.append(node.id)
    return chain


async def test_edit_task_never_waits_for_itself(database: Database) -> None:
    first, second, third = await make_chain(database, 3)
    for predecessor in (first, second, third):
        with refuses("TASKS_IN_A_CIRCLE", "product default", "predecessorId"):
            async with acting(database) as work:
                await edit_task(work, first, expected_version=1, predecessor_id=predecessor)
    async with acting(database) as work:
        await edit_task(work, third, expected_version=1, predecessor_id=first)
    async with acting(database) as work:
        await edit_task(work, second, expected_version=1, predecessor_id=third)


async def test_edit_task_waits_for_siblings_only(database: Database) -> None:
    first, _ = await make_chain(database, 2)
    for predecessor in (first - 1, 999_999):
        with pytest.raises(NotFound) as caught:
            async with acting(database) as work:
                await edit_task(work, first, expected_version=1, predecessor_id=predecessor)
        assert caught.value.field == "predecessorId"


async def test_edit_task_outlives_a_circle_that_came_with_an_import(database: Database) -> None:
    first, second, third = await make_chain(database, 3)
    async with arranging(database) as session:
        (await session.get_one(Task, first)).predecessor_id = second
    async with acting(database) as work:
        await edit_task(work, third, expected_version=1, predecessor_id=first)


async def test_two_tasks_at_once_do_not_wait_for_each_other(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        other = await make_node(session, NodeKind.TASK, world.project, stage=None)

    async def wait_for(task_id: int, predecessor_id: int) -> None:
        async with acting(database) as work:
            await edit_task(work, task_id, expected_version=1, predecessor_id=predecessor_id)

    outcomes = await asyncio.gather(
        wait_for(world.task.id, other.id),
        wait_for(other.id, world.task.id),
        return_exceptions=True,
    )
    assert [each.code for each in outcomes if isinstance(each, PlatformError)] == [
        "TASKS_IN_A_CIRCLE"
    ]
    assert outcomes.count(None) == 1


async def test_assign_executor_to_somebody_and_to_nobody(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        person, gone = await make_person(session), await make_person(session, archived_on=TODAY)
    with pytest.raises(NotAllowed):
        async with acting(database, person_id=person.id, may=["task.close"]) as work:
            await assign_executor(work, world.task.id, person.id, expected_version=1)
    with refuses("EXECUTOR_ARCHIVED", "product default", "executorId"):
        async with acting(database) as work:
            await assign_executor(work, world.task.id, gone.id, expected_version=1)
    async with acting(database, person_id=person.id, may=["task.manage"]) as work:
        task = await assign_executor(work, world.task.id, person.id, expected_version=1)
        assert task.executor_id == person.id
    async with acting(database) as work:
        await assign_executor(work, world.task.id, None, expected_version=2)
    assert [(each.before, each.after) for each in await entries(database)] == [
        ({"executor_id": None}, {"executor_id": person.id}),
        ({"executor_id": person.id}, {"executor_id": None}),
    ]
