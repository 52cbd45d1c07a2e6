"""Answers kept for readers who may read the same, as long as the snapshot is theirs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

from zhoba.express.flawed import Flawed

Text = bytes | Flawed
"""A finished answer, or one with errors beside its data."""

OVERHEAD = 500
"""Bytes a kept answer takes beside its text: its key, its place in the order."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer and the snapshot it was read under."""

    snapshot: str
    text: Text


@dataclass(slots=True)
class Answers:
    """A store of at most ``most_bytes``, least recently used out first.

    The key holds the statements and all their parameters. A statement's text holds the rules of
    the policy, and names the reader or the day as a parameter only where the answer depends on
    them: readers with the same authority share an answer, others never do.
    """

    most_bytes: int
    held: int = 0
    hits: int = 0
    misses: int = 0
    kept: OrderedDict[Hashable, Kept] = field(default_factory=OrderedDict)

    def find(self, key: Hashable, snapshot: str) -> Text | None:
        """The answer under this snapshot; none has to be read, and is a miss."""
        found = self.under(key, snapshot)
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self.kept.move_to_end(key)
        return found.text

    def under(self, key: Hashable, snapshot: str) -> Kept | None:
        """What is kept under this snapshot; asking counts for nothing."""
        found = self.kept.get(key)
        return None if found is None or found.snapshot != snapshot else found

    def plain(self, key: Hashable, snapshot: str, *, hit: bool = True) -> bytes | None:
        """The answer under this snapshot, if it is a text with nothing to say beside it; whoever
        gets none is to :meth:`find` it. No ``hit`` is what was read for who asks."""
        found = self.under(key, snapshot)
        if found is None:
            return None
        text = found.text
        if isinstance(text, Flawed) or not text:
            return None
        self.hits += hit
        self.kept.move_to_end(key)
        return text

    def keep(self, key: Hashable, snapshot: str, text: Text) -> None:
        """Remember an answer; one that is older than what is kept replaces it all the same."""
        size = len(text) + OVERHEAD
        if size > self.most_bytes // 4:
            return
        before = self.kept.pop(key, None)
        if before is not None:
            self.held -= len(before.text) + OVERHEAD
        self.kept[key] = Kept(snapshot, text)
        self.held += size
        while self.held > self.most_bytes:
            _, dropped = self.kept.popitem(last=False)
            self.held -= len(dropped.text) + OVERHEAD
