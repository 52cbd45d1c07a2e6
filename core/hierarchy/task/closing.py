"""Closing a task, and opening it again [R2023 §38(7)]."""

from __future__ import annotations

from core.errors import PRODUCT_DEFAULT, RuleRefused
from core.files.claiming import claim_file
from core.hierarchy.stages import EDITABLE
from core.hierarchy.task.loading import open_task, save_task
from core.hierarchy.task.model import Task
from core.rows import change, find
from core.texts import clean, required
from core.tree.node import Stage
from core.work import Work

FINISHING = EDITABLE | {Stage.CLOSURE}
"""Stages of what a task lies in, in which the task may be closed."""


CONFIRMATION = "task confirmation"
"""What the file of a closed task hangs there for."""


async def close_task(
    work: Work,
    task_id: int,
    *,
    expected_version: int,
    confirming_document: str | None = None,
    confirming_file_id: int | None = None,
    result: str | None = None,
) -> Task:
    """Close a task with a document confirming execution: its particulars, a file of one's own
    upload, or both; refused without [R2023 §38(7)]. Action ``task.close``.

    Closing before the predecessor is let through with a warning (product default).
    """
    node, task, _ = await open_task(
        work, task_id, "task.close", expected_version=expected_version, stages=FINISHING
    )
    document = clean(confirming_document, "confirmingDocument")
    if document is None and confirming_file_id is None:
        raise RuleRefused(
            "TASK_NEEDS_CONFIRMING_DOCUMENT", clause="R2023 §38(7)", field="confirmingDocument"
        )
    if confirming_file_id is not None:
        await claim_file(
            work,
            confirming_file_id,
            node_id=task_id,
            purpose=CONFIRMATION,
            field="confirmingFileId",
        )
    if task.predecessor_id is not None:
        predecessor = await find(work.session, Task, task.predecessor_id)
        if predecessor.closed_on is None:
            work.warn("PREDECESSOR_OPEN", clause=PRODUCT_DEFAULT)
    before, after = change(
        task,
        {
            "confirming_document": document,
            "confirming_file_id": confirming_file_id,
            "result": clean(result, "result"),
            "closed_on": work.today,
        },
    )
    await save_task(work, "taskClosed", node, task, before, after, clause="R2023 §38(7)")
    return task


async def reopen_task(work: Work, task_id: int, reason: str, *, expected_version: int) -> Task:
    """Open a task that was closed too early; it needs a new confirming document to close again.

    Action ``task.close`` (product default). The audit log keeps the old document and ``reason``.
    """
    node, task, _ = await open_task(
        work, task_id, "task.close", expected_version=expected_version, closed=True
    )
    reason = required(reason, "reason")
    emptied = dict.fromkeys(("confirming_document", "confirming_file_id", "closed_on"))
    before, after = change(task, emptied)
    await save_task(work, "taskReopened", node, task, before, after | {"reason": reason})
    return task
