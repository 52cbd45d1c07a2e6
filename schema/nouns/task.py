"""Tasks, milestones and activities; moves between stages."""

from __future__ import annotations

import sqlalchemy as sa

from core.acts.act import Act
from core.authority.reader import READER_TODAY
from core.files.file import File
from core.hierarchy.stage_move import StageMove
from core.hierarchy.task import Task
from core.people.person import Person
from core.tree.node import Node, NodeKind
from schema.nouns.tree import INTERFACES, NODE, tree_fields
from schema.planner.binding import Level, bind
from schema.planner.words import col, expr, ident, one

task = bind(
    "Task",
    Task,
    "A task or milestone of a project, or an activity of a group or direction [R2023 §38(7), §48].",
    [
        *tree_fields(Task, NodeKind.TASK),
        col("taskKind", Task.kind, "What it is.", where=True, group=True),
        col("description", Task.description, "What is to be done.", level=Level.FULL),
        col("startsOn", Task.starts_on, "First day.", where=True, order=True),
        col("dueOn", Task.due_on, "Last day.", where=True, order=True),
        col("closedOn", Task.closed_on, "Day it was closed.", where=True, order=True),
        expr(
            "overdue",
            sa.Boolean(),
            lambda row: sa.func.coalesce(
                sa.and_(row[Task.closed_on].is_(None), row[Task.due_on] < READER_TODAY), sa.false()
            ),
            "Not closed, and its last day is over.",
            nullable=False,
            where=True,
        ),
        col("result", Task.result, "What came out.", level=Level.FULL),
        col(
            "confirmingDocument",
            Task.confirming_document,
            "The document that confirms execution, without which a task does not close "
            "[R2023 §38(7)].",
            level=Level.FULL,
        ),
        one(
            "confirmingFile",
            "File",
            lambda me, it: it[File.id] == me[Task.confirming_file_id],
            "The file of that document.",
            level="file.read",
        ),
        one(
            "executor",
            "Person",
            lambda me, it: it[Person.id] == me[Task.executor_id],
            "Who does it.",
            level=Level.FULL,
        ),
        one(
            "predecessor",
            "Task",
            lambda me, it: it[Task.id] == me[Task.predecessor_id],
            "What must be done before.",
        ),
    ],
    resource="task",
    kind=NodeKind.TASK,
    interfaces=INTERFACES,
    order=["dueOn"],
    owner=Task.executor_id,
)

stage_move = bind(
    "StageMove",
    StageMove,
    "A move from a stage to another: proposed by one, decided by another [R2023 §9, §69(2), §92].",
    [
        ident(),
        col("fromStage", StageMove.from_stage, "The stage it leaves."),
        col("toStage", StageMove.to_stage, "The stage it goes to.", where=True),
        col("state", StageMove.state, "What became of it.", where=True),
        col("reason", StageMove.reason, "Why it was proposed."),
        col("proposedAt", StageMove.proposed_at, "When it was proposed.", where=True, order=True),
        col("decidedAt", StageMove.decided_at, "When it was decided.", where=True),
        col("decisionReason", StageMove.decision_reason, "Why it was decided so."),
        one(
            "proposedBy",
            "Person",
            lambda me, it: it[Person.id] == me[StageMove.proposed_by_id],
            "Who proposed it.",
        ),
        one(
            "decidedBy",
            "Person",
            lambda me, it: it[Person.id] == me[StageMove.decided_by_id],
            "Who decided.",
        ),
        one(
            "act",
            "Act",
            lambda me, it: it[Act.id] == me[StageMove.act_id],
            "The act the decision rests on.",
        ),
        one(
            "object",
            "TreeNode",
            lambda me, it: it[Node.id] == me[StageMove.node_id],
            "What moves.",
        ),
    ],
    levels={Level.BASIC: "history.read"},
    node=StageMove.node_id,
    interfaces=[NODE],
    order=["-proposedAt"],
)

TASK = (task, stage_move)
