"""A host with the handlers and jobs a test gives it, and plugins switched on here and there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit.entry import AuditEntry
from core.background.acting import Background
from core.background.delivering import deliver, deliver_again, take_places
from core.db.engine import Database
from core.events.attempts import Retrying
from core.events.handler import Handler, Happened, When
from core.jobs.job import Job
from core.places.region import Region
from core.plugins.failure import Failure
from core.plugins.host import Loaded
from core.plugins.plugin_region import PluginRegion
from core.transaction import transact
from core.tree.node import Node
from core.work import OPERATOR, Entry, OperatorAuthority, Work
from tests.factories import note_installed

RETRYING = Retrying(attempts=3, first=timedelta(seconds=1), longest=timedelta(hours=1))


@dataclass
class SmallHost:
    handlers: Sequence[tuple[str, Handler]] = ()
    jobs: Sequence[tuple[str, Job]] = ()
    plugins: Sequence[Loaded] = ()
    failures: Sequence[Failure] = ()


def within(
    run: Callable[[Work, Entry], Awaitable[None]], *acts: str, plugin: str = "visits"
) -> tuple[str, Handler]:
    return plugin, Handler(name="within", acts=frozenset(acts), when=When.WITHIN, run=run)


def after(
    run: Callable[[Work, Happened], Awaitable[None]],
    *acts: str,
    plugin: str = "visits",
    name: str = "after",
) -> tuple[str, Handler]:
    return plugin, Handler(name=name, acts=frozenset(acts), when=When.AFTER, run=run)


def background(database: Database, host: SmallHost, **options: Any) -> Background:
    return Background(database=database, host=host, **({"retrying": RETRYING} | options))


async def switch(
    session: AsyncSession, region: Region | None, *, plugin: str = "visits", on: bool = True
) -> None:
    """Switch a plugin, which is then installed, on or off in a region, None being the republic."""
    await note_installed(session, plugin)
    region_id = region.id if region else None
    row = await session.scalar(
        select(PluginRegion).where(
            PluginRegion.plugin == plugin, PluginRegion.region_id.is_not_distinct_from(region_id)
        )
    )
    if row is None:
        row = PluginRegion(plugin=plugin, region_id=region_id, settings={})
        session.add(row)
    row.enabled = on
    row.changed_at = datetime.fromisoformat("2026-03-01T00:00:00+00:00")
    await session.flush()


async def do(
    database: Database, now: datetime, act: str, node: Node, host: SmallHost | None = None
) -> None:
    """One act on an object, as somebody at the operator's desk does it."""
    async with transact(
        database, actor=OPERATOR, authority=OperatorAuthority(), now=now, host=host
    ) as work:
        work.record(act, node, node_id=node.id)


async def deliver_all(background: Background, now: datetime) -> None:
    """Hand out everything that was committed, also what waits for other transactions to end."""
    await take_places(background, now)
    for named in background.handlers:
        while await deliver(background, named, now):
            pass
    await deliver_again(background, now)


async def acts(database: Database, actor: str | None = None) -> list[str]:
    """What the audit log tells, in order."""
    query = select(AuditEntry.act).order_by(AuditEntry.id)
    if actor is not None:
        query = query.where(AuditEntry.actor == actor)
    async with database.session() as session:
        return list((await session.scalars(query)).all())
