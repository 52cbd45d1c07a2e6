"""Who a proven identity is: from the token's subject or a service key to the actor.

Nothing here reads a token; :mod:`zhoba.sign_in` does, and asks for the actor behind it. Every way
in ends at an account, and an account that is locked or whose person is archived lets nobody in.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from core.db.lookup import Lookup, Source
from core.errors import NotAuthenticated
from core.people.account import Account, Identity
from core.people.person import Person
from core.people.service_key import ServiceKey, hash_key, prefix_of
from core.work import Actor

OPEN = (
    select(Account.id, Account.person_id, Account.label)
    .join(Person, Person.id == Account.person_id)
    .where(Account.locked_at.is_(None), Person.archived_on.is_(None))
)
"""Open accounts of persons who are not archived."""

BY_KEY = Lookup(OPEN.where(Account.id == bindparam("account_id")))
BY_IDENTITY = Lookup(
    OPEN.join(Identity, Identity.account_id == Account.id).where(
        Identity.issuer == bindparam("issuer"), Identity.subject == bindparam("subject")
    )
)
SERVICE_KEY = Lookup(
    select(
        ServiceKey.account_id,
        ServiceKey.hash,
        ServiceKey.revoked_at,
        ServiceKey.expires_on,
        ServiceKey.scopes,
    ).where(ServiceKey.prefix == bindparam("prefix"))
)


async def actor_of_identity(source: Source, issuer: str, subject: str) -> Actor:
    """The actor behind a subject at an issuer.

    Raises :class:`~core.errors.NotAuthenticated` when no open account has this identity.
    """
    return only(await BY_IDENTITY.rows(source, issuer=issuer, subject=subject))


async def actor_of_account(source: Source, account_id: int) -> Actor:
    """The actor of an account; raises :class:`~core.errors.NotAuthenticated` unless it is open."""
    return only(await BY_KEY.rows(source, account_id=account_id))


async def actor_of_service_key(source: Source, key: str, today: date) -> Actor:
    """The actor behind a service key, limited to the key's scopes.

    Raises :class:`~core.errors.NotAuthenticated` for a key that is unknown, revoked or expired. A
    key is good up to and including its last day.
    """
    found = await SERVICE_KEY.rows(source, prefix=prefix_of(key))
    account_id, kept, revoked_at, expires_on, scopes = found[0] if found else UNKNOWN
    # Compared even when the prefix is unknown, so that the answer takes as long.
    same = hmac.compare_digest(hash_key(key), kept)
    if not found or not same or revoked_at is not None or expires_on < today:
        raise NotAuthenticated
    rows = await BY_KEY.rows(source, account_id=account_id)
    return only(rows, frozenset(scopes))


UNKNOWN = (0, hash_key(""), None, date.min, ())
"""What stands for the row of a key that nobody made."""


def only(rows: Sequence[Any], scopes: frozenset[str] | None = None) -> Actor:
    """The actor of the one account found; raises :class:`~core.errors.NotAuthenticated` without."""
    if not rows:
        raise NotAuthenticated
    ((account_id, person_id, label),) = rows
    return Actor(person_id=person_id, account_id=account_id, scopes=scopes, label=label)
