"""What a resolver finds in ``info.context``: who asks, when, and the services it may use.

Made anew for every operation, on a WebSocket too, so nothing about the caller outlives the answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.reader import Reader
from core.db.engine import Database
from core.errors import PlatformError
from core.events.feed import EventFeed
from core.files.store import FileStore
from core.messages import Messages
from core.transaction import transact
from core.work import COUNTRY_TIME, Actor, Authority, RuleSettings, Work
from schema.limits import Admitted


class Policies(Protocol):
    """Where the rules of the moment come from."""

    def current(self) -> Authority:
        """The set of rules to judge one operation by."""


@dataclass(frozen=True, slots=True)
class Services:
    """What one running server shares between its requests."""

    database: Database
    messages: Messages
    rules: RuleSettings
    policies: Policies
    feed: EventFeed
    files: FileStore
    planner: Any


@dataclass(slots=True, kw_only=True)
class RequestContext:
    """One operation of one caller.

    ``now`` is its one reading of the clock. ``reader`` is what the planner's authority predicate
    takes from the caller; ``policy`` is the set of rules the whole operation is judged by.
    A subscription calls ``renew`` before each event: it sets ``actor``, ``reader``, ``policy`` and
    ``now`` anew, and raises :class:`~core.errors.NotAuthenticated` when the caller's proof has
    ended. ``statements`` counts the SQL statements sent for this operation.
    """

    services: Services
    actor: Actor
    reader: Reader
    policy: Authority
    now: datetime
    language: str
    correlation_id: str
    renew: Callable[[], Awaitable[None]]
    admitted: Admitted | None = None
    statements: int = 0
    memory: dict[str, Any] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.services.database

    @property
    def planner(self) -> Any:
        return self.services.planner

    @property
    def feed(self) -> EventFeed:
        return self.services.feed

    @property
    def today(self) -> date:
        """The day it is in the country."""
        return self.now.astimezone(COUNTRY_TIME).date()

    def transact(self) -> AbstractAsyncContextManager[Work]:
        """One unit of work of this caller; commits when the block ends."""
        return transact(
            self.database,
            actor=self.actor,
            authority=self.policy,
            now=self.now,
            rules=self.services.rules,
            correlation_id=self.correlation_id,
        )

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Work]:
        """A unit of work that only asks; nothing it does is kept, and no writer waits for it."""
        async with self.database.reading_session() as session:
            yield self.work(session)

    def work(self, session: AsyncSession) -> Work:
        return Work(
            session=session,
            actor=self.actor,
            now=self.now,
            authority=self.policy,
            rules=self.services.rules,
            correlation_id=self.correlation_id,
        )

    def sentence(self, error: PlatformError) -> str:
        """The sentence of a refusal in the caller's language."""
        return self.services.messages.sentence(error, self.language)
