"""What a server clears away by the clock: files nobody refers to, and old signs of signing in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete

from core.db.engine import Database
from core.events.attempts import error_words
from core.events.idempotency import IdempotencyKey
from core.files.store import FileStore
from core.files.sweep import sweep_files
from core.people.attempt import forget_attempts
from core.people.invitation import forget_invitations
from core.people.session import forget_sessions
from schema.mutations.idempotency import KEPT

FIRST_SECONDS = 600.0
EVERY_SECONDS = 3600.0

log = logging.getLogger("zhoba.background")


class Sweeping:
    """Sweeps once an hour, from :meth:`start` to :meth:`close`; several servers may."""

    def __init__(
        self,
        database: Database,
        store: FileStore,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        session_days: int = 30,
    ) -> None:
        self.database = database
        self.store = store
        self.clock = clock
        self.kept = timedelta(days=session_days)
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.task = asyncio.ensure_future(self.run())

    async def run(self) -> None:
        await asyncio.sleep(FIRST_SECONDS)
        while True:
            await self.once()
            await asyncio.sleep(EVERY_SECONDS)

    async def once(self) -> None:
        """Sweep now. What fails is logged and tried again the next time."""
        try:
            rows, contents = await sweep_files(self.database, self.store, self.clock())
            await forget_attempts(self.database, self.clock())
            sessions, invitations = await self.forget()
        except Exception as error:
            log.warning("swept later: %s", error_words(error))
        else:
            if rows or contents:
                log.info("swept %s files and %s contents", rows, contents)
            if sessions or invitations:
                log.info("forgot %s sessions and %s invitations", sessions, invitations)

    async def forget(self) -> tuple[int, int]:
        """Delete sessions and invitations that were over long ago; how many of each. Remembered
        mutations go with the time they are remembered, whether their account ever comes back."""
        before = self.clock() - self.kept
        async with self.database.session() as session, session.begin():
            late = IdempotencyKey.at < self.clock() - KEPT
            await session.execute(delete(IdempotencyKey).where(late))
            return await forget_sessions(session, before), await forget_invitations(session, before)

    async def close(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
