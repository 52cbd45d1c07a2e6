"""The store of file contents."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.errors import InvalidInput
from core.files.store import LOCK, FileStore


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def names(folder: Path) -> list[str]:
    found = [path for path in folder.rglob("*") if path.is_file() and path.name != LOCK]
    return sorted(str(path.relative_to(folder)) for path in found)


async def test_put_keeps_a_content_once_under_its_hash(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files", largest=100)
    digest = hashlib.sha256(b"hello").hexdigest()
    for parts in ((b"hello",), (b"he", b"", b"llo")):
        stored = await store.put(chunks(*parts), name="a.txt")
        assert (stored.sha256, stored.size, stored.media_type) == (digest, 5, "text/plain")
    assert names(tmp_path / "files") == [f"{digest[:2]}/{digest[2:]}"]
    assert store.path(digest).read_bytes() == b"hello"


async def test_put_at_the_cap_and_not_beyond(tmp_path: Path) -> None:
    store = FileStore(tmp_path, largest=5)
    with pytest.raises(InvalidInput, match="FILE_TOO_LARGE"):
        await store.put(chunks(b"hello", b"!"), name="a.txt")
    assert names(tmp_path) == []
    assert (await store.put(chunks(b"hello"), name="a.txt")).size == 5


async def test_put_refuses_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="FILE_EMPTY"):
        await FileStore(tmp_path, largest=5).put(chunks(), name="a.txt")
    assert names(tmp_path) == []


async def broken() -> AsyncIterator[bytes]:
    yield b"half"
    raise ConnectionError


async def test_put_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        await FileStore(tmp_path, largest=50).put(broken(), name="a.txt")
    assert names(tmp_path) == []


async def test_put_refuses_a_disguised_content_and_keeps_nothing(tmp_path: Path) -> None:
    store = FileStore(tmp_path, largest=5)
    with pytest.raises(InvalidInput, match="FILE_DISGUISED") as refusal:
        await store.put(chunks(b"hello"), name="a.pdf", media_type="application/pdf")
    assert refusal.value.params == {"found": "text/plain"}
    assert names(tmp_path) == []


async def test_sweep_takes_what_is_doomed_and_old_and_waits_for_nobody(tmp_path: Path) -> None:
    store = FileStore(tmp_path, largest=50)
    old, fresh, kept = [
        (await store.put_bytes(text, name="a.txt")).sha256 for text in (b"old", b"fresh", b"kept")
    ]
    draft = tmp_path / "tmpdraft"
    draft.write_bytes(b"half")
    for path in (store.path(old), store.path(kept), draft):
        os.utime(path, (1, 1))
    doomed = [old, fresh, "ab" * 32]
    with store.locked(fcntl.LOCK_SH):
        assert store.sweep(iter(doomed), older=3600) == 0
    assert store.sweep(iter(doomed), older=3600) == 1
    assert sorted(sha256 for sha256, _ in store.contents()) == sorted([fresh, kept])
    assert not draft.exists()
    assert [store.is_whole(each) for each in (fresh, old)] == [True, False]
    store.path(fresh).write_bytes(b"other")
    assert not store.is_whole(fresh)
