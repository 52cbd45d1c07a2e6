"""The lessons log."""

from __future__ import annotations

import pytest

from core.db.engine import Database
from core.errors import NotAllowed
from core.hierarchy.project import Lesson, record_lesson
from core.tree.node import Node, Stage
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW
from tests.factories import make_person


async def test_record_lesson_keeps_who_wrote_it_and_when(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        person = await make_person(session)
    async with acting(database, person_id=person.id, may=["lessons_log.edit"]) as work:
        recorded = await record_lesson(work, world.project.id, " Order pipes early ")
    async with arranging(database) as session:
        lesson = await session.get_one(Lesson, recorded.id)
        assert (await session.get_one(Node, world.project.id)).version == 2
    assert (lesson.project_id, lesson.text, lesson.recorded_by_id, lesson.recorded_at) == (
        world.project.id, "Order pipes early", person.id, NOW,
    )  # fmt: skip
    [entry] = await entries(database)
    assert (entry.act, entry.subject, entry.subject_id, entry.node_id, entry.after) == (
        "lessonRecorded", "Lesson", lesson.id, world.project.id, {"text": "Order pipes early"},
    )  # fmt: skip


async def test_record_lesson_needs_its_action_and_a_text(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        person = await make_person(session)
    with pytest.raises(NotAllowed):
        async with acting(database, person_id=person.id, may=["project.edit_plan"]) as work:
            await record_lesson(work, world.project.id, "Text")
    with refuses("TEXT_REQUIRED", "product default", "text"):
        async with acting(database) as work:
            await record_lesson(work, world.project.id, "  ")


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.CLOSED])
async def test_record_lesson_until_the_project_is_closed(database: Database, stage: Stage) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        node = await session.get_one(Node, world.project.id)
        node.stage = stage
    async with acting(database) as work:
        await record_lesson(work, world.project.id, "Text")
    async with arranging(database) as session:
        (await session.get_one(Node, world.project.id)).stage = Stage.CLOSED
    with refuses("WRONG_STAGE", "product default"):
        async with acting(database) as work:
            await record_lesson(work, world.project.id, "Text")
