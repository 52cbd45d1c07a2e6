"""Who a proven identity is: from the token's subject or a service key to the actor.

Nothing here reads a token; :mod:`zhoba.sign_in` does, and asks for the actor behind it. Every way
in ends at an account, and an account that is locked or whose person is archived lets nobody in.
"""

from __future__ import annotations

import hmac
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotAuthenticated
from core.people.account import Account, Identity
from core.people.person import Person
from core.people.service_key import ServiceKey, hash_key, prefix_of
from core.work import Actor


async def actor_of_identity(session: AsyncSession, issuer: str, subject: str) -> Actor:
    """The actor behind a subject at an issuer.

    Raises :class:`~core.errors.NotAuthenticated` when no open account has this identity.
    """
    return await open_account(
        session,
        accounts()
        .join(Identity, Identity.account_id == Account.id)
        .where(Identity.issuer == issuer, Identity.subject == subject),
    )


async def actor_of_account(session: AsyncSession, account_id: int) -> Actor:
    """The actor of an account; raises :class:`~core.errors.NotAuthenticated` unless it is open."""
    return await open_account(session, accounts().where(Account.id == account_id))


async def actor_of_service_key(session: AsyncSession, key: str, today: date) -> Actor:
    """The actor behind a service key, limited to the key's scopes.

    Raises :class:`~core.errors.NotAuthenticated` for a key that is unknown, revoked or expired. A
    key is good up to and including its last day.
    """
    prefix = prefix_of(key)
    found = await session.scalar(select(ServiceKey).where(ServiceKey.prefix == prefix))
    # Compared even when the prefix is unknown, so that the answer takes as long.
    same = hmac.compare_digest(hash_key(key), found.hash if found else hash_key(""))
    if found is None or not same or found.revoked_at is not None or found.expires_on < today:
        raise NotAuthenticated
    return await open_account(
        session, accounts().where(Account.id == found.account_id), frozenset(found.scopes)
    )


def accounts() -> Select[int, int, str]:
    """Open accounts of persons who are not archived."""
    return (
        select(Account.id, Account.person_id, Account.label)
        .join(Person, Person.id == Account.person_id)
        .where(Account.locked_at.is_(None), Person.archived_on.is_(None))
    )


async def open_account(
    session: AsyncSession,
    query: Select[int, int, str],
    scopes: frozenset[str] | None = None,
) -> Actor:
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotAuthenticated
    account_id, person_id, label = row
    return Actor(person_id=person_id, account_id=account_id, scopes=scopes, label=label)
