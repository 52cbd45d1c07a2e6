"""Sign-ins remembered as long as nothing changed: who sends a token, and what they may read.

A lock, a released appointment or a revoked key is a commit, which changes the snapshot; so a
remembered sign-in is exactly as true as a new one would be.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from core.authority.policy import PolicySet
from core.authority.reader import Reader
from core.errors import NotAuthenticated
from core.work import ANONYMOUS, COUNTRY_TIME, Actor
from schema.planner.plan import Asker
from zhoba.http.operation import Caller, Operations
from zhoba.sign_in.keys import REFRESH_SECONDS

RENEWED = timedelta(seconds=REFRESH_SECONDS)
"""For how long a sign-in is believed at most: an issuer may withdraw a key, which is no commit."""

REMEMBERED = 10_000
"""Tokens remembered by one process, some 500 bytes each."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A sign-in, the snapshot it was made under, and until when it may be believed: its own end, or
    that of the day, on which appointments change."""

    snapshot: str
    today: date
    until: datetime
    actor: Actor
    reader: Reader
    policy: PolicySet
    askers: dict[str, Asker] = field(default_factory=dict)
    """Who asks in each language."""

    def asker(self, language: str) -> Asker:
        found = self.askers.get(language)
        if found is None:
            found = self.askers[language] = Asker(self.reader, self.today, language)
        return found

    def holds(self, snapshot: str, now: datetime) -> bool:
        """Whether signing in again would give the same."""
        return now < self.until and self.snapshot == snapshot


@dataclass(slots=True)
class SignIns:
    """The sign-ins of one process. Tokens are kept as digests only."""

    operations: Operations
    found: OrderedDict[bytes, Remembered] = field(default_factory=OrderedDict)
    flights: dict[tuple[bytes, str], asyncio.Future[Remembered]] = field(default_factory=dict)

    async def at(self, key: bytes, caller: Caller, snapshot: str, now: datetime) -> Remembered:
        """The caller's sign-in under this snapshot, made anew where none is remembered under the
        :func:`digest` of what they prove themselves with.

        Raises :class:`~core.errors.NotAuthenticated` like a sign-in does.
        """
        known = self.known(key, snapshot, now)
        if known is not None:
            return known
        return await asyncio.shield(self.begin(key, caller, snapshot))

    def begin(self, key: bytes, caller: Caller, snapshot: str) -> asyncio.Future[Remembered]:
        """The sign-in that is under way, or one that begins now: requests with the same token that
        come after a commit sign in once, not each by itself."""
        place = key, snapshot
        flight = self.flights.get(place)
        if flight is None:
            flight = asyncio.ensure_future(self.anew(key, caller, snapshot))
            self.flights[place] = flight
            flight.add_done_callback(lambda done: self.landed(place, done))
        return flight

    def known(self, key: bytes, snapshot: str, now: datetime) -> Remembered | None:
        """The sign-in under this snapshot, where one is remembered."""
        known = self.found.get(key)
        if known is None or not known.holds(snapshot, now):
            return None
        self.found.move_to_end(key)
        return known

    def landed(self, place: tuple[bytes, str], flight: asyncio.Future[Remembered]) -> None:
        """A sign-in has ended; whoever waits for it has its result, or its refusal."""
        del self.flights[place]
        if not flight.cancelled() and isinstance(flight.exception(), NotAuthenticated):
            self.found.pop(place[0], None)  # nothing more is read for them ahead

    def latest(self, key: bytes) -> Remembered | None:
        """What was remembered last under a :func:`digest`, whether it still holds or not."""
        return self.found.get(key)

    async def anew(self, key: bytes, caller: Caller, snapshot: str) -> Remembered:
        """Sign in; ``snapshot`` was taken before, so what is read now is at least as new."""
        latest = self.found.get(key)
        expected = ANONYMOUS if latest is None else latest.actor
        now, signed_in, reader, policy = await self.operations.admit(caller, expected)
        today = now.astimezone(COUNTRY_TIME).date()
        midnight = datetime.combine(today + timedelta(days=1), time.min, COUNTRY_TIME)
        made = Remembered(
            snapshot=snapshot,
            today=today,
            until=min(signed_in.expires_at, midnight.astimezone(UTC), now + RENEWED),
            actor=signed_in.actor,
            reader=reader,
            policy=policy,
        )
        self.found[key] = made
        self.found.move_to_end(key)
        if len(self.found) > REMEMBERED:
            self.found.popitem(last=False)
        return made


def digest(authorization: str | None) -> bytes:
    if authorization is None:
        return b""  # and an empty one is no proof of anything
    return hashlib.sha256(authorization.encode()).digest()
