"""Hanging files at what they belong to, taking them off, and deleting what hangs nowhere."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, literal, select
from sqlalchemy.exc import IntegrityError

from core.files.claim import FileClaim, unreferenced
from core.files.file import READ, File, attachable_file
from core.files.ticket import FileTicket
from core.rows import Lock, find
from core.work import Work


async def claim_file(
    work: Work,
    file_id: int,
    *,
    node_id: int,
    purpose: str,
    action: str = READ,
    person_id: int | None = None,
    field: str = "fileId",
) -> File:
    """Hang a file at a node for a purpose: who is allowed ``action`` there may open it, or, of
    those, one person only.

    The caller has asked whether the actor may change what it belongs to. Claimed by a plugin's act
    it opens only where the plugin is on. Claiming again changes nothing. Raises
    :class:`~core.errors.NotFound` for a file that is neither the actor's own, waiting upload nor
    one they may open.
    """
    file = await attachable_file(work, file_id, field=field)
    await find(work.session, File, file_id, field=field, lock=Lock.SHARE)
    held = await work.session.scalar(
        select(FileClaim.id).where(*claimed(file_id, node_id, purpose))
    )
    if held is not None:
        return file
    claim = FileClaim(
        file_id=file.id,
        node_id=node_id,
        purpose=purpose,
        action=action,
        plugin=getattr(work.gate, "plugin", None),
        person_id=person_id,
        claimed_at=work.now,
    )
    work.session.add(claim)
    await work.session.flush()
    work.record("fileAttached", file, node_id=node_id, after={"purpose": purpose})
    return file


async def release_file(work: Work, file_id: int, *, node_id: int, purpose: str) -> None:
    """Take a file off a node. Raises :class:`~core.errors.NotFound` where it does not hang so."""
    file = await find(work.session, File, file_id, field="fileId", lock=Lock.UPDATE)
    claim = await work.session.scalar(
        select(FileClaim.id).where(*claimed(file_id, node_id, purpose))
    )
    await find(work.session, FileClaim, claim or 0, field="fileId")
    await work.session.execute(delete(FileClaim).where(FileClaim.id == claim))
    work.record("fileDetached", file, node_id=node_id, before={"purpose": purpose})


async def delete_file(work: Work, file_id: int, *, node_id: int, purpose: str) -> bool:
    """Take a file off a node and, if it hangs nowhere else, delete it; whether it was deleted.

    Its bytes go with the next sweep. Raises :class:`~core.errors.NotFound` like
    :func:`release_file`.
    """
    await release_file(work, file_id, node_id=node_id, purpose=purpose)
    file = await find(work.session, File, file_id)
    if not await work.session.scalar(select(unreferenced(literal(file_id)))):
        return False
    try:
        async with work.session.begin_nested():
            await work.session.execute(delete(FileTicket).where(FileTicket.file_id == file_id))
            await work.session.execute(delete(File).where(File.id == file_id))
    except IntegrityError:
        return False  # a table of a plugin names it
    work.record("fileDeleted", file, node_id=node_id, before={"size": file.size})
    return True


def claimed(file_id: int, node_id: int, purpose: str) -> tuple[ColumnElement[bool], ...]:
    return (
        FileClaim.file_id == file_id,
        FileClaim.node_id == node_id,
        FileClaim.purpose == purpose,
    )
