"""What is known of a stored file, and who may open it."""

from __future__ import annotations

import re
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import UtcDateTime
from core.errors import InvalidInput, NotAuthenticated, NotFound
from core.files.store import Stored
from core.node_facts import country_id
from core.rows import find
from core.work import Work


class File(Base):
    """A file someone attached; its bytes lie in the store under ``sha256``, once."""

    __tablename__ = "file"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    sha256: Mapped[str] = mapped_column(Text, index=True)
    name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(Key)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)


READ = "file.read"
LONGEST_NAME = 200
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")

ACT = sa.table("act", sa.column("file_id", Key), sa.column("body_id", Key))
# Named and not imported: acts refer to files, not the other way round.


async def register_file(work: Work, stored: Stored, *, name: str, media_type: str) -> File:
    """Describe a stored content (product default; R2023 §15). It hangs nowhere until an act or a
    document refers to it, and only its uploader sees it until then.

    Raises :class:`~core.errors.NotAuthenticated` for an anonymous actor and ``FILE_NAME`` for a
    name that is empty, too long or has control characters.
    """
    if work.actor.account_id is None:
        raise NotAuthenticated
    shown = name.replace("\\", "/").rpartition("/")[2].strip()
    if not shown or len(shown) > LONGEST_NAME or not shown.isprintable():
        raise InvalidInput("FILE_NAME", field="name", limit=LONGEST_NAME)
    plain = media_type.partition(";")[0].strip().lower()
    file = File(
        sha256=stored.sha256,
        name=shown,
        media_type=plain if MEDIA_TYPE.fullmatch(plain) else "application/octet-stream",
        size=stored.size,
        uploaded_by_id=work.actor.account_id,
        uploaded_at=work.now,
    )
    work.session.add(file)
    await work.session.flush()
    work.record("fileUploaded", file, after={"sha256": file.sha256, "size": file.size})
    return file


async def readable_file(work: Work, file_id: int) -> File:
    """A file the actor may open: at one of the nodes it hangs on, or their own that hangs nowhere.

    Raises :class:`~core.errors.NotFound` for every other.
    """
    file = await find(work.session, File, file_id)
    nodes = await nodes_of(work, file)
    if not nodes and work.actor.account_id is not None:
        if file.uploaded_by_id == work.actor.account_id:
            return file
        raise NotFound
    for node_id in nodes:
        if (await work.may(READ, node_id)).allowed:
            return file
    raise NotFound


async def nodes_of(work: Work, file: File) -> list[int]:
    """The nodes a file hangs on: the bodies of the acts it is the text of, else the Country."""
    found = await work.session.scalars(
        sa.select(ACT.c.body_id).where(ACT.c.file_id == file.id).distinct()
    )
    return [body or await country_id(work.session) for body in found]
