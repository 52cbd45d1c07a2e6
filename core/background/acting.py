"""As whom plugins act when nobody asked: one transaction of theirs, and what is tried again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.engine import Database
from core.events.attempts import AttemptState, Retrying, error_words
from core.events.delivery import Delivery
from core.jobs.job_run import JobRun
from core.plugins.gate import PluginGate
from core.plugins.host import Host
from core.transaction import transact
from core.work import Actor, Decision, RuleSettings, Work

log = logging.getLogger("zhoba.background")

Tried = TypeVar("Tried", Delivery, JobRun)


class PluginAuthority:
    """What a plugin may do when nobody asked: everything, where it is switched on.

    The gate of its unit of work holds it there.
    """

    version = "plugin"

    async def check(self, work: Work, action: str, node_id: int) -> Decision:
        return Decision(True, action, role=work.actor.label, rule="plugin")

    async def sees(self, work: Work, node_id: int) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What background work needs. ``seconds`` is how long one handler or job may take."""

    database: Database
    host: Host
    rules: RuleSettings = field(default_factory=RuleSettings)
    retrying: Retrying = field(default_factory=Retrying)
    seconds: float = 60.0

    def transact(
        self, plugin: str, now: datetime, correlation_id: str
    ) -> AbstractAsyncContextManager[Work]:
        """A unit of work of the plugin itself, only where it is switched on."""
        return transact(
            self.database,
            actor=Actor(label=f"plugin:{plugin}"),
            authority=PluginAuthority(),
            now=now,
            rules=self.rules,
            correlation_id=correlation_id,
            host=self.host,
            gate=PluginGate(plugin),
        )


async def attempt(
    background: Background,
    row: Tried,
    now: datetime,
    correlation_id: str,
    act: Callable[[Work, Tried], Awaitable[AttemptState]],
) -> None:
    """Try once what is due: ``act`` and the note of its success are one transaction.

    Left alone when another process is at it, or was. What ``act`` raises is noted; what the
    database raises before it begins is passed on.
    """
    begun = False
    try:
        async with background.transact(row.plugin, now, correlation_id) as work:
            mine = await take(work.session, row)
            if mine is None:
                return
            begun = True
            async with asyncio.timeout(background.seconds):
                mine.end(await act(work, mine), now)
    except Exception as error:
        if not begun:
            raise
        tell_failure(row.plugin, f"{type(row).__name__} {row.id}", error)
        async with background.database.session() as session, session.begin():
            mine = await take(session, row)
            if mine is not None:
                mine.fail(error, now, background.retrying)


async def take(session: AsyncSession, row: Tried) -> Tried | None:
    """The row, locked, if it still waits as it did; None when somebody else has it, or had it."""
    model = type(row)
    found: Tried | None = await session.scalar(
        select(model)
        .where(
            model.id == row.id,
            model.state == AttemptState.WAITING,
            model.attempts == row.attempts,
        )
        .with_for_update(skip_locked=True)
    )
    return found


def tell_failure(plugin: str, what: str, error: BaseException) -> None:
    log.warning("%s of the plugin %s failed: %s", what, plugin, error_words(error))
