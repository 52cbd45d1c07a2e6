"""Attempts to sign in that failed: counted, so that nobody goes on guessing."""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import Text, UniqueConstraint, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.engine import Database
from core.db.types import UtcDateTime
from core.errors import InvalidInput

WINDOW = timedelta(minutes=10)
MOST_OF_ONE = 10
"""Failed attempts from one address within :data:`WINDOW`. Product default."""

MOST_OF_ALL = 1000
"""Failed attempts from everywhere; beyond, who failed once does not try again. Product default."""

EVERYBODY = "*"


class SignInAttempt(Base):
    """How often it failed from one address, or from all, within one window of time."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (UniqueConstraint("began_at", "origin"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    origin: Mapped[str] = mapped_column(Text)
    failures: Mapped[int]


def origin_of(address: str) -> str:
    """What stands for an address: not the address itself; one of IPv6 by its network of 64 bits."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        network = address
    else:
        bits = 64 if parsed.version == 6 else 32
        network = str(ipaddress.ip_network((parsed, bits), strict=False))
    return hashlib.sha256(network.encode()).hexdigest()[:32]


def window_of(now: datetime) -> datetime:
    """When the window of this moment began."""
    return now - timedelta(seconds=now.timestamp() % WINDOW.total_seconds())


async def require_patience(session: AsyncSession, address: str, now: datetime) -> None:
    """Raise ``TOO_MANY_ATTEMPTS`` for who failed too often, here or with many others."""
    rows = await session.execute(
        select(SignInAttempt.origin, func.sum(SignInAttempt.failures))
        .where(
            SignInAttempt.began_at >= window_of(now),
            SignInAttempt.origin.in_((EVERYBODY, origin_of(address))),
        )
        .group_by(SignInAttempt.origin)
    )
    failures = {origin: int(count) for origin, count in rows}
    mine, all_of_us = failures.get(origin_of(address), 0), failures.get(EVERYBODY, 0)
    if mine >= MOST_OF_ONE or (mine and all_of_us >= MOST_OF_ALL):
        left = window_of(now) + WINDOW - now
        raise InvalidInput("TOO_MANY_ATTEMPTS", seconds=int(left.total_seconds()) + 1)


async def note_failure(database: Database, address: str, now: datetime) -> None:
    """Count a failed attempt."""
    for origin in (EVERYBODY, origin_of(address)):
        try:
            async with database.session() as session, session.begin():
                if not await counted(session, origin, window_of(now)):
                    session.add(SignInAttempt(began_at=window_of(now), origin=origin, failures=1))
        except IntegrityError:  # somebody else failed for the first time at this moment
            async with database.session() as session, session.begin():
                await counted(session, origin, window_of(now))


async def forget_attempts(database: Database, now: datetime) -> None:
    """Forget attempts of a day ago."""
    async with database.session() as session, session.begin():
        old = SignInAttempt.began_at < now - timedelta(days=1)
        await session.execute(delete(SignInAttempt).where(old))


async def counted(session: AsyncSession, origin: str, began_at: datetime) -> bool:
    """Count one more in a row that is there."""
    found = await session.execute(
        update(SignInAttempt)
        .where(SignInAttempt.began_at == began_at, SignInAttempt.origin == origin)
        .values(failures=SignInAttempt.failures + 1)
        .returning(SignInAttempt.id)
    )
    return found.scalar() is not None
