"""The store of file contents."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.errors import InvalidInput
from core.files.store import FileStore


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_put_keeps_a_content_once_under_its_hash(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files", largest=100)
    digest = hashlib.sha256(b"hello").hexdigest()
    for parts in ((b"hello",), (b"he", b"", b"llo")):
        stored = await store.put(chunks(*parts))
        assert (stored.sha256, stored.size) == (digest, 5)
    assert names(tmp_path / "files") == [f"{digest[:2]}/{digest[2:]}"]
    assert store.path(digest).read_bytes() == b"hello"


async def test_put_at_the_cap_and_not_beyond(tmp_path: Path) -> None:
    store = FileStore(tmp_path, largest=5)
    with pytest.raises(InvalidInput, match="FILE_TOO_LARGE"):
        await store.put(chunks(b"hello", b"!"))
    assert names(tmp_path) == []
    assert (await store.put(chunks(b"hello"))).size == 5


async def test_put_refuses_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="FILE_EMPTY"):
        await FileStore(tmp_path, largest=5).put(chunks())
    assert names(tmp_path) == []


async def broken() -> AsyncIterator[bytes]:
    yield b"half"
    raise ConnectionError


async def test_put_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        await FileStore(tmp_path, largest=50).put(broken())
    assert names(tmp_path) == []
