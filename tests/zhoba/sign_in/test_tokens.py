"""Tokens: the good one, and every way to be a bad one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from core.errors import NotAuthenticated
from zhoba.sign_in.keys import FixedKeys
from zhoba.sign_in.tokens import (
    DEMO_ISSUER,
    LEEWAY_SECONDS,
    LONGEST_TOKEN,
    TrustedIssuer,
    issue,
    verify,
)

NOW = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
AT = int(NOW.timestamp())
OURS = RSAKey.generate_key(2048, {"kid": "ours"}, auto_kid=False)
THEIRS = RSAKey.generate_key(2048, {"kid": "ours"}, auto_kid=False)
ISSUERS = {
    name: TrustedIssuer(
        name=name,
        audience="zhoba",
        algorithms=("RS256",),
        keys=FixedKeys(KeySet([key])),
        longest=timedelta(minutes=10),
    )
    for name, key in (("https://idp.test", OURS), ("https://other.test", THEIRS))
}
CLAIMS = {
    "iss": "https://idp.test", "aud": "zhoba", "sub": "user-7", "iat": AT, "exp": AT + 600,
}  # fmt: skip
HEADER = {"alg": "RS256", "kid": "ours"}


def sign(
    claims: dict[str, Any] | None = None, header: dict[str, Any] | None = None, key: Any = OURS
) -> str:
    """The good token, with what the test changes in it; None takes a claim away."""
    content = {k: v for k, v in {**CLAIMS, **(claims or {})}.items() if v is not None}
    head = {k: v for k, v in {**HEADER, **(header or {})}.items() if v is not None}
    return jwt.encode(head, content, key, [head["alg"]])


def piece(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def unsigned(header: object, claims: object, signature: str = "") -> str:
    return f"{piece(header)}.{piece(claims)}.{signature}"


def with_other_payload() -> str:
    head, _, signature = sign().split(".")
    return f"{head}.{piece({**CLAIMS, 'sub': 'user-8'})}.{signature}"


def confused_key() -> str:
    """Signed with the public key as if it were a shared secret."""
    signed = f"{piece({'alg': 'HS256', 'kid': 'ours'})}.{piece(CLAIMS)}"
    digest = hmac.new(OURS.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


async def test_good_token_proves_its_subject() -> None:
    proof = await verify(sign(), ISSUERS, NOW)
    assert (proof.issuer.name, proof.subject) == ("https://idp.test", "user-7")
    assert proof.expires_at == NOW + timedelta(minutes=10)


@pytest.mark.parametrize(
    "token",
    [
        lambda: sign({"aud": ["zhoba", "others"]}),
        lambda: sign({"nbf": AT + LEEWAY_SECONDS}),
        lambda: sign({"iat": AT - 600 - LEEWAY_SECONDS + 1, "exp": AT - LEEWAY_SECONDS + 1}),
        lambda: sign(header={"kid": None}),
        lambda: sign(header={"typ": "at+jwt"}),
    ],
    ids=["audience in a list", "not before, in leeway", "expired, in leeway", "no kid", "at+jwt"],
)
async def test_token_at_the_edge_is_still_good(token: Callable[[], str]) -> None:
    assert (await verify(token(), ISSUERS, NOW)).subject == "user-7"


BAD: dict[str, Callable[[], str]] = {
    "alg none": lambda: unsigned({"alg": "none", "kid": "ours"}, CLAIMS),
    "alg None": lambda: unsigned({"alg": "None", "kid": "ours"}, CLAIMS),
    "alg missing": lambda: unsigned({"kid": "ours"}, CLAIMS, "AAAA"),
    "alg of a list": lambda: unsigned({"alg": ["RS256"], "kid": "ours"}, CLAIMS, "AAAA"),
    "alg not ours": lambda: sign(header={"alg": "PS256"}),
    "public key as secret": confused_key,
    "another issuer's key": lambda: sign(key=THEIRS),
    "curve key": lambda: sign(header={"alg": "ES256"}, key=ECKey.generate_key("P-256")),
    "payload exchanged": with_other_payload,
    "signature missing": lambda: sign().rpartition(".")[0] + ".",
    "signature cut": lambda: sign()[:-4],
    "key id unknown": lambda: sign(header={"kid": "nobody"}),
    "key id of a number": lambda: unsigned({**HEADER, "kid": 7}, CLAIMS, "AAAA"),
    "key brought along": lambda: jwt.encode(
        {"alg": "RS256", "jwk": THEIRS.as_dict(private=False)}, CLAIMS, THEIRS, ["RS256"]
    ),
    "critical extension": lambda: unsigned({**HEADER, "crit": ["x"], "x": 1}, CLAIMS, "AAAA"),
    "kind of another object": lambda: sign(header={"typ": "logout+jwt"}),
    "kind of a list": lambda: unsigned({**HEADER, "typ": []}, CLAIMS, "AAAA"),
    "expired": lambda: sign({"iat": AT - 700, "exp": AT - LEEWAY_SECONDS}),
    "expiry missing": lambda: sign({"exp": None}),
    "expiry in words": lambda: sign({"exp": "tomorrow"}),
    "expiry endless": lambda: sign({"exp": 10**30}),
    "expiry true": lambda: sign({"exp": True}),
    "not yet": lambda: sign({"nbf": AT + LEEWAY_SECONDS + 1}),
    "issued in the future": lambda: sign({"iat": AT + LEEWAY_SECONDS + 1}),
    "issue missing": lambda: sign({"iat": None}),
    "too long a life": lambda: sign({"exp": AT + 601}),
    "issuer unknown": lambda: sign({"iss": "https://evil.test"}),
    "issuer missing": lambda: sign({"iss": None}),
    "issuer of a list": lambda: sign({"iss": ["https://idp.test"]}),
    "issuer of another key": lambda: sign({"iss": "https://other.test"}),
    "audience of others": lambda: sign({"aud": "others"}),
    "audience missing": lambda: sign({"aud": None}),
    "subject missing": lambda: sign({"sub": None}),
    "subject empty": lambda: sign({"sub": ""}),
    "subject of a number": lambda: sign({"sub": 7}),
    "nothing": lambda: "",
    "words": lambda: "not a token",
    "two parts": lambda: "a.b",
    "four parts": lambda: sign() + ".x",
    "not base64": lambda: "é.é.é",
    "header of a list": lambda: unsigned([], CLAIMS, "AAAA"),
    "payload null": lambda: unsigned(HEADER, None, "AAAA"),
    "payload deep": lambda: unsigned(HEADER, "[" * 3000, "AAAA"),
    "too long": lambda: sign({"padding": "x" * LONGEST_TOKEN}),
}


@pytest.mark.parametrize("token", BAD.values(), ids=BAD)
async def test_bad_token_proves_nothing(token: Callable[[], str]) -> None:
    with pytest.raises(NotAuthenticated) as refused:
        await verify(token(), ISSUERS, NOW)
    assert (refused.value.code, refused.value.params) == ("NOT_AUTHENTICATED", {})


async def test_own_token_names_an_account_and_the_demos_says_so() -> None:
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    claims = {}
    for issuer in ("zhoba", DEMO_ISSUER):
        token = issue(
            key, issuer=issuer, audience="zhoba", account_id=7, now=NOW, life=timedelta(minutes=10)
        )
        claims[issuer] = jwt.decode(token, key, ["Ed25519"]).claims
    ours = {"aud": "zhoba", "sub": "Account:7", "iat": AT, "exp": AT + 600}
    assert claims == {
        "zhoba": {"iss": "zhoba", **ours},
        DEMO_ISSUER: {"iss": DEMO_ISSUER, **ours, "demo": "DEMO"},
    }
