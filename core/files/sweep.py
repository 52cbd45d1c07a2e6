"""Deleting files that nobody refers to: rows that were never claimed, and bytes without a row."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.engine import Database
from core.files.claim import unreferenced
from core.files.file import UNCLAIMED, File
from core.files.store import FileStore
from core.files.ticket import FileTicket

BATCH = 500


async def sweep_files(database: Database, store: FileStore, now: datetime) -> tuple[int, int]:
    """Delete what nobody refers to; how many rows and how many contents.

    Several processes may sweep at a time. Bytes go a day after they were last stored, so that none
    go which an upload of this moment found there already.
    """
    async with database.session() as session, session.begin():
        rows = await delete_rows(session, now - UNCLAIMED)
    doomed = await asyncio.to_thread(lambda: [sha256 for sha256, _ in store.contents()])
    async with database.reading_session() as session:
        kept = {sha256 for batch in batches(doomed) for sha256 in await described(session, batch)}
    gone = (sha256 for sha256 in doomed if sha256 not in kept)
    swept = await asyncio.to_thread(store.sweep, gone, older=UNCLAIMED.total_seconds())
    return rows, swept


async def delete_rows(session: AsyncSession, before: datetime) -> int:
    """Delete tickets that expired and uploads that nothing claimed, from before a moment."""
    await session.execute(delete(FileTicket).where(FileTicket.expires_at < before))
    waiting = await session.scalars(
        select(File.id)
        .where(File.uploaded_at < before, unreferenced(File.id))
        .order_by(File.id)
        .limit(BATCH)
    )
    count = 0
    for file_id in waiting.all():
        try:
            async with session.begin_nested():
                await session.execute(delete(FileTicket).where(FileTicket.file_id == file_id))
                await session.execute(delete(File).where(File.id == file_id, unreferenced(File.id)))
            count += 1
        except IntegrityError:
            continue  # a table of a plugin names it
    return count


async def described(session: AsyncSession, contents: list[str]) -> list[str]:
    """Those of some contents that a row describes."""
    found = await session.scalars(select(File.sha256).where(File.sha256.in_(contents)))
    return list(found)


def batches(contents: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(contents), BATCH):
        yield contents[start : start + BATCH]
