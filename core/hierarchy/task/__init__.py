"""Tasks, milestones and activities: what they are, and the acts that change them."""

from __future__ import annotations

from core.hierarchy.task.closing import close_task, reopen_task
from core.hierarchy.task.model import Task, TaskKind
from core.hierarchy.task.setting import assign_executor, create_task, edit_task

__all__ = [
    "Task",
    "TaskKind",
    "assign_executor",
    "close_task",
    "create_task",
    "edit_task",
    "reopen_task",
]
