"""The set of rules in force, followed from version to version.

Nobody notifies anybody: whoever asks reads the number of the version in force in the transaction or
statement that needs it, and gets the set of that very version. A set is made aside, once, while
others wait for it; nobody ever sees half of one, or an old one after the new number.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.policies.effective import Ground
from core.authority.policies.policy_version import changes_of_version, head_number
from core.authority.policy import PolicySet
from core.db.engine import Database

KEPT = 4
"""Sets kept: the one in force, and those that operations under way still use."""


@dataclass
class LivePolicies:
    """The sets of one process. ``ground`` is what its release and plugins bring."""

    ground: Ground
    _sets: OrderedDict[int, PolicySet] = field(default_factory=OrderedDict)
    _making: dict[int, asyncio.Lock] = field(default_factory=dict)

    async def current(self, session: AsyncSession) -> tuple[int, PolicySet]:
        """The number of the version in force, as this session sees it, and its set."""
        number = await head_number(session)
        return number, await self.of(session, number)

    async def numbered(self, number: int, database: Database) -> PolicySet:
        """The set of one version; the database is asked only for one that was not met."""
        if number in self._sets:
            return self._used(number)
        async with database.reading_session() as session:
            return await self.of(session, number)

    async def of(self, session: AsyncSession, number: int) -> PolicySet:
        """The set of one version. What the database holds was checked when it was published, and
        loads whatever a release has done to it since."""
        if number not in self._sets:
            async with self._making.setdefault(number, asyncio.Lock()):
                if number not in self._sets:
                    changes = await changes_of_version(session, number)
                    # In a thread: making a set takes long enough for other requests to notice.
                    self._sets[number] = await asyncio.to_thread(self.ground.policy, changes)
            self._making.pop(number, None)
        return self._used(number)

    def _used(self, number: int) -> PolicySet:
        """A set that is at hand; those not used for longest make room."""
        self._sets.move_to_end(number)
        found = self._sets[number]
        while len(self._sets) > KEPT:
            self._sets.popitem(last=False)
        return found

    async def warm(self, database: Database) -> None:
        """Make the set in force before anybody asks, if the database is there and has tables."""
        try:
            async with database.reading_session() as session:
                await self.current(session)
        except (DBAPIError, OSError):
            return
