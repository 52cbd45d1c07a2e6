"""Versions of the policy: what administrators changed, whole, as of each publication."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.authority.policies.change import Change
from core.db.base import Base, Key
from core.db.lookup import Lookup, Source
from core.db.types import UtcDateTime

POLICY = 0x5A484F4250
"""The advisory lock under which one publication follows the other."""


class PolicyVersion(Base):
    """One publication. ``number`` counts from 1; version 0 is the code without any change.

    ``restores`` is the number of the version whose content was published anew, ``region_id`` the
    region to which a regional administrator's publication was confined.
    """

    __tablename__ = "policy_version"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    reason: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"), index=True)
    restores: Mapped[int | None]
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PolicyChange(Base):
    """One change of a version or of a draft; see :class:`~core.authority.policies.change.Change`.

    Its parts are plain texts: what a draft holds need not mean anything yet, and what a version
    holds may have lost its meaning with an upgrade.
    """

    __tablename__ = "policy_change"
    __table_args__ = (
        CheckConstraint("(version_id IS NULL) <> (draft_id IS NULL)", name="one_home"),
        Index("ix_policy_change_version_id_position", "version_id", "position"),
        Index("ix_policy_change_draft_id_position", "draft_id", "position"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("policy_version.id"))
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("policy_draft.id"))
    position: Mapped[int]
    act: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    relation: Mapped[str] = mapped_column(Text)
    condition: Mapped[str] = mapped_column(Text)
    effect: Mapped[str] = mapped_column(Text)
    by_region: Mapped[bool]
    base: Mapped[str] = mapped_column(Text)


HEAD = Lookup(select(func.max(PolicyVersion.number)))


async def head_number(source: Source) -> int:
    """The number of the version in force; 0 before the first publication."""
    ((number,),) = await HEAD.rows(source)
    return number or 0


async def hold_head(session: AsyncSession) -> int:
    """The same, and nobody publishes until the unit of work ends."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(POLICY)))
    return await head_number(session)


async def changes_of_version(session: AsyncSession, number: int) -> list[Change]:
    """The changes of a version in their order; none for version 0 or one there is not."""
    rows = await session.scalars(
        select(PolicyChange)
        .join(PolicyVersion, PolicyVersion.id == PolicyChange.version_id)
        .where(PolicyVersion.number == number)
        .order_by(PolicyChange.position)
    )
    return [change_of(row) for row in rows]


async def changes_of_draft(session: AsyncSession, draft_id: int) -> list[Change]:
    """The changes of a draft in their order."""
    rows = await session.scalars(
        select(PolicyChange)
        .where(PolicyChange.draft_id == draft_id)
        .order_by(PolicyChange.position)
    )
    return [change_of(row) for row in rows]


def change_of(row: PolicyChange) -> Change:
    return Change(
        act=row.act,
        rule=row.rule,
        region=row.region,
        role=row.role,
        action=row.action,
        relation=row.relation,
        condition=row.condition,
        effect=row.effect,
        by_region=row.by_region,
        base=row.base,
        line=row.position,
    )


def rows_of(
    changes: Sequence[Change], *, version_id: int | None = None, draft_id: int | None = None
) -> list[dict[str, object]]:
    """The rows of changes, in their order, in one home."""
    return [
        {
            "version_id": version_id,
            "draft_id": draft_id,
            "position": position,
            "act": change.act,
            "rule": change.rule,
            "region": change.region,
            "role": change.role,
            "action": change.action,
            "relation": change.relation,
            "condition": change.condition,
            "effect": change.effect,
            "by_region": change.by_region,
            "base": change.base,
        }
        for position, change in enumerate(changes, 1)
    ]
