"""Persisted documents: operations known by their hash, kept as files of a folder.

A client sends ``documentId`` instead of ``query``. The file ``<sha256 of its text>.graphql`` is
looked up at every request, so that what ``zhoba documents`` adds or removes holds at once, in every
process that shares the folder. With an allow-list nothing else runs, whoever asks.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.errors import InvalidInput
from zhoba.http.body import Asked

KIND = "sha256:"
"""What may stand before the hash in ``documentId``, as GraphQL over HTTP writes it."""

HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)

REMEMBERED = 1000
"""Texts kept in memory; each is read again only if it was removed in between."""


@dataclass(slots=True)
class Documents:
    """The registered documents; ``only``: no others may run. Without a folder there are none."""

    folder: Path | None = None
    only: bool = False
    texts: OrderedDict[str, str] = field(default_factory=OrderedDict)

    def resolve(self, asked: Asked) -> Asked:
        """What is asked for, with the text of its document.

        Raises :class:`~core.errors.InvalidInput`: ``DOCUMENT_NOT_FOUND`` for an id nobody
        registered, ``DOCUMENT_NOT_ALLOWED`` for a text that is not among those allowed.
        """
        if asked.document_id is not None:
            text = self.find(asked.document_id.removeprefix(KIND))
            if text is None:
                raise InvalidInput("DOCUMENT_NOT_FOUND", field="documentId")
            return replace(asked, query=text, document_id=None)
        if self.only and self.find(hash_of(asked.query)) is None:
            raise InvalidInput("DOCUMENT_NOT_ALLOWED", field="query")
        return asked

    def watches(self, asked: Asked) -> bool:
        """Whether the folder decides if this may run, at every request anew."""
        return self.only or asked.document_id is not None

    def find(self, name: str) -> str | None:
        """The text registered under a hash; none if there is none, or if its file was altered."""
        if self.folder is None or HASH.fullmatch(name) is None:
            return None
        file = self.file(name)
        if not file.is_file():
            self.texts.pop(name, None)
            return None
        if name not in self.texts:
            text = file.read_bytes().decode("utf-8", "replace")
            if hash_of(text) != name:
                return None
            self.texts[name] = text
            if len(self.texts) > REMEMBERED:
                self.texts.popitem(last=False)
        return self.texts[name]

    def file(self, name: str) -> Path:
        assert self.folder is not None
        return self.folder / f"{name}.graphql"

    def add(self, text: str) -> str:
        """Register a text; its hash. It appears whole or not at all."""
        assert self.folder is not None
        self.folder.mkdir(parents=True, exist_ok=True)
        name = hash_of(text)
        part = self.folder / f"{name}.part"
        part.write_bytes(text.encode())
        part.rename(self.file(name))
        return name

    def remove(self, name: str) -> bool:
        """Forget a document; whether it was registered."""
        found = self.find(name) is not None
        if found:
            self.file(name).unlink(missing_ok=True)
        return found

    def all(self) -> Iterator[tuple[str, str]]:
        """Hash and text of every registered document, by hash."""
        if self.folder is None or not self.folder.is_dir():
            return
        for file in sorted(self.folder.glob("*.graphql")):
            text = self.find(file.stem)
            if text is not None:
                yield file.stem, text


def hash_of(text: str) -> str:
    """What a document is known by."""
    return hashlib.sha256(text.encode()).hexdigest()
