"""Writing the decision log without making anybody wait, and deleting what is old.

Lines about reads are gathered in the process and written together by a task of its own, so no read
waits for the log. What a process has not written when it is killed is lost: at most
:data:`PAUSE` seconds of lines, or :data:`MOST` of them while the database cannot be reached, when
the oldest give way and their number is logged. Denials of acts are written before the refusal is
answered, in a transaction of their own, since that of the act is undone.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.engine import Database
from core.decisions.entry import DecisionEntry, DecisionKind
from core.work import Denial, Work

log = logging.getLogger("zhoba.decisions")

PAUSE = 1.0
"""Seconds that lines are gathered before they are written."""

MOST = 10_000
"""Lines kept in the process at most."""

PURGE_EVERY = timedelta(days=1)

Line = dict[str, Any]

RuleOf = Callable[[AsyncSession], Awaitable[str | None]]
"""Finds the rule by which something was read."""


def line(kind: DecisionKind, **given: Any) -> Line:
    """A line with all its columns; ``rule_of``, a :data:`RuleOf`, is asked when it is written."""
    empty = dict.fromkeys(
        (
            "outcome",
            "node_id",
            "subject",
            "subject_id",
            "person_id",
            "account_id",
            "rule",
            "rule_of",
        )
    )
    return {**empty, "kind": kind, "fields": [], **given}


def denial_line(work: Work, denial: Denial) -> Line:
    """The line of a denial in a unit of work."""
    return line(
        DecisionKind.DENIED,
        at=work.now,
        action=denial.action,
        outcome=denial.outcome,
        node_id=denial.node_id,
        rule=denial.rule,
        policy_version=work.authority.version,
        person_id=work.actor.person_id,
        account_id=work.actor.account_id,
        correlation_id=work.correlation_id,
    )


async def write(database: Database, lines: Sequence[Line]) -> None:
    """Write lines in a transaction of their own."""
    rows = [{name: value for name, value in each.items() if name != "rule_of"} for each in lines]
    if any(each["rule_of"] for each in lines):
        async with database.reading_session() as session:
            for row, each in zip(rows, lines, strict=True):
                if each["rule_of"]:
                    row["rule"] = await each["rule_of"](session)
    async with database.session() as session, session.begin():
        await session.execute(insert(DecisionEntry), rows)


async def write_denial(database: Database, work: Work, denial: Denial) -> None:
    """Write the denial of an act. The refusal is answered even where the log cannot be written;
    that it could not is logged."""
    try:
        await write(database, [denial_line(work, denial)])
    except (SQLAlchemyError, OSError):
        log.exception("a denial could not be written to the decision log")


async def purge(database: Database, before: datetime) -> int:
    """Delete the lines older than a moment; how many there were."""
    async with database.session() as session, session.begin():
        found = await session.execute(delete(DecisionEntry).where(DecisionEntry.at < before))
        return int(found.rowcount)  # type: ignore[attr-defined]


class DecisionLog:
    """The lines of one process that are still to be written."""

    def __init__(
        self,
        database: Database,
        *,
        kept_days: int,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.database = database
        self.kept = timedelta(days=kept_days)
        self.clock = clock
        self.lines: deque[Line] = deque()
        self.lost = 0
        self.waiting = asyncio.Event()
        self.stopped = asyncio.Event()
        self.writing = asyncio.Lock()
        self.task: asyncio.Task[None] | None = None
        self.purged_at: datetime | None = None

    def note(self, *lines: Line) -> None:
        """Keep lines to be written soon. Never waits, never fails."""
        for each in lines:
            if len(self.lines) >= MOST:
                self.lines.popleft()
                self.lost += 1
            self.lines.append(each)
        if lines:
            self.waiting.set()

    def start(self) -> None:
        self.task = asyncio.ensure_future(self.run())

    async def run(self) -> None:
        """Write what comes in, and once a day delete what is old; until the log is closed."""
        while not self.stopped.is_set():
            try:
                await until(self.waiting, PURGE_EVERY.total_seconds())
                await until(self.stopped, PAUSE)
                await self.flush()
                await self.purge_when_due()
            except (SQLAlchemyError, OSError):
                log.exception("the decision log could not be written; trying again")
                await until(self.stopped, PAUSE)

    async def flush(self) -> None:
        """Write everything noted so far."""
        async with self.writing:
            self.waiting.clear()
            taken = list(self.lines)
            if taken:
                await write(self.database, taken)
                for _ in range(min(len(taken), len(self.lines))):
                    self.lines.popleft()
            if self.lost:
                log.error("the decision log lost %d lines", self.lost)
                self.lost = 0

    async def purge_when_due(self) -> None:
        now = self.clock()
        if self.purged_at is None or now - self.purged_at >= PURGE_EVERY:
            await purge(self.database, now - self.kept)
            self.purged_at = now

    async def close(self) -> None:
        """Stop, and write what is left. A statement that runs is waited for."""
        self.stopped.set()
        self.waiting.set()
        if self.task is not None:
            await self.task
        try:
            await self.flush()
        except (SQLAlchemyError, OSError):
            log.exception("%d lines of the decision log are lost", len(self.lines))


async def until(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, so many seconds at most."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
