"""Handlers of events: what a plugin does when an act has happened, or while it happens."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from core.work import Entry, Work


class When(enum.Enum):
    """When a handler runs."""

    WITHIN = "in the transaction of the act, which it may refuse"
    AFTER = "after the act, at least once, in a transaction of its own"


@dataclass(frozen=True, slots=True)
class Happened:
    """An act, as ids: what the outbox tells. ``id`` is that of the event, the same on a retry."""

    id: int
    at: datetime
    act: str
    subject: str
    subject_id: int
    node_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """What runs when one of ``acts`` happened; ``"*"`` stands for every act.

    ``name`` is stable: with the id of the plugin it names the handler's place in the outbox.
    ``WITHIN`` runs ``run(work, entry: Entry)``, ``AFTER`` runs ``run(work, happened: Happened)``;
    what it changes is committed together with the note that it ran. Not run for objects of a
    region in which the plugin is switched off.
    """

    name: str
    acts: frozenset[str]
    when: When
    run: Callable[[Work, Entry], Awaitable[None]] | Callable[[Work, Happened], Awaitable[None]]

    def wants(self, act: str) -> bool:
        return act in self.acts or "*" in self.acts
