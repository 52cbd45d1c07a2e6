"""One unit of work: the session, who acts, when, and by which authority.

Every verb takes a :class:`Work` first. A verb never commits, never reads the clock, and never asks
who is signed in: all of that is here.
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotAllowed, NotFound, PlatformError
from core.sealing import Seal

COUNTRY_TIME = ZoneInfo("Asia/Almaty")
"""Days of the Rules are days of this zone."""


class Profile(enum.Enum):
    """Which edition of the Rules binds; a setting of the installation."""

    R2023 = "2023"
    R2021 = "2021"


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """Where the Rules leave a choice. Every default below is a product default."""

    profile: Profile = Profile.R2023
    retention_years: int = 10
    upload_minutes: int = 15
    download_seconds: int = 300
    invitation_hours: int = 72
    session_idle_minutes: int = 60
    session_hours: int = 12


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. Anonymous has neither person nor account.

    ``scopes`` limit a service key to these actions; ``None`` means no limit of that kind.
    """

    person_id: int | None = None
    account_id: int | None = None
    scopes: frozenset[str] | None = None
    label: str = "anonymous"

    @property
    def is_anonymous(self) -> bool:
        return self.account_id is None and self.person_id is None


ANONYMOUS = Actor()


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to "may this actor do this here?" and the role and rule that gave it.

    ``acting`` says that the role is held as somebody's substitute.
    """

    allowed: bool
    action: str
    role: str | None = None
    rule: str | None = None
    appointment_id: int | None = None
    acting: bool = False

    @property
    def acting_as(self) -> str | None:
        """The role as the audit log names it; in a substitute's with "(acting)" behind it."""
        return f"{self.role} (acting)" if self.acting else self.role


@dataclass(frozen=True, slots=True)
class Denial:
    """What was denied where, for the decision log; ``rule`` is the one that denied it, if any."""

    action: str
    node_id: int
    outcome: str
    rule: str | None = None


Refusal = TypeVar("Refusal", bound=PlatformError)


def denied(refusal: Refusal, denial: Denial) -> Refusal:
    """The refusal, with what it denies."""
    refusal.denial = denial
    return refusal


class Authority(Protocol):
    """What a unit of work asks; the real one is :class:`core.authority.policy.PolicySet`."""

    @property
    def version(self) -> str:
        """Changes whenever the same question could get another answer."""

    async def check(self, work: Work, action: str, node_id: int) -> Decision:
        """May ``work.actor`` do ``action`` at this node?"""

    async def sees(self, work: Work, node_id: int) -> bool:
        """May ``work.actor`` see that this node exists?"""


class OperatorAuthority:
    """The operator at the machine: allowed everything, recorded as ``operator``.

    For the command line only (``zhoba admin grant``, demo data, imports run on the machine).
    ``catalogue`` is that of the installation, where its plugins have roles the operator gives.
    """

    version = "operator"

    def __init__(self, catalogue: object = None) -> None:
        self.catalogue = catalogue

    async def check(self, work: Work, action: str, node_id: int) -> Decision:
        return Decision(True, action, role="operator", rule="operator")

    async def sees(self, work: Work, node_id: int) -> bool:
        return True


OPERATOR = Actor(label="operator")


@dataclass(frozen=True, slots=True)
class Caution:
    """Something the Rules ask for that does not stop the act; shown beside its result."""

    code: str
    clause: str
    params: dict[str, Any]


@dataclass(slots=True)
class Entry:
    """One act to be written to the audit log and announced, when the unit of work ends."""

    act: str
    subject: str
    subject_id: int
    node_id: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    clause: str | None
    acting_as: str | None


class Gate(Protocol):
    """Where a unit of work may happen at all: for a plugin's act, where the plugin is on.

    The real one is :class:`core.plugins.gate.PluginGate`.
    """

    async def look_up(self, session: AsyncSession, node_ids: Collection[int]) -> None:
        """Prepare for being asked about these nodes."""

    async def is_open(self, session: AsyncSession, node_id: int) -> bool:
        """Whether it may happen at this node."""

    async def require(
        self, session: AsyncSession, node_id: int, *, field: str | None = None
    ) -> None:
        """Raise unless it may happen at this node."""


@dataclass(slots=True)
class Work:
    """``gate`` limits a plugin's act to where the plugin is on; ``host``, a
    :class:`core.plugins.host.Host`, knows the plugins that run; ``files``, a
    :class:`core.files.store.FileStore`, holds the bytes of files; ``handled`` entries were told
    to their handlers; ``seal`` encrypts personal data."""

    session: AsyncSession
    actor: Actor
    now: datetime
    authority: Authority
    rules: RuleSettings = RuleSettings()
    correlation_id: str = "-"
    warnings: list[Caution] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    handled: int = 0
    acting_as: str | None = None
    decisions: dict[tuple[str, int], Decision] = field(default_factory=dict)
    host: object = None
    files: object = None
    gate: Gate | None = None
    seal: Seal | None = None

    @property
    def today(self) -> date:
        """The day it is in the country, on which appointments hold or do not."""
        return self.now.astimezone(COUNTRY_TIME).date()

    async def may(self, action: str, node_id: int) -> Decision:
        """The decision; ``decisions`` keeps the authority's last one of each kind.

        Asked anew every time: what this unit of work has written counts. Nothing is allowed where
        the gate is shut.
        """
        decision = await self.authority.check(self, action, node_id)
        self.decisions[action, node_id] = decision
        if decision.allowed and self.gate and not await self.gate.is_open(self.session, node_id):
            return replace(decision, allowed=False)
        return decision

    async def require(self, action: str, node_id: int, *, field: str | None = None) -> Decision:
        """Raise unless the actor may; what the actor may not even see does not exist.

        Raises :class:`~core.errors.NotFound` for a node hidden from the actor, what the gate says
        of one it sees where the gate is shut, and :class:`~core.errors.NotAllowed` for others.
        """
        decision = await self.may(action, node_id)
        if not decision.allowed:
            granted = self.decisions[action, node_id].allowed
            denial = Denial(action, node_id, "FORBIDDEN", decision.rule)
            if not granted and not await self.authority.sees(self, node_id):
                raise denied(NotFound(field), replace(denial, outcome="NOT_FOUND"))
            if self.gate is not None:
                await self.gate.require(self.session, node_id, field=field)
            raise denied(NotAllowed(action), denial)
        self.acting_as = decision.acting_as
        return decision

    def warn(self, code: str, *, clause: str, **params: Any) -> None:
        """Note something the caller should know and the Rules do not forbid."""
        self.warnings.append(Caution(code, clause, params))

    def record(
        self,
        act: str,
        subject: object,
        *,
        node_id: int | None = None,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        clause: str | None = None,
    ) -> None:
        """Enter an act into the audit log and the outbox. Call it once per changed row, last.

        ``subject`` is the changed ORM row with its key already assigned (flush first);
        ``before`` and ``after`` hold the changed columns only, personal ones as ``"changed"``.
        """
        subject_id: int = getattr(subject, "id")  # noqa: B009 - every subject has a surrogate key
        self.entries.append(
            Entry(
                act=act,
                subject=type(subject).__name__,
                subject_id=subject_id,
                node_id=node_id,
                before=before,
                after=after,
                clause=clause,
                acting_as=self.acting_as,
            )
        )
