"""Where verification keys come from."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import KeySet, OKPKey

from core.errors import NotAuthenticated
from zhoba.sign_in.keys import FixedKeys, PublishedKeys, own_key


def published(kid: str) -> dict[str, object]:
    key = OKPKey.generate_key("Ed25519", {"kid": kid}, auto_kid=False)
    return dict(KeySet([key]).as_dict(private=False))


class Issuer:
    """An issuer's key address; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer = httpx.Response(200, json=published("a"))

    def __call__(self, _request: httpx.Request) -> httpx.Response:
        self.asked += 1
        return self.answer


async def find(keys: PublishedKeys, kid: str) -> list[str | None]:
    return [key.kid for key in await keys.find(kid)]


async def test_published_keys_are_fetched_once_and_again_for_an_unknown_key() -> None:
    issuer = Issuer()
    async with httpx.AsyncClient(transport=httpx.MockTransport(issuer)) as client:
        keys = PublishedKeys("https://idp.test/jwks", client)
        assert [await find(keys, "a") for _ in range(3)] == [["a"]] * 3
        assert issuer.asked == 1
        issuer.answer = httpx.Response(200, json=published("b"))
        assert await find(keys, "b") == ["a"]  # asked again no sooner than in a minute
        keys.fetched -= 61
        assert await find(keys, "a") == ["a"]
        assert await find(keys, "b") == ["b"]
        assert issuer.asked == 2


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(302, headers={"location": "https://evil.test"}),
        httpx.Response(200, text="no json"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"keys": []}),
        httpx.Response(200, json={"keys": [{"kty": "oct"}]}),
    ],
    ids=["error", "redirect", "no json", "list", "no keys", "bad key"],
)
async def test_broken_address_lets_nobody_in_and_keeps_old_keys(answer: httpx.Response) -> None:
    issuer = Issuer()
    good, issuer.answer = issuer.answer, answer
    async with httpx.AsyncClient(transport=httpx.MockTransport(issuer)) as client:
        keys = PublishedKeys("https://idp.test/jwks", client)
        with pytest.raises(NotAuthenticated):
            await keys.find("a")
        keys.fetched -= 601
        issuer.answer = good
        assert await find(keys, "a") == ["a"]
        keys.fetched -= 601
        issuer.answer = answer
        assert await find(keys, "a") == ["a"]


async def test_keys_of_a_file_are_read(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(published("a")))
    assert [key.kid for key in await FixedKeys.read(path).find(None)] == ["a"]


def test_own_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "data" / "key.json"
    first, again = own_key(path), own_key(path)
    assert first.as_dict(private=True) == again.as_dict(private=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["key.json"]
