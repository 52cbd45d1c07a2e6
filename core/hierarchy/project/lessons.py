"""The lessons log of a project [R2023 §92(6), §94(6)]."""

from __future__ import annotations

from core.hierarchy.project.loading import open_project
from core.hierarchy.project.model import Lesson
from core.hierarchy.stages import EDITABLE
from core.rows import entered
from core.texts import required
from core.tree.node import Stage
from core.work import Work


async def record_lesson(work: Work, project_id: int, text: str) -> Lesson:
    """Add an entry to the lessons log. Action ``lessons_log.edit``; any stage but closed."""
    node, project = await open_project(
        work, project_id, "lessons_log.edit", stages=EDITABLE | {Stage.STOPPED, Stage.CLOSURE}
    )
    lesson = Lesson(
        project_id=project.id,
        text=required(text, "text"),
        recorded_by_id=work.actor.person_id,
        recorded_at=work.now,
    )
    work.session.add(lesson)
    node.version += 1
    await work.session.flush()
    work.record(
        "lessonRecorded",
        lesson,
        node_id=node.id,
        after=entered({"text": lesson.text}),
        clause="R2023 §92(6)",
    )
    return lesson
