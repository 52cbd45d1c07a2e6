"""What must hold of a task, whoever sets it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from core.errors import PRODUCT_DEFAULT, NotFound, RuleRefused
from core.hierarchy.project.model import Project
from core.hierarchy.project.terms import require_order
from core.hierarchy.task.model import Task, TaskKind
from core.people.person import Person
from core.rows import find
from core.tree.node import Node, NodeKind
from core.work import Work


def require_kind_fits(kind: TaskKind, parent: Node) -> None:
    """Raise for an activity in a project: activities belong to groups and directions."""
    if kind is TaskKind.ACTIVITY and parent.kind is NodeKind.PROJECT:
        raise RuleRefused("ACTIVITY_IN_PROJECT", clause="R2023 §48", field="kind")


async def require_executor(work: Work, person_id: int | None) -> None:
    """Raise unless the person exists and is not archived."""
    if person_id is not None:
        person = await find(work.session, Person, person_id, field="executorId")
        if person.archived_on is not None:
            raise RuleRefused("EXECUTOR_ARCHIVED", clause=PRODUCT_DEFAULT, field="executorId")


async def require_dates(
    work: Work, parent: Node, starts_on: date | None, due_on: date | None
) -> None:
    """Raise when the dates are reversed; warn when they leave those of the project."""
    require_order(starts_on, due_on, field="dueOn")
    if parent.kind is not NodeKind.PROJECT:
        return
    project = await find(work.session, Project, parent.id)
    days = [day for day in (starts_on, due_on) if day is not None]
    early = project.starts_on is not None and any(day < project.starts_on for day in days)
    late = project.ends_on is not None and any(day > project.ends_on for day in days)
    if early or late:
        work.warn(
            "TASK_OUTSIDE_PROJECT",
            clause=PRODUCT_DEFAULT,
            starts_on=project.starts_on,
            ends_on=project.ends_on,
        )


async def require_sibling(
    work: Work, parent_id: int, predecessor_id: int, *, of: Task | None = None
) -> None:
    """Raise unless the predecessor lies beside the task and does not wait for it."""
    rows = await work.session.execute(
        select(Task.id, Task.predecessor_id)
        .join(Node, Node.id == Task.id)
        .where(Node.parent_id == parent_id, Node.archived_at.is_(None))
    )
    waits_for: dict[int, int | None] = dict(rows.all())
    if predecessor_id not in waits_for:
        raise NotFound("predecessorId")
    step: int | None = predecessor_id
    while of is not None and step is not None:
        if step == of.id:
            raise RuleRefused("TASKS_IN_A_CIRCLE", clause=PRODUCT_DEFAULT, field="predecessorId")
        step = waits_for.pop(step, None)
