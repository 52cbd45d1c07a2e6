"""Handlers of events: what a plugin does when an act has happened, or while it happens."""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.work import Entry, Work

NAME = re.compile(r"[a-z][a-z0-9]*([_.-][a-z0-9]+)*")
"""What handlers and jobs are called."""


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
    region in which the plugin is switched off. Raises :class:`ValueError` for what is none of
    this.
    """

    name: str
    acts: frozenset[str]
    when: When
    run: Callable[[Work, Entry], Awaitable[None]] | Callable[[Work, Happened], Awaitable[None]]

    def __post_init__(self) -> None:
        require_name("handler", self.name)
        acts: Any = self.acts
        if not isinstance(acts, frozenset) or not all(isinstance(act, str) for act in acts):
            raise ValueError(
                f"the acts of the handler {self.name} are no frozenset of texts: write "
                'acts=frozenset({"projectEdited"})'
            )
        if not isinstance(self.when, When):
            raise ValueError(
                f"the handler {self.name} runs neither When.WITHIN nor When.AFTER an act"
            )
        require_awaited("handler", self.name, self.run)

    def wants(self, act: str) -> bool:
        return act in self.acts or "*" in self.acts


def require_name(what: str, name: Any) -> None:
    """Raise :class:`ValueError` for what is no name of a handler or a job."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a {what}: use letters a-z, digits and _")


def require_awaited(what: str, name: str, run: Any) -> None:
    """Raise :class:`ValueError` for what cannot be awaited when it is run."""
    if not any(map(inspect.iscoroutinefunction, (run, getattr(run, "__call__", None)))):  # noqa: B004
        raise ValueError(f"run of the {what} {name} must be written with `async def`")
