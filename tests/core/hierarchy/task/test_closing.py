"""Closing a task, and opening it again."""

from __future__ import annotations

from datetime import date

import pytest

from core.db.engine import Database
from core.errors import NotAllowed, NotFound, StaleVersion
from core.files.file import File
from core.hierarchy.task import Task, close_task, reopen_task
from core.people.account import Account, AccountKind
from core.tree.node import Node, NodeKind, Stage
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW
from tests.factories import World, make_node, make_person

TODAY = date(2026, 3, 2)


async def make_file(database: Database) -> tuple[World, int, int]:
    """A world, a person with an account of the same number, and a file of his upload."""
    world = await committed_world(database)
    async with arranging(database) as session:
        person = await make_person(session)
        session.add(
            Account(
                id=person.id,
                kind=AccountKind.PERSON,
                label="someone",
                person_id=person.id,
                created_at=NOW,
            )
        )
        await session.flush()
        file = File(
            sha256="0" * 64, name="act.pdf", media_type="application/pdf", size=1,
            uploaded_by_id=person.id, uploaded_at=NOW,
        )  # fmt: skip
        session.add(file)
    return world, person.id, file.id


async def close(database: Database, world: World, version: int = 1) -> None:
    async with acting(database) as work:
        await close_task(
            work, world.task.id, expected_version=version, confirming_document="Act No. 1"
        )


async def test_close_task_with_a_document_and_a_file(database: Database) -> None:
    world, person_id, file_id = await make_file(database)
    async with acting(database, person_id=person_id, may=["task.close"]) as work:
        await close_task(
            work,
            world.task.id,
            expected_version=1,
            confirming_document=" Act No. 1 ",
            confirming_file_id=file_id,
            result="Pipes ordered",
        )
        assert work.warnings == []
    async with arranging(database) as session:
        task = await session.get_one(Task, world.task.id)
        assert (await session.get_one(Node, world.task.id)).version == 2
    assert (
        task.confirming_document, task.confirming_file_id, task.result, task.closed_on,
    ) == ("Act No. 1", file_id, "Pipes ordered", TODAY)  # fmt: skip
    [entry] = await entries(database, "taskClosed")
    assert (entry.act, entry.clause, entry.after) == (
        "taskClosed",
        "R2023 §38(7)",
        {
            "confirming_document": "Act No. 1",
            "confirming_file_id": file_id,
            "result": "Pipes ordered",
            "closed_on": "2026-03-02",
        },
    )


async def test_close_task_with_either_is_enough_and_with_neither_refused(
    database: Database,
) -> None:
    world, person_id, file_id = await make_file(database)
    async with arranging(database) as session:
        other = await make_node(session, NodeKind.TASK, world.project, stage=None)
    with refuses("TASK_NEEDS_CONFIRMING_DOCUMENT", "R2023 §38(7)", "confirmingDocument"):
        async with acting(database) as work:
            await close_task(work, other.id, expected_version=1, confirming_document=" ")
    await close(database, world)
    async with acting(database, person_id=person_id, may=["task.close"]) as work:
        await close_task(work, other.id, expected_version=1, confirming_file_id=file_id)


async def test_close_task_takes_no_file_of_another(database: Database) -> None:
    world, person_id, file_id = await make_file(database)
    for actor_id, chosen in ((person_id + 1, file_id), (person_id, file_id + 1)):
        with pytest.raises(NotFound) as caught:
            async with acting(database, person_id=actor_id, may=["task.close"]) as work:
                await close_task(work, world.task.id, expected_version=1, confirming_file_id=chosen)
        assert caught.value.field == "confirmingFileId"
    async with acting(database) as work:
        await close_task(work, world.task.id, expected_version=1, confirming_file_id=file_id)


async def test_close_task_needs_action_and_version_and_closes_once(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        person = await make_person(session)
    with pytest.raises(NotAllowed):
        async with acting(database, person_id=person.id, may=["task.manage"]) as work:
            await close_task(work, world.task.id, expected_version=1, confirming_document="Act")
    with pytest.raises(StaleVersion):
        await close(database, world, version=2)
    await close(database, world)
    with refuses("TASK_CLOSED", "product default"):
        await close(database, world, version=2)


@pytest.mark.parametrize("stage", list(Stage))
async def test_close_task_until_the_project_is_closed(database: Database, stage: Stage) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        (await session.get_one(Node, world.project.id)).stage = stage
    if stage in (Stage.STOPPED, Stage.CLOSED):
        with refuses("WRONG_STAGE", "product default"):
            await close(database, world)
    else:
        await close(database, world)


@pytest.mark.parametrize(("closed_on", "codes"), [(TODAY, []), (None, ["PREDECESSOR_OPEN"])])
async def test_close_task_warns_before_its_predecessor(
    database: Database, closed_on: date | None, codes: list[str]
) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        before = await make_node(
            session, NodeKind.TASK, world.project, stage=None, closed_on=closed_on
        )
        (await session.get_one(Task, world.task.id)).predecessor_id = before.id
    async with acting(database) as work:
        await close_task(work, world.task.id, expected_version=1, confirming_document="Act")
        assert [each.code for each in work.warnings] == codes


async def test_reopen_task_asks_for_a_new_document(database: Database) -> None:
    world = await committed_world(database)
    with refuses("TASK_NOT_CLOSED", "product default"):
        async with acting(database) as work:
            await reopen_task(work, world.task.id, "Too early", expected_version=1)
    await close(database, world)
    with refuses("TEXT_REQUIRED", "product default", "reason"):
        async with acting(database) as work:
            await reopen_task(work, world.task.id, " ", expected_version=2)
    async with acting(database) as work:
        task = await reopen_task(work, world.task.id, "Too early", expected_version=2)
    assert (task.closed_on, task.confirming_document, task.confirming_file_id) == (
        None, None, None,
    )  # fmt: skip
    [entry] = await entries(database, "taskReopened")
    assert (entry.before, entry.after) == (
        {"confirming_document": "Act No. 1", "closed_on": "2026-03-02"},
        {"confirming_document": None, "closed_on": None, "reason": "Too early"},
    )
    await close(database, world, version=3)


async def test_reopen_task_needs_its_action_and_an_open_project(database: Database) -> None:
    world = await committed_world(database)
    await close(database, world)
    async with arranging(database) as session:
        person = await make_person(session)
    with pytest.raises(NotAllowed):
        async with acting(database, person_id=person.id, may=["task.manage"]) as work:
            await reopen_task(work, world.task.id, "Too early", expected_version=2)
    async with arranging(database) as session:
        (await session.get_one(Node, world.project.id)).stage = Stage.CLOSURE
    with refuses("WRONG_STAGE", "product default"):
        async with acting(database) as work:
            await reopen_task(work, world.task.id, "Too early", expected_version=2)
