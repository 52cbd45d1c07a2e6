"""What a resolver finds in ``info.context``: who asks, when, and the services it may use.

Made anew for every operation, on a WebSocket too, so nothing about the caller outlives the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from graphql import GraphQLError
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.policy import PolicySet
from core.authority.reader import Reader
from core.db.engine import Database
from core.decisions.log import DecisionLog
from core.errors import InvalidInput, PlatformError
from core.events.feed import EventFeed
from core.files.store import FileStore
from core.messages import Messages
from core.plugins.host import Host
from core.sealing import Seal
from core.transaction import transact
from core.work import COUNTRY_TIME, Actor, Gate, RuleSettings, Work
from schema.decisions import denial_lines, personal_lines, unseen_line
from schema.limits import Admitted
from schema.planner.marks import PersonalRead
from schema.planner.plan import Asker, Planner
from schema.planner.reading import Reading
from schema.planner.run import Reads


class Policies(Protocol):
    """Where the rules of the moment come from."""

    async def current(self, session: AsyncSession) -> tuple[int, PolicySet]:
        """The number of the version in force, as this session sees it, and its set of rules."""

    async def numbered(self, number: int, database: Database) -> PolicySet:
        """The set of rules of one version, which the database is asked for once."""


@dataclass(frozen=True, slots=True)
class Services:
    """What one running server shares between its requests; ``installation`` is its plugins."""

    database: Database
    messages: Messages
    installation: Host
    rules: RuleSettings
    policies: Policies
    feed: EventFeed
    files: FileStore
    planner: Planner | None
    reads: Reads | None
    most_objects: int
    decisions: DecisionLog | None = None
    seal: Seal | None = None


@dataclass(frozen=True, slots=True)
class ImpersonalContext:
    """What computed fields find in ``info.context`` when several callers share the answer: nothing
    of who asks, and no clock but the day."""

    services: Services
    policy: PolicySet
    language: str
    today: date


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
    policy: PolicySet
    now: datetime
    language: str
    correlation_id: str
    renew: Callable[[], Awaitable[None]]
    admitted: Admitted | None = None
    statements: int = 0
    _reading: Reading | None = None

    @property
    def database(self) -> Database:
        return self.services.database

    @property
    def reading(self) -> Reading:
        """What the planner reads with, as this caller; the same for the whole operation."""
        if self._reading is None:
            planner, reads = self.services.planner, self.services.reads
            assert planner is not None
            assert reads is not None
            asker = Asker(self.reader, self.today, self.language)
            self._reading = Reading(
                planner, reads, self.policy, asker, self.weigh, self.note_personal
            )
        return self._reading

    def note_personal(self, reads: Sequence[PersonalRead]) -> None:
        """Enter into the decision log whose personal data an answer shows; not one's own."""
        if self.services.decisions is not None:
            self.services.decisions.note(*personal_lines(self, reads))

    def note_unseen(self, act: str, field: str, identifier: str) -> None:
        """Enter into the decision log that an act was given an id of what the caller cannot see."""
        if self.services.decisions is not None:
            self.services.decisions.note(unseen_line(self, act, field, identifier))

    def note_denials(
        self,
        errors: Sequence[GraphQLError],
        variables: Mapping[str, Any] | None,
        *,
        mutation: bool,
    ) -> None:
        """Enter into the decision log what was denied while an operation was answered.

        What an act was denied stands there already (:func:`core.transaction.transact`).
        """
        if self.services.decisions is not None:
            self.services.decisions.note(*denial_lines(self, errors, variables, mutation=mutation))

    def weigh(self, cost: int) -> None:
        """Raise ``QUERY_TOO_COSTLY`` when the plans could put together too many objects."""
        if cost > self.services.most_objects:
            raise InvalidInput("QUERY_TOO_COSTLY", limit=self.services.most_objects, cost=cost)

    @property
    def cost(self) -> int:
        """Objects that the plans made so far may put together."""
        return self._reading.cost if self._reading is not None else 0

    async def close(self) -> None:
        """Stop what the operation still reads; called when it has ended, however it did."""
        reading, self._reading = self._reading, None
        if reading is not None:
            for answer in reading.answers.values():
                answer.cancel()
            await asyncio.gather(*reading.answers.values(), return_exceptions=True)

    @property
    def feed(self) -> EventFeed:
        return self.services.feed

    @property
    def today(self) -> date:
        """The day it is in the country."""
        return self.now.astimezone(COUNTRY_TIME).date()

    @asynccontextmanager
    async def transact(
        self, gate: Gate | None = None, *, least_policy: int = 0
    ) -> AsyncIterator[Work]:
        """One unit of work of this caller; commits when the block ends.

        It is judged by the rules in force when it begins, and so is the rest of the operation.
        ``gate`` limits the act of a plugin to where the plugin is on. Raises
        ``POLICY_NOT_YET_KNOWN`` when the version in force is older than ``least_policy``.
        """
        async with transact(
            self.database,
            actor=self.actor,
            authority=self.policy,
            now=self.now,
            rules=self.services.rules,
            correlation_id=self.correlation_id,
            host=self.services.installation,
            gate=gate,
            seal=self.services.seal,
            files=self.services.files,
        ) as work:
            number, policy = await self.services.policies.current(work.session)
            if number < least_policy:
                raise InvalidInput(
                    "POLICY_NOT_YET_KNOWN",
                    field="atLeastPolicyVersion",
                    expected=least_policy,
                    current=number,
                )
            work.authority = self.policy = policy
            if self._reading is not None:
                self._reading.policy = policy
            yield work

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[Work]:
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
            host=self.services.installation,
            seal=self.services.seal,
            files=self.services.files,
        )

    def sentence(self, error: PlatformError) -> str:
        """The sentence of a refusal in the caller's language."""
        return self.services.messages.sentence(error, self.language)
