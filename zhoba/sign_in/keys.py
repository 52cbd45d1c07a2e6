"""The keys tokens are verified with: our own, a file's, or an issuer's published ones."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any, Protocol

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from core.errors import NotAuthenticated
from core.secret_file import secret_in

REFRESH_SECONDS = 600
"""How long published keys are believed before they are fetched again."""

UNKNOWN_KEY_SECONDS = 60
"""How soon a token with an unknown key id may cause another fetch."""


class Keys(Protocol):
    """Where an issuer's keys come from."""

    async def find(self, key_id: str | None) -> KeySet:
        """The issuer's keys, fresh enough to hold ``key_id`` if the issuer ever published it."""


class FixedKeys:
    """Keys that do not change while the server runs."""

    def __init__(self, keys: KeySet) -> None:
        self.keys = keys

    @classmethod
    def read(cls, path: Path) -> FixedKeys:
        """Keys from a JWKS file."""
        return cls(KeySet.import_key_set(json.loads(path.read_text("utf-8"))))

    async def find(self, key_id: str | None) -> KeySet:
        return self.keys


class PublishedKeys:
    """Keys an issuer publishes under an https address."""

    def __init__(self, address: str, client: httpx.AsyncClient) -> None:
        self.address = address
        self.client = client
        self.keys: KeySet | None = None
        self.fetched = float("-inf")
        self.fetching = asyncio.Lock()

    async def find(self, key_id: str | None) -> KeySet:
        """Raises :class:`~core.errors.NotAuthenticated` when there are no keys to be had."""
        async with self.fetching:
            age = time.monotonic() - self.fetched
            known = self.keys is not None and any(key.kid == key_id for key in self.keys)
            if age > (REFRESH_SECONDS if known or key_id is None else UNKNOWN_KEY_SECONDS):
                await self._fetch()
            if self.keys is None:
                raise NotAuthenticated
            return self.keys

    async def _fetch(self) -> None:
        self.fetched = time.monotonic()
        try:
            answer = await self.client.get(self.address, timeout=5, follow_redirects=False)
            answer.raise_for_status()
            self.keys = KeySet.import_key_set(answer.json())
        except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError):
            return  # the old keys stay good; without any, nobody is let in


def own_key(path: Path) -> OKPKey:
    """The key Zhoba signs with, made at the first start and readable by its owner only."""
    content: dict[str, Any] = json.loads(secret_in(path, new_key))
    return OKPKey.import_key(content)


def new_key() -> str:
    return json.dumps(OKPKey.generate_key("Ed25519", auto_kid=True).as_dict(private=True))
