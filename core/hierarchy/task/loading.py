"""Loading a task to change it, and saving the change."""

from __future__ import annotations

from typing import Any

from core.errors import PRODUCT_DEFAULT, WrongState
from core.hierarchy.stages import EDITABLE, refuse_unless_in, require_not_archived
from core.hierarchy.task.model import Task
from core.rows import find
from core.tree.editing import lock_node, refuse_stale
from core.tree.node import Node, NodeKind, Stage
from core.work import Work


async def open_task(
    work: Work,
    task_id: int,
    action: str,
    *,
    expected_version: int,
    stages: frozenset[Stage] = EDITABLE,
    closed: bool = False,
) -> tuple[Node, Task, Node]:
    """A task the actor may do ``action`` to, as read, with what it lies in, held for a change.

    ``stages`` are those of the parent; ``closed`` says which tasks are meant.
    """
    node = await lock_node(work.session, task_id, NodeKind.TASK)
    await work.require(action, node.id)
    refuse_stale(node, expected_version)
    require_not_archived(node)
    task = await find(work.session, Task, node.id)
    if (task.closed_on is not None) != closed:
        raise WrongState("TASK_NOT_CLOSED" if closed else "TASK_CLOSED", clause=PRODUCT_DEFAULT)
    assert node.parent_id is not None
    # Held alone, not shared: two tasks must not become each other's predecessor at once.
    parent = await lock_node(work.session, node.parent_id)
    refuse_unless_in(parent, stages)
    return node, task, parent


async def save_task(
    work: Work,
    act: str,
    node: Node,
    task: Task,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    clause: str = "R2023 §92(3)-(4)",
) -> None:
    """Write a change of a task, if it is one."""
    if after:
        node.version += 1
        await work.session.flush()
        work.record(act, task, node_id=node.id, before=before, after=after, clause=clause)
