"""What a task is: its table."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Named
from core.db.types import named_enum


class TaskKind(enum.Enum):
    """What a task is."""

    TASK = "work with an executor"
    MILESTONE = "a point to be reached"
    ACTIVITY = "an activity of a group or a direction"


class Task(Named, Base):
    """A task or milestone of a project, or an activity of a group or direction [R2023 §38(7), §48].

    It closes with a document confirming execution: a file, a reference to one, or both.
    """

    __tablename__ = "task"

    id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, autoincrement=False)
    kind: Mapped[TaskKind] = mapped_column(named_enum(TaskKind))
    description: Mapped[str | None] = mapped_column(Text)
    executor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    predecessor_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    starts_on: Mapped[date | None]
    due_on: Mapped[date | None]
    result: Mapped[str | None] = mapped_column(Text)
    confirming_document: Mapped[str | None] = mapped_column(Text)
    confirming_file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"), index=True)
    closed_on: Mapped[date | None]
