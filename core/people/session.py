"""Sessions: what a browser holds that signed in by an invitation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import (
    ForeignKey,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.lookup import Lookup, Source
from core.db.types import UtcDateTime
from core.errors import PRODUCT_DEFAULT, NotAuthenticated, RuleRefused
from core.people.account import Account, manageable_account
from core.people.person import Person, place_of
from core.rows import Lock, find
from core.tokens import new_token, token_hash
from core.work import RuleSettings, Work

SEEN_EVERY = timedelta(minutes=5)
"""How exactly ``last_seen_at`` is kept: noting every request would be a write each."""


class SignInSession(Base):
    """A browser that is signed in; it holds 256 random bits, of which only the hash is kept here.

    It ends at ``expires_at``, when nobody was seen for ``session_idle_minutes``, or when it is
    ended. Every request looks the row up, so that ending counts at once in every process.
    """

    __tablename__ = "sign_in_session"
    __table_args__ = (UniqueConstraint("hash"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


async def begin_session(work: Work, account: Account, person: Person) -> tuple[SignInSession, str]:
    """Let a browser in; the session, and what the browser holds, shown this once."""
    text, kept = new_token()
    session = SignInSession(
        account_id=account.id,
        hash=kept,
        created_at=work.now,
        last_seen_at=work.now,
        expires_at=work.now + timedelta(hours=work.rules.session_hours),
    )
    work.session.add(session)
    await work.session.flush()
    after = {"accountId": account.id, "expiresAt": session.expires_at.isoformat()}
    work.record("signedIn", session, node_id=await place_of(work, person), after=after)
    return session, text


class LiveSession(NamedTuple):
    """A session that has not ended."""

    id: int
    account_id: int
    last_seen_at: datetime
    expires_at: datetime


NOT_ENDED = select(
    SignInSession.id,
    SignInSession.account_id,
    SignInSession.last_seen_at,
    SignInSession.expires_at,
).where(SignInSession.ended_at.is_(None))
BY_KEY = Lookup(NOT_ENDED.where(SignInSession.id == bindparam("key")))
BY_HASH = Lookup(NOT_ENDED.where(SignInSession.hash == bindparam("hash")))


async def live_session(
    source: Source, rules: RuleSettings, now: datetime, *, text: str = "", key: int = 0
) -> LiveSession:
    """The session a browser holds, or the one of this key, unless it has ended.

    Raises :class:`~core.errors.NotAuthenticated`, always the same.
    """
    if key:
        rows = await BY_KEY.rows(source, key=key)
    else:
        rows = await BY_HASH.rows(source, hash=token_hash(text))
    idle = timedelta(minutes=rules.session_idle_minutes)
    for row in rows:
        found = LiveSession(*row)
        if now < found.expires_at and now < found.last_seen_at + idle:
            return found
    raise NotAuthenticated


async def note_seen(session: AsyncSession, key: int, now: datetime) -> None:
    """Note that somebody was seen in a session, if that was not noted just now."""
    await session.execute(
        update(SignInSession)
        .where(SignInSession.id == key, SignInSession.last_seen_at <= now - SEEN_EVERY)
        .values(last_seen_at=now)
    )


async def forget_sessions(session: AsyncSession, before: datetime) -> int:
    """Delete sessions that ended, or would have, before a moment; how many."""
    over = func.coalesce(SignInSession.ended_at, SignInSession.expires_at) < before
    gone = await session.execute(delete(SignInSession).where(over).returning(SignInSession.id))
    return len(gone.all())


async def end_session(work: Work, session_id: int) -> SignInSession:
    """End a session at once: one of one's own, or one of an account one may manage.

    Raises ``SESSION_ENDED`` when it has ended already.
    """
    found = await find(work.session, SignInSession, session_id, field="sessionId", lock=Lock.UPDATE)
    if found.account_id == work.actor.account_id:
        account = await work.session.get_one(Account, found.account_id)
        person = await work.session.get_one(Person, account.person_id)
    else:
        _, person = await manageable_account(work, found.account_id)
    if found.ended_at is not None:
        raise RuleRefused("SESSION_ENDED", clause=PRODUCT_DEFAULT, field="sessionId")
    found.ended_at = work.now
    await work.session.flush()
    work.record(
        "sessionEnded",
        found,
        node_id=await place_of(work, person),
        before={"ended": False},
        after={"ended": True},
    )
    return found
