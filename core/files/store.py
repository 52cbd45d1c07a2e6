"""The bytes of stored files: each content once, under its SHA-256."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Stored:
    """What was stored."""

    sha256: str
    size: int


class FileStore:
    """A folder of files named by their content: ``ab/cdef...``, written whole or not at all."""

    def __init__(self, folder: Path, *, largest: int) -> None:
        self.folder = folder
        self.largest = largest

    def path(self, sha256: str) -> Path:
        """Where a content lies."""
        return self.folder / sha256[:2] / sha256[2:]

    async def put(self, chunks: AsyncIterable[bytes]) -> Stored:
        """Store a content; storing the same again changes nothing.

        Raises ``FILE_TOO_LARGE`` and ``FILE_EMPTY``; then nothing is kept.
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
            target = self.path(digest.hexdigest())
            target.parent.mkdir(exist_ok=True, mode=0o700)
            Path(draft).replace(target)
        finally:
            Path(draft).unlink(missing_ok=True)
        return Stored(digest.hexdigest(), size)
