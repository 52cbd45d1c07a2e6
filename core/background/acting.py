"""As whom plugins act when nobody asked: one transaction of theirs, and what is tried again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.engine import Database
from core.events.attempts import AttemptState, Retrying, error_words
from core.events.delivery import Delivery
from core.events.handler import Handler, When
from core.files.store import FileStore
from core.jobs.job import Job
from core.jobs.job_run import JobRun
from core.plugins.gate import PluginGate, enabled_at, is_enabled_anywhere
from core.plugins.host import Host
from core.sealing import Seal
from core.transaction import transact
from core.tree.node import Node
from core.work import Actor, Decision, RuleSettings, Work

log = logging.getLogger("zhoba.background")

Tried = TypeVar("Tried", Delivery, JobRun)


class PluginAuthority:
    """What a plugin may do when nobody asked: everything, where it is switched on.

    The gate of its unit of work holds it there. ``catalogue`` is that of the installation.
    """

    version = "plugin"

    def __init__(self, catalogue: object = None) -> None:
        self.catalogue = catalogue

    async def check(self, work: Work, action: str, node_id: int) -> Decision:
        return Decision(True, action, role=work.actor.label, rule="plugin")

    async def sees(self, work: Work, node_id: int) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What background work needs.

    ``only`` limits it to the handlers and jobs of one plugin. ``seconds`` is how long one of them
    may take for one event or due time.
    """

    database: Database
    host: Host
    rules: RuleSettings = field(default_factory=RuleSettings)
    retrying: Retrying = field(default_factory=Retrying)
    seconds: float = 60.0
    only: str | None = None
    seal: Seal | None = None
    files: FileStore | None = None

    def of(self, plugin: str) -> Background:
        """The same for one plugin alone."""
        return replace(self, only=plugin)

    @property
    def handlers(self) -> Sequence[tuple[str, Handler]]:
        """The handlers that run after the act, each with the id of its plugin."""
        return [
            (plugin, handler)
            for plugin, handler in self.host.handlers
            if handler.when is When.AFTER and self.only in (None, plugin)
        ]

    @property
    def jobs(self) -> Sequence[tuple[str, Job]]:
        """The jobs, each with the id of its plugin."""
        return [each for each in self.host.jobs if self.only in (None, each[0])]

    def transact(
        self, plugin: str, now: datetime, correlation_id: str
    ) -> AbstractAsyncContextManager[Work]:
        """A unit of work of the plugin itself, only where it is switched on."""
        return transact(
            self.database,
            actor=Actor(label=f"plugin:{plugin}"),
            authority=PluginAuthority(getattr(self.host, "catalogue", None)),
            now=now,
            rules=self.rules,
            correlation_id=correlation_id,
            host=self.host,
            gate=PluginGate(plugin),
            seal=self.seal,
            files=self.files,
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
    """The row, if it still waits as it did; None when somebody else is at it, or was."""
    model = type(row)
    if not await hold(session, f"{model.__tablename__}:{row.id}"):
        return None
    found: Tried | None = await session.scalar(
        select(model).where(
            model.id == row.id,
            model.state == AttemptState.WAITING,
            model.attempts == row.attempts,
        )
    )
    return found


async def hold(session: AsyncSession, what: str) -> bool:
    """Keep everybody else from ``what`` until the transaction ends; False when somebody has it.

    On PostgreSQL it is no lock on a row: that would give the transaction an id, and readers of the
    outbox would wait behind a handler that waits for another system. On SQLite the transaction is
    the only one that writes.
    """
    if session.get_bind().dialect.name == "sqlite":
        return True
    key = func.hashtextextended(what, 0)
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(key))))


async def is_on(session: AsyncSession, plugin: str, node_id: int | None) -> bool:
    """Whether the plugin is on at an object of the tree; without one: on anywhere."""
    if node_id is None:
        return await is_enabled_anywhere(session, plugin)
    region: Any = Node.region_id
    asked = select(enabled_at(plugin, region)).where(Node.id == node_id)
    return bool(await session.scalar(asked))


def tell_failure(plugin: str, what: str, error: BaseException) -> None:
    log.warning("%s of the plugin %s failed: %s", what, plugin, error_words(error))
