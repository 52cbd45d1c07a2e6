"""The door: an ``Authorization`` header in, an actor out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from joserfc.jwk import KeySet
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotAuthenticated
from core.people.service_key import MARK
from core.people.sign_in import actor_of_account, actor_of_identity, actor_of_service_key
from core.work import ANONYMOUS, COUNTRY_TIME, Actor
from zhoba.settings import Settings
from zhoba.sign_in.keys import FixedKeys, Keys, PublishedKeys, own_key
from zhoba.sign_in.tokens import (
    DEMO_ISSUER,
    DEMO_LIFE,
    OWN_ALGORITHM,
    TrustedIssuer,
    issue,
    verify,
)

FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks, and until when the proof holds."""

    actor: Actor
    expires_at: datetime


NOBODY = SignedIn(ANONYMOUS, FOREVER)


class Door:
    """Knows whom this installation believes. Open it once; it keeps keys, never people."""

    def __init__(
        self, issuers: dict[str, TrustedIssuer], client: httpx.AsyncClient | None = None
    ) -> None:
        self.issuers = issuers
        self.client = client

    @classmethod
    def build(cls, settings: Settings) -> Door:
        """The door of an installation; makes its signing keys at the first start."""
        published = any(chosen.jwks.startswith("https://") for chosen in settings.issuers)
        client = httpx.AsyncClient() if published else None
        own = own_issuers(settings)
        foreign = [
            TrustedIssuer(
                name=chosen.issuer,
                audience=chosen.audience,
                algorithms=chosen.algorithms,
                keys=foreign_keys(chosen.jwks, client),
                longest=timedelta(seconds=chosen.longest_seconds),
            )
            for chosen in settings.issuers
        ]
        issuers = {issuer.name: issuer for issuer in [*foreign, *own]}
        if len(issuers) != len(foreign) + len(own):
            raise ValueError("two issuers of sign-in tokens have the same name")
        return cls(issuers, client)

    async def close(self) -> None:
        if self.client is not None:
            await self.client.aclose()

    async def admit(
        self, session: AsyncSession, authorization: str | None, now: datetime
    ) -> SignedIn:
        """Who sends this header; nobody in particular when there is none.

        Raises :class:`~core.errors.NotAuthenticated` for a header that proves nothing: a bad token
        is not the same as no token.
        """
        if authorization is None:
            return NOBODY
        scheme, _, credential = authorization.partition(" ")
        credential = credential.strip()
        if scheme.lower() != "bearer" or not credential:
            raise NotAuthenticated
        if credential.startswith(MARK):
            today = now.astimezone(COUNTRY_TIME).date()
            return SignedIn(await actor_of_service_key(session, credential, today), FOREVER)
        proof = await verify(credential, self.issuers, now)
        if proof.issuer.own:
            actor = await actor_of_account(session, account_key(proof.subject))
        else:
            actor = await actor_of_identity(session, proof.issuer.name, proof.subject)
        return SignedIn(actor, proof.expires_at)


def own_issuers(settings: Settings) -> list[TrustedIssuer]:
    """The installation's own issuer, and the demo's only while the demo is on."""
    lives = {settings.token_issuer: timedelta(minutes=settings.token_minutes)}
    if settings.demo:
        lives[DEMO_ISSUER] = DEMO_LIFE
    return [
        TrustedIssuer(
            name=name,
            audience=settings.token_audience,
            algorithms=(OWN_ALGORITHM,),
            keys=FixedKeys(KeySet([own_key(key_file(settings, name))])),
            longest=life,
            own=True,
        )
        for name, life in lives.items()
    ]


def key_file(settings: Settings, issuer: str) -> Path:
    """Where an own issuer's signing key lies."""
    name = "demo-signing-key.json" if issuer == DEMO_ISSUER else "signing-key.json"
    return settings.data_dir / name


def foreign_keys(place: str, client: httpx.AsyncClient | None) -> Keys:
    if client is not None and place.startswith("https://"):
        return PublishedKeys(place, client)
    return FixedKeys.read(Path(place))


def own_token(settings: Settings, account_id: int, now: datetime) -> str:
    """A token for an account: the demo's for twelve hours while the demo is on, else short."""
    name = DEMO_ISSUER if settings.demo else settings.token_issuer
    return issue(
        own_key(key_file(settings, name)),
        issuer=name,
        audience=settings.token_audience,
        account_id=account_id,
        now=now,
        life=DEMO_LIFE if settings.demo else timedelta(minutes=settings.token_minutes),
    )


def account_key(subject: str) -> int:
    """The account a token of ours names.

    Raises :class:`~core.errors.NotAuthenticated` when it names none.
    """
    kind, _, key = subject.partition(":")
    if kind != "Account" or not key.isascii() or not key.isdigit() or len(key) > 18:
        raise NotAuthenticated
    return int(key)
