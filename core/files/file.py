"""What is known of a stored file, and who may open it."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import UtcDateTime
from core.errors import InvalidInput, NotFound
from core.files.claim import FileClaim, is_open
from core.files.store import FileStore, Stored
from core.node_facts import country_id
from core.rows import find
from core.work import Work


class File(Base):
    """A file someone attached; its bytes lie in the store under ``sha256``, once.

    ``name`` is for showing only, ``media_type`` is what the content showed. Without ``uploaded_by``
    Zhoba made it itself.
    """

    __tablename__ = "file"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    sha256: Mapped[str] = mapped_column(Text, index=True)
    name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(Key)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


READ = "file.read"
LONGEST_NAME = 200

UNCLAIMED = timedelta(hours=24)
"""How long an upload waits to be used, and bytes for their row. Product default."""

ACT = sa.table("act", sa.column("file_id", Key), sa.column("body_id", Key))
# Named and not imported: acts refer to files, not the other way round.


IIN = re.compile(r"(?<!\d)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])[0-6]\d{5}(?!\d)")
"""What looks like an individual identification number: a day of birth, a century, five digits."""


def shown_name(name: str) -> str:
    """The name a file is shown under: no folders, no control or direction characters, and of what
    looks like an identification number the last four digits.

    Raises ``FILE_NAME`` for a name that is empty, too long or has such characters.
    """
    shown = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2].strip()
    if not shown or len(shown) > LONGEST_NAME or not shown.isprintable():
        raise InvalidInput("FILE_NAME", field="name", limit=LONGEST_NAME)
    return IIN.sub(lambda found: "x" * 8 + found[0][-4:], shown)


async def register_file(work: Work, stored: Stored, *, name: str) -> File:
    """Describe a stored content (product default; R2023 §15). It hangs nowhere until a verb claims
    it, and only its uploader sees it until then. Raises ``FILE_NAME``.
    """
    file = File(
        sha256=stored.sha256,
        name=shown_name(name),
        media_type=stored.media_type,
        size=stored.size,
        uploaded_by_id=work.actor.account_id,
        uploaded_at=work.now,
    )
    work.session.add(file)
    await work.session.flush()
    work.record("fileUploaded", file, after={"sha256": file.sha256, "size": file.size})
    return file


async def store_file(work: Work, content: bytes, *, name: str, media_type: str = "") -> File:
    """Store a document Zhoba or a plugin made itself; claim it in the same unit of work.

    Raises what :meth:`~core.files.store.FileStore.put` raises, and ``FILE_NAME``.
    """
    stored = await store_of(work).put_bytes(content, name=shown_name(name), media_type=media_type)
    return await register_file(work, stored, name=name)


async def readable_file(work: Work, file_id: int, *, field: str | None = None) -> File:
    """A file the actor may open: at one of the places it hangs at, or their own that hangs nowhere.

    Raises :class:`~core.errors.NotFound` for every other.
    """
    file, _ = await readable_at(work, file_id, field=field)
    return file


async def readable_at(
    work: Work, file_id: int, *, field: str | None = None
) -> tuple[File, int | None]:
    """The same, and the node where the actor may open it."""
    file = await find(work.session, File, file_id, field=field)
    places = await places_of(work, file)
    if not places and work.actor.account_id is not None:
        if file.uploaded_by_id == work.actor.account_id:
            return file, None
        raise NotFound(field)
    for node_id, action in places:
        if action is not None and (await work.may(action, node_id)).allowed:
            return file, node_id
    raise NotFound(field)


async def attachable_file(work: Work, file_id: int, *, field: str | None = None) -> File:
    """A file the actor may attach to something: one they may open.

    Whoever reads the thing reads its file, so attaching somebody else's would open it. The
    operator and plugins, who have no account, may attach any.
    """
    if work.actor.account_id is None:
        return await find(work.session, File, file_id, field=field)
    return await readable_file(work, file_id, field=field)


async def read_file_bytes(work: Work, file_id: int) -> bytes:
    """The content of a file the actor may open; raises like :func:`readable_file`."""
    return await store_of(work).read((await readable_file(work, file_id)).sha256)


async def places_of(work: Work, file: File) -> list[tuple[int, str | None]]:
    """Where a file hangs, and which action opens it there: claims, and acts it is the text of.

    An act is asked for at its body, else at the Country. Nothing opens what a plugin claimed where
    the plugin is off, nor what is claimed for somebody else.
    """
    claims = await work.session.execute(
        sa.select(FileClaim.node_id, FileClaim.action, FileClaim.person_id, is_open()).where(
            FileClaim.file_id == file.id
        )
    )
    claimed = [
        (node_id, action if on and person_id in (None, work.actor.person_id) else None)
        for node_id, action, person_id, on in claims
    ]
    bodies = await work.session.scalars(
        sa.select(ACT.c.body_id).where(ACT.c.file_id == file.id).distinct()
    )
    return [(body or await country_id(work.session), READ) for body in bodies] + claimed


def store_of(work: Work) -> FileStore:
    """The store of the running installation."""
    assert isinstance(work.files, FileStore)
    return work.files
