"""The door: an ``Authorization`` header in, an actor out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from joserfc.jwk import KeySet

from core.db.lookup import Source
from core.errors import NotAuthenticated
from core.people.service_key import MARK
from core.people.session import SEEN_EVERY, LiveSession, live_session
from core.people.sign_in import actor_of_account, actor_of_identity, actor_of_service_key
from core.work import ANONYMOUS, COUNTRY_TIME, Actor, RuleSettings
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

SESSION = "Session"
"""Scheme under which the cookie of a browser is handed to the door."""

FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks, and until when the proof holds without being looked at again.

    ``unseen`` is the session in which it is time to note that somebody was seen.
    """

    actor: Actor
    expires_at: datetime
    unseen: int | None = None


SESSION_TOKEN_MINUTES = 5
"""Life of a token made for a session. Product default."""

NOBODY = SignedIn(ANONYMOUS, FOREVER)


class Door:
    """Knows whom this installation believes. Open it once; it keeps keys, never people."""

    def __init__(
        self,
        issuers: dict[str, TrustedIssuer],
        client: httpx.AsyncClient | None = None,
        rules: RuleSettings | None = None,
    ) -> None:
        self.rules = rules or RuleSettings()
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
        return cls(issuers, client, settings.rules())

    async def close(self) -> None:
        if self.client is not None:
            await self.client.aclose()

    async def admit(self, source: Source, authorization: str | None, now: datetime) -> SignedIn:
        """Who sends this header; nobody in particular when there is none.

        Raises :class:`~core.errors.NotAuthenticated` for a header that proves nothing: a bad token
        is not the same as no token.
        """
        if authorization is None:
            return NOBODY
        scheme, _, credential = authorization.partition(" ")
        credential = credential.strip()
        if scheme == SESSION and credential:
            held = await live_session(source, self.rules, now, text=credential)
            return await self.within(source, held, now, FOREVER)
        if scheme.lower() != "bearer" or not credential:
            raise NotAuthenticated
        if credential.startswith(MARK):
            today = now.astimezone(COUNTRY_TIME).date()
            return SignedIn(await actor_of_service_key(source, credential, today), FOREVER)
        proof = await verify(credential, self.issuers, now)
        if proof.session_id is not None:
            held = await live_session(source, self.rules, now, key=proof.session_id)
            if held.account_id != account_key(proof.subject):
                raise NotAuthenticated
            return await self.within(source, held, now, proof.expires_at)
        if proof.issuer.own:
            actor = await actor_of_account(source, account_key(proof.subject))
        else:
            actor = await actor_of_identity(source, proof.issuer.name, proof.subject)
        return SignedIn(actor, proof.expires_at)

    async def within(
        self, source: Source, held: LiveSession, now: datetime, expires_at: datetime
    ) -> SignedIn:
        """Who asks in a session, looked at again in time to note that somebody was seen."""
        actor = await actor_of_account(source, held.account_id)
        unseen = held.last_seen_at + SEEN_EVERY <= now
        again = (now if unseen else held.last_seen_at) + SEEN_EVERY
        return SignedIn(actor, min(again, held.expires_at, expires_at), held.id if unseen else None)


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


def session_token(settings: Settings, session: LiveSession, now: datetime) -> tuple[str, datetime]:
    """A short token for a session, and when it expires; it is good as long as the session."""
    minutes = min(SESSION_TOKEN_MINUTES, settings.token_minutes)
    life = min(timedelta(minutes=minutes), session.expires_at - now)
    token = issue(
        own_key(key_file(settings, settings.token_issuer)),
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        account_id=session.account_id,
        now=now,
        life=life,
        session_id=session.id,
    )
    return token, now + life


def account_key(subject: str) -> int:
    """The account a token of ours names.

    Raises :class:`~core.errors.NotAuthenticated` when it names none.
    """
    kind, _, key = subject.partition(":")
    if kind != "Account" or not key.isascii() or not key.isdigit() or len(key) > 18:
        raise NotAuthenticated
    return int(key)
