"""What the operator works with on the policy: the rules of the installation, the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import core.models  # noqa: F401 - the tables must know each other before a row is written
from core.authority.policies.effective import Ground
from core.authority.policies.ground import PolicyOperator
from core.authority.policies.problem import Problem
from core.db.engine import Database
from core.transaction import transact
from core.work import OPERATOR, Work
from zhoba.host.installation import Installation
from zhoba.host.loading import load_for_database
from zhoba.settings import Settings
from zhoba.terminal import opened, settings_of


@dataclass(frozen=True, slots=True)
class Desk:
    """What the operator works with."""

    settings: Settings
    installation: Installation
    database: Database

    @property
    def ground(self) -> Ground:
        return self.installation.ground(self.settings.rules().profile)

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """A unit of work of the operator."""
        async with transact(
            self.database,
            actor=OPERATOR,
            authority=PolicyOperator(self.installation.catalogue, self.installation.conditions),
            now=datetime.now(UTC),
            rules=self.settings.rules(),
        ) as work:
            yield work

    def told(self, found: Problem) -> str:
        """The sentence of a problem."""
        return self.installation.messages.text(found.code, "en", found.params)


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    settings = settings_of()
    installation = await load_for_database(settings.database, only=settings.plugins)
    async with opened(settings) as database:
        yield Desk(settings, installation, database)
