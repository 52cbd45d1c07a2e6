"""Setting, adjusting and giving out tasks [R2023 §92(3)-(4)]."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.hierarchy.placement import require_place
from core.hierarchy.stages import refuse_unless_in
from core.hierarchy.surroundings import require_not_halted_above
from core.hierarchy.task.checks import (
    require_dates,
    require_executor,
    require_kind_fits,
    require_sibling,
)
from core.hierarchy.task.loading import open_task, save_task
from core.hierarchy.task.model import Task, TaskKind
from core.rows import change, entered
from core.texts import Names, clean, cleaned_names
from core.tree.closure import insert_node
from core.tree.load import load_parent
from core.tree.node import NodeKind
from core.unset import UNSET, Unset
from core.work import Work


async def create_task(
    work: Work,
    parent_id: int,
    names: Names,
    *,
    kind: TaskKind = TaskKind.TASK,
    description: str | None = None,
    executor_id: int | None = None,
    predecessor_id: int | None = None,
    starts_on: date | None = None,
    due_on: date | None = None,
) -> Task:
    """Set a task or milestone in a project, or an activity in a group or direction [R2023 §48].

    Action ``task.manage`` at the parent [R2023 §92(3)-(4)]. Dates outside the project's are let
    through with a warning (product default).
    """
    parent = await load_parent(work, parent_id, field="parentId")
    await work.require("task.manage", parent.id, field="parentId")
    await require_place(work.session, NodeKind.TASK, parent)
    refuse_unless_in(parent)
    await require_not_halted_above(work.session, parent.id)
    require_kind_fits(kind, parent)
    columns = {
        **cleaned_names(names),
        "kind": kind,
        "description": clean(description, "description"),
        "executor_id": executor_id,
        "predecessor_id": predecessor_id,
        "starts_on": starts_on,
        "due_on": due_on,
    }
    await require_executor(work, executor_id)
    await require_dates(work, parent, starts_on, due_on)
    if predecessor_id is not None:
        await require_sibling(work, parent.id, predecessor_id)
    node = await insert_node(work.session, kind=NodeKind.TASK, parent=parent, now=work.now)
    task = Task(id=node.id, **columns)
    work.session.add(task)
    await work.session.flush()
    work.record(
        "taskCreated",
        task,
        node_id=node.id,
        after=entered({"parent_id": parent.id} | columns),
        clause="R2023 §92(3)-(4)",
    )
    return task


async def edit_task(
    work: Work,
    task_id: int,
    *,
    expected_version: int,
    names: Names | Unset = UNSET,
    kind: TaskKind | Unset = UNSET,
    description: str | Unset | None = UNSET,
    predecessor_id: int | Unset | None = UNSET,
    starts_on: date | Unset | None = UNSET,
    due_on: date | Unset | None = UNSET,
) -> Task:
    """Adjust an open task. Action ``task.manage`` [R2023 §92(3)]. ``None`` empties."""
    node, task, parent = await open_task(
        work, task_id, "task.manage", expected_version=expected_version
    )
    given: dict[str, Any] = {
        "kind": kind,
        "predecessor_id": predecessor_id,
        "starts_on": starts_on,
        "due_on": due_on,
    }
    if not isinstance(names, Unset):
        given |= cleaned_names(names)
    if not isinstance(description, Unset):
        given["description"] = clean(description, "description")
    # Before the change: asking would flush it, and the database refuse what nobody looked at yet.
    if isinstance(predecessor_id, int) and predecessor_id != task.predecessor_id:
        await require_sibling(work, parent.id, predecessor_id, of=task)
    before, after = change(task, given)
    require_kind_fits(task.kind, parent)
    if "starts_on" in after or "due_on" in after:
        await require_dates(work, parent, task.starts_on, task.due_on)
    await save_task(work, "taskEdited", node, task, before, after)
    return task


async def assign_executor(
    work: Work, task_id: int, executor_id: int | None, *, expected_version: int
) -> Task:
    """Give an open task to a person, or to nobody. Action ``task.manage`` [R2023 §92(4)]."""
    node, task, _ = await open_task(work, task_id, "task.manage", expected_version=expected_version)
    await require_executor(work, executor_id)
    before, after = change(task, {"executor_id": executor_id})
    await save_task(work, "taskExecutorAssigned", node, task, before, after)
    return task
