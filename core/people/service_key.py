"""Keys of external information systems."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import JSON_VALUE, UtcDateTime
from core.errors import PRODUCT_DEFAULT, InvalidInput, RuleRefused
from core.people.account import AccountKind, create_account, manageable_account
from core.people.person import place_of
from core.rows import Lock, find
from core.work import Work

MARK = "zsk_"
"""How a service key is told from a token, by people and by secret scanners."""

LONGEST = timedelta(days=366)
"""A key is good for a year at most. Product default."""

SCOPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


class ServiceKey(Base):
    """256 random bits, of which only the SHA-256 and a prefix to recognise it are kept.

    ``scopes`` are the actions it may use, out of those its owner holds.
    """

    __tablename__ = "service_key"
    __table_args__ = (UniqueConstraint("hash"), UniqueConstraint("prefix"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    prefix: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(JSON_VALUE)
    expires_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


async def create_service_key(
    work: Work, owner_id: int, *, label: str, scopes: list[str], expires_on: date
) -> tuple[ServiceKey, str]:
    """Make an account for an information system, and its key; the text is shown this once.

    ``owner_id`` is the person whose authority the system uses, limited to ``scopes``. Raises
    ``SERVICE_KEY_SCOPES`` when there is none or one looks like no action,
    ``SERVICE_KEY_SCOPE_UNKNOWN`` when nothing defines one, and ``SERVICE_KEY_EXPIRY`` unless the
    last day lies between today and :data:`LONGEST` from now.
    """
    account = await create_account(work, owner_id, label=label, kind=AccountKind.SYSTEM)
    _, owner = await manageable_account(work, account.id)
    if not scopes or not all(SCOPE.fullmatch(scope) for scope in scopes):
        raise InvalidInput("SERVICE_KEY_SCOPES", field="scopes")
    actions: frozenset[str] | None = getattr(work.authority, "actions", None)
    if actions is not None and (unknown := sorted(set(scopes) - actions)):
        raise InvalidInput(
            "SERVICE_KEY_SCOPE_UNKNOWN",
            field="scopes",
            scopes=[each[:100] for each in unknown[:10]],
        )
    if not work.today <= expires_on <= work.today + LONGEST:
        raise RuleRefused(
            "SERVICE_KEY_EXPIRY",
            clause=PRODUCT_DEFAULT,
            field="expiresOn",
            days=LONGEST.days,
        )
    text = f"{MARK}{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
    key = ServiceKey(
        account_id=account.id,
        prefix=prefix_of(text),
        hash=hash_key(text),
        scopes=sorted(set(scopes)),
        expires_on=expires_on,
        created_at=work.now,
    )
    work.session.add(key)
    await work.session.flush()
    after = {"prefix": key.prefix, "scopes": key.scopes, "expiresOn": expires_on.isoformat()}
    work.record("serviceKeyCreated", key, node_id=await place_of(work, owner), after=after)
    return key, text


async def revoke_service_key(work: Work, key_id: int) -> ServiceKey:
    """End a service key at once; raises ``SERVICE_KEY_REVOKED`` when it has ended already."""
    key = await find(work.session, ServiceKey, key_id, field="serviceKeyId", lock=Lock.UPDATE)
    _, owner = await manageable_account(work, key.account_id)
    if key.revoked_at is not None:
        raise RuleRefused("SERVICE_KEY_REVOKED", clause=PRODUCT_DEFAULT, field="serviceKeyId")
    key.revoked_at = work.now
    await work.session.flush()
    work.record(
        "serviceKeyRevoked",
        key,
        node_id=await place_of(work, owner),
        before={"revoked": False},
        after={"revoked": True},
    )
    return key


def prefix_of(text: str) -> str:
    """The part of a key that recognises it without proving anything."""
    return text.removeprefix(MARK).partition("_")[0]


def hash_key(text: str) -> str:
    """What of a key is stored. The key is random, so a plain hash cannot be guessed back."""
    return hashlib.sha256(text.encode()).hexdigest()
