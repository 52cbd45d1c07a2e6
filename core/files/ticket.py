"""Tickets: a link that lets one account send one file, or fetch one, once and soon."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Text, UniqueConstraint, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import UtcDateTime, named_enum
from core.errors import PRODUCT_DEFAULT, InvalidInput, NotAuthenticated, RuleRefused
from core.files.claim import unreferenced
from core.files.file import (
    UNCLAIMED,
    File,
    readable_at,
    readable_file,
    register_file,
    shown_name,
)
from core.files.kinds import check_announced
from core.files.store import Stored
from core.tokens import new_token, token_hash
from core.work import Work

MOST_WAITING = 100
"""Uploads of one account that nothing claimed yet, and tickets for more. Product default."""

DOWNLOAD_PATH = "/files/"


class TicketKind(enum.Enum):
    """What a ticket is good for."""

    UPLOAD = "sending a file"
    DOWNLOAD = "fetching a file"


class FileTicket(Base):
    """A ticket for one account, of which only the hash is kept; good once, until it expires.

    Of an upload, ``name`` and ``media_type`` are what was announced, ``begun_at`` says that it is
    being sent just now, and ``file_id`` what was sent; of a download, ``file_id`` is what it
    fetches.
    """

    __tablename__ = "file_ticket"
    __table_args__ = (UniqueConstraint("hash"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[TicketKind] = mapped_column(named_enum(TicketKind))
    hash: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"), index=True)
    name: Mapped[str | None] = mapped_column(Text)
    media_type: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    begun_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


async def prepare_upload(
    work: Work, *, name: str, media_type: str = "", size: int | None = None, largest: int
) -> tuple[FileTicket, str]:
    """A ticket to send one file under this name, and its text, shown this once.

    Raises :class:`~core.errors.NotAuthenticated` for an anonymous actor, ``FILE_NAME``,
    ``FILE_TYPE_NOT_ALLOWED``, ``FILE_EMPTY`` and ``FILE_TOO_LARGE`` for what the announcement tells
    already, and ``UPLOADS_WAITING`` when too many files of the account wait to be used.
    """
    if work.actor.account_id is None:
        raise NotAuthenticated
    shown = shown_name(name)
    check_announced(shown, media_type)
    if size is not None and size <= 0:
        raise InvalidInput("FILE_EMPTY", field="size")
    if size is not None and size > largest:
        raise InvalidInput("FILE_TOO_LARGE", field="size", limit=largest)
    if await waiting(work, work.actor.account_id) >= MOST_WAITING:
        raise RuleRefused("UPLOADS_WAITING", clause=PRODUCT_DEFAULT, limit=MOST_WAITING)
    text, kept = new_token()
    ticket = FileTicket(
        kind=TicketKind.UPLOAD,
        hash=kept,
        account_id=work.actor.account_id,
        name=shown,
        media_type=media_type,
        expires_at=work.now + timedelta(minutes=work.rules.upload_minutes),
    )
    work.session.add(ticket)
    await work.session.flush()
    return ticket, text


async def waiting(work: Work, account_id: int) -> int:
    """Files of an account that hang nowhere yet, and tickets it holds for more."""
    files = (
        select(func.count())
        .select_from(File)
        .where(
            File.uploaded_by_id == account_id,
            File.uploaded_at > work.now - UNCLAIMED,
            unreferenced(File.id),
        )
    )
    tickets = (
        select(func.count())
        .select_from(FileTicket)
        .where(
            FileTicket.account_id == account_id,
            FileTicket.kind == TicketKind.UPLOAD,
            FileTicket.used_at.is_(None),
            FileTicket.expires_at > work.now,
        )
    )
    return sum([await work.session.scalar(each) or 0 for each in (files, tickets)])


async def begin_upload(work: Work, text: str) -> FileTicket:
    """The ticket of the actor's own that is still good for sending a file, which nobody else may
    send with from now on.

    Raises ``UPLOAD_LINK_UNKNOWN`` (somebody else's is no other), ``UPLOAD_LINK_USED``,
    ``UPLOAD_LINK_EXPIRED`` and, while it is being sent with, ``UPLOAD_LINK_BUSY``.
    """
    if work.actor.account_id is None:
        raise NotAuthenticated
    ticket = await ticket_of(work.session, TicketKind.UPLOAD, text)
    if ticket is None or ticket.account_id != work.actor.account_id:
        raise InvalidInput("UPLOAD_LINK_UNKNOWN")
    if ticket.used_at is not None:
        raise InvalidInput("UPLOAD_LINK_USED")
    if ticket.expires_at <= work.now:
        raise InvalidInput("UPLOAD_LINK_EXPIRED")
    begun = await work.session.execute(
        update(FileTicket)
        .where(
            FileTicket.id == ticket.id, FileTicket.begun_at.is_(None), FileTicket.used_at.is_(None)
        )
        .values(begun_at=work.now)
        .returning(FileTicket.id)
    )
    if begun.scalar() is None:
        raise InvalidInput("UPLOAD_LINK_BUSY")
    return ticket


async def give_upload_back(work: Work, ticket: FileTicket) -> None:
    """Let a ticket be sent with again: what was sent with it was refused, or never came whole."""
    await work.session.execute(
        update(FileTicket).where(FileTicket.id == ticket.id).values(begun_at=None)
    )


async def finish_upload(work: Work, ticket: FileTicket, stored: Stored) -> File:
    """Enter what was sent with a ticket; of two that send with the same, one gets
    ``UPLOAD_LINK_USED``."""
    if not await spend(work, ticket):
        raise InvalidInput("UPLOAD_LINK_USED")
    file = await register_file(work, stored, name=ticket.name or "")
    await work.session.execute(
        update(FileTicket).where(FileTicket.id == ticket.id).values(file_id=file.id)
    )
    return file


async def prepare_download(work: Work, file_id: int) -> tuple[File, str]:
    """Make a link that fetches a file the actor may open (action ``file.read``, or the one it hangs
    there with), once and soon.

    Raises :class:`~core.errors.NotFound` for a file the actor may not open.
    """
    if work.actor.account_id is None:
        raise NotAuthenticated
    file, node_id = await readable_at(work, file_id, field="fileId")
    text, kept = new_token()
    ticket = FileTicket(
        kind=TicketKind.DOWNLOAD,
        hash=kept,
        account_id=work.actor.account_id,
        file_id=file.id,
        expires_at=work.now + timedelta(seconds=work.rules.download_seconds),
    )
    work.session.add(ticket)
    await work.session.flush()
    work.record("fileLinked", file, node_id=node_id, after={"sha256": file.sha256})
    return file, DOWNLOAD_PATH + text


async def account_of_download(session: AsyncSession, text: str) -> int:
    """The account a download link was made for; raises ``DOWNLOAD_LINK_UNKNOWN``."""
    ticket = await ticket_of(session, TicketKind.DOWNLOAD, text)
    if ticket is None:
        raise InvalidInput("DOWNLOAD_LINK_UNKNOWN")
    return ticket.account_id


async def use_download(work: Work, text: str) -> File:
    """The file a link fetches, which its actor may still open; the link is spent.

    Raises ``DOWNLOAD_LINK_UNKNOWN``, ``DOWNLOAD_LINK_USED``, ``DOWNLOAD_LINK_EXPIRED``, and
    :class:`~core.errors.NotFound` when the actor may open it no more.
    """
    ticket = await ticket_of(work.session, TicketKind.DOWNLOAD, text)
    if ticket is None or ticket.file_id is None:
        raise InvalidInput("DOWNLOAD_LINK_UNKNOWN")
    if ticket.expires_at <= work.now:
        raise InvalidInput("DOWNLOAD_LINK_EXPIRED")
    if not await spend(work, ticket):
        raise InvalidInput("DOWNLOAD_LINK_USED")
    return await readable_file(work, ticket.file_id)


async def ticket_of(session: AsyncSession, kind: TicketKind, text: str) -> FileTicket | None:
    found: FileTicket | None = await session.scalar(
        select(FileTicket).where(FileTicket.hash == token_hash(text), FileTicket.kind == kind)
    )
    return found


async def spend(work: Work, ticket: FileTicket) -> bool:
    """Use a ticket; false when somebody did before. The database decides, whoever comes at once."""
    spent = await work.session.execute(
        update(FileTicket)
        .where(FileTicket.id == ticket.id, FileTicket.used_at.is_(None))
        .values(used_at=work.now)
        .returning(FileTicket.id)
    )
    return spent.scalar() is not None


async def end_tickets(work: Work, account_id: int) -> None:
    """End every link of an account that was not used yet."""
    await work.session.execute(
        update(FileTicket)
        .where(
            FileTicket.account_id == account_id,
            FileTicket.used_at.is_(None),
            FileTicket.expires_at > work.now,
        )
        .values(expires_at=work.now)
    )
