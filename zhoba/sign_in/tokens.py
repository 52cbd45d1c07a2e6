"""Signed bearer tokens: which are good, and what they prove."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

from core.errors import NotAuthenticated
from zhoba.sign_in.keys import Keys

LEEWAY_SECONDS = 30
"""How far clocks of issuers may be off."""

LONGEST_TOKEN = 8000
"""Characters of a token; longer ones are not looked into."""

KINDS = frozenset({None, "JWT", "jwt", "at+jwt", "application/at+jwt"})
"""What ``typ`` may say; other kinds of signed objects are not sign-in tokens."""

Text = (str, type(None))

DEMO_ISSUER = "zhoba:demo"
DEMO_LIFE = timedelta(hours=12)
OWN_ALGORITHM = "Ed25519"


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An issuer whose tokens are believed: signed by its keys, for our audience, not too long.

    ``own`` marks issuers of this installation, whose subjects name accounts directly.
    """

    name: str
    audience: str
    algorithms: tuple[str, ...]
    keys: Keys
    longest: timedelta
    own: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """What a good token proves; ``session_id`` is the session one of ours was made for."""

    issuer: TrustedIssuer
    subject: str
    expires_at: datetime
    session_id: int | None = None


async def verify(token: str, issuers: dict[str, TrustedIssuer], now: datetime) -> Proof:
    """What ``token`` proves at ``now``.

    Raises :class:`~core.errors.NotAuthenticated`, always the same, whatever is wrong with it.
    """
    if len(token) > LONGEST_TOKEN or token.count(".") != 2:
        raise NotAuthenticated
    header, claims = (unverified(part) for part in token.split(".")[:2])
    name, kind, key_id = claims.get("iss"), header.get("typ"), header.get("kid")
    if not isinstance(name, str) or not isinstance(kind, Text) or not isinstance(key_id, Text):
        raise NotAuthenticated
    issuer = issuers.get(name)
    if issuer is None or kind not in KINDS:
        raise NotAuthenticated
    keys = await issuer.keys.find(key_id)
    registry = JWSRegistry(algorithms=issuer.algorithms)
    checks = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer.name},
        aud={"essential": True, "value": issuer.audience},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        signed = jwt.decode(token, keys, list(issuer.algorithms), registry).claims
        checks.validate(signed)
        life = timedelta(seconds=signed["exp"] - signed["iat"])
        expires_at = datetime.fromtimestamp(signed["exp"], UTC)
    except (JoseError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise NotAuthenticated from error
    if life > issuer.longest or not signed["sub"]:
        raise NotAuthenticated
    session_id = signed.get("sid")
    held = issuer.own and isinstance(session_id, int)
    return Proof(issuer, signed["sub"], expires_at, session_id if held else None)


def unverified(part: str) -> dict[str, Any]:
    """What a part of a token claims; good for choosing whom to ask, and for nothing else."""
    try:
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError) as error:
        raise NotAuthenticated from error
    if not isinstance(value, dict):
        raise NotAuthenticated
    return value


def issue(
    key: OKPKey,
    *,
    issuer: str,
    audience: str,
    account_id: int,
    now: datetime,
    life: timedelta,
    session_id: int | None = None,
) -> str:
    """A token by which an account of ours signs in; one of the demo issuer says DEMO.

    One made for a session is good as long as the session.
    """
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": audience,
        "sub": f"Account:{account_id}",
        "iat": int(now.timestamp()),
        "exp": int((now + life).timestamp()),
    }
    if issuer == DEMO_ISSUER:
        claims["demo"] = "DEMO"
    if session_id is not None:
        claims["sid"] = session_id
    header = {"alg": OWN_ALGORITHM, "kid": key.kid}
    return jwt.encode(header, claims, key, [OWN_ALGORITHM])
