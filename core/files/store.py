"""The bytes of stored files: each content once, under its SHA-256."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import InvalidInput
from core.files.kinds import check_names, recognised

LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Stored:
    """What was stored; ``media_type`` is what the content shows."""

    sha256: str
    size: int
    media_type: str


class FileStore:
    """A folder of files named by their content: ``ab/cdef...``, written whole or not at all.

    A lock keeps what is stored anew apart from what is swept away: many may write or copy at a
    time, and nobody sweeps meanwhile.
    """

    def __init__(self, folder: Path, *, largest: int) -> None:
        self.folder = folder
        self.largest = largest

    def path(self, sha256: str) -> Path:
        """Where a content lies."""
        return self.folder / sha256[:2] / sha256[2:]

    async def put(self, chunks: AsyncIterable[bytes], *, name: str, media_type: str = "") -> Stored:
        """Store a content; storing the same again changes nothing.

        Raises ``FILE_TOO_LARGE``, ``FILE_EMPTY``, ``FILE_TYPE_NOT_ALLOWED``, and ``FILE_DISGUISED``
        when the content is no file of this name and media type; then nothing is kept.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest = hashlib.sha256()
        size = 0
        descriptor, draft = tempfile.mkstemp(dir=self.folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > self.largest:
                        raise InvalidInput("FILE_TOO_LARGE", limit=self.largest)
                    digest.update(chunk)
                    await asyncio.to_thread(file.write, chunk)
                if size == 0:
                    raise InvalidInput("FILE_EMPTY")
                file.flush()
                await asyncio.to_thread(os.fsync, file.fileno())
            kind = await asyncio.to_thread(recognised, Path(draft))
            check_names(kind, name, media_type)
            await asyncio.to_thread(self.keep, Path(draft), digest.hexdigest())
        finally:
            Path(draft).unlink(missing_ok=True)
        return Stored(digest.hexdigest(), size, kind.media_type)

    async def put_bytes(self, content: bytes, *, name: str, media_type: str = "") -> Stored:
        """Store a content that is in memory already; raises what :meth:`put` raises."""

        async def chunks() -> AsyncIterable[bytes]:
            yield content

        return await self.put(chunks(), name=name, media_type=media_type)

    def keep(self, draft: Path, sha256: str) -> None:
        target = self.path(sha256)
        with self.locked(fcntl.LOCK_SH):
            target.parent.mkdir(exist_ok=True, mode=0o700)
            draft.replace(target)

    async def read(self, sha256: str) -> bytes:
        """A stored content. Raises ``FILE_CONTENT_LOST`` where it is not there any more."""
        try:
            return await asyncio.to_thread(self.path(sha256).read_bytes)
        except FileNotFoundError:
            raise content_lost() from None

    def present(self, sha256: str) -> Path:
        """Where a content lies. Raises ``FILE_CONTENT_LOST`` where it is not there any more."""
        path = self.path(sha256)
        if not path.is_file():
            raise content_lost()
        return path

    def contents(self) -> Iterator[tuple[str, Path]]:
        """Every content and where it lies."""
        for path in sorted(self.folder.glob("??/*")):
            yield path.parent.name + path.name, path

    def is_whole(self, sha256: str) -> bool:
        """Whether a content is there and is still what it was."""
        try:
            with self.path(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except FileNotFoundError:
            return False

    def sweep(self, doomed: Iterator[str], *, older: float) -> int:
        """Delete contents and drafts untouched for ``older`` seconds; how many contents."""
        before, count = time.time() - older, 0
        with suppress(BlockingIOError), self.locked(fcntl.LOCK_EX | fcntl.LOCK_NB):
            for sha256 in doomed:
                path = self.path(sha256)
                if path.exists() and path.stat().st_mtime < before:
                    path.unlink()
                    count += 1
            for draft in self.folder.glob("tmp*"):
                if draft.stat().st_mtime < before:
                    draft.unlink(missing_ok=True)
        return count

    @contextmanager
    def locked(self, how: int) -> Iterator[None]:
        """Hold the folder's lock. Raises :class:`BlockingIOError` where asked not to wait."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / LOCK).open("wb") as file:
            fcntl.flock(file, how)
            yield


def content_lost() -> InvalidInput:
    return InvalidInput("FILE_CONTENT_LOST")
