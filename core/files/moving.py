"""A file that hangs at one node for a purpose hangs at another from now on."""

from __future__ import annotations

from sqlalchemy import update

from core.files.claim import FileClaim
from core.files.claiming import claimed
from core.files.file import File
from core.rows import Lock, find
from core.work import Work


async def move_file(
    work: Work, file_id: int, *, purpose: str, from_node_id: int, to_node_id: int
) -> None:
    """Let a file be opened by who is allowed so at another node, in place of the one before.

    What it belongs to was handed on; who does that need not be allowed to open it. Nothing happens
    where it does not hang so.
    """
    file = await find(work.session, File, file_id, field="fileId", lock=Lock.SHARE)
    moved = await work.session.execute(
        update(FileClaim)
        .where(*claimed(file_id, from_node_id, purpose))
        .values(node_id=to_node_id)
        .returning(FileClaim.id)
    )
    if moved.all():
        work.record("fileAttached", file, node_id=to_node_id, after={"purpose": purpose})
