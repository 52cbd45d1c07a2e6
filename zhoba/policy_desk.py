"""What the operator works with on the policy: the rules of the installation, the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

import core.models  # noqa: F401 - the tables must know each other before a row is written
from core.authority.policies.change import Change
from core.authority.policies.effective import Ground
from core.authority.policies.ground import PolicyOperator, region_codes
from core.authority.policies.policy_version import changes_of_version, head_number
from core.authority.policies.problem import Problem
from core.db.engine import Database
from core.transaction import transact
from core.work import OPERATOR, Work
from zhoba.host.installation import Installation
from zhoba.host.loading import load_for_database, load_installation
from zhoba.settings import Settings
from zhoba.terminal import opened, say, settings_of


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
        return told(self.installation, found)


def told(installation: Installation, found: Problem) -> str:
    return installation.messages.text(found.code, "en", found.params)


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    settings = settings_of()
    installation = await load_for_database(settings.database, only=settings.plugins)
    async with opened(settings) as database:
        yield Desk(settings, installation, database)


@dataclass(frozen=True, slots=True)
class AtHand:
    """The rules to ask, and the codes of the regions there are (none: no database says)."""

    installation: Installation
    ground: Ground
    in_force: Sequence[Change]
    regions: frozenset[str] | None

    def told(self, found: Problem) -> str:
        """The sentence of a problem."""
        return told(self.installation, found)


async def rules_at_hand() -> AtHand:
    """The rules in force in the database; those of the program where there is none, or one
    without tables."""
    settings = settings_of()
    place = make_url(settings.database)
    if place.get_backend_name() != "sqlite" or Path(place.database or "").exists():
        try:
            async with desk() as at, at.database.reading_session() as session:
                in_force = await changes_of_version(session, await head_number(session))
                codes = await region_codes(session)
                return AtHand(at.installation, at.ground, in_force, codes)
        except (DBAPIError, OSError):
            pass
    say.print("There is no database with tables: the rules are those of the program.")
    installation = load_installation(only=settings.plugins)
    return AtHand(installation, installation.ground(settings.rules().profile), (), None)
