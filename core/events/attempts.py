"""What is tried until it succeeds, or has failed too often."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from traceback import extract_tb

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.types import UtcDateTime, named_enum
from core.errors import PlatformError

LONGEST_WORDS = 300


class AttemptState(enum.Enum):
    """How far something is that is tried again when it fails."""

    WAITING = "to be tried at its time"
    DONE = "succeeded"
    PASSED_OVER = "the plugin was switched off there when its turn came"
    DEAD = "failed too often; tried again only when somebody asks for it"


class Attempted:
    """Columns of what is tried again. ``next_at`` is set while it waits, ``ended_at`` after."""

    state: Mapped[AttemptState] = mapped_column(named_enum(AttemptState))
    attempts: Mapped[int]
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(Text)

    def end(self, state: AttemptState, now: datetime) -> None:
        """It succeeded, or was passed over."""
        self.state, self.next_at, self.ended_at = state, None, now
        self.attempts += 1

    def fail(self, error: BaseException, now: datetime, retrying: Retrying) -> None:
        """It failed once more: try later, or give up."""
        self.attempts += 1
        self.error = error_words(error)
        self.next_at = retrying.next_at(now, self.attempts)
        self.state = AttemptState.DEAD if self.next_at is None else AttemptState.WAITING
        self.ended_at = now if self.next_at is None else None

    def revive(self, now: datetime) -> None:
        """Try it anew from now on, as often as at first."""
        self.state, self.attempts, self.next_at, self.ended_at = AttemptState.WAITING, 0, now, None


@dataclass(frozen=True, slots=True)
class Retrying:
    """How often and how soon to try again. The waiting time doubles from ``first`` on."""

    attempts: int = 8
    first: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(hours=1)

    def next_at(self, now: datetime, failures: int) -> datetime | None:
        """When to try again after so many failures; None: not at all."""
        if failures >= self.attempts:
            return None
        doubled = self.first.total_seconds() * 2 ** min(failures - 1, 40)
        return now + min(timedelta(seconds=min(doubled, 1e9)), self.longest)


def error_words(error: BaseException) -> str:
    """An error in a few words: its code, or its type and where it was raised.

    Never its text, which may quote personal data.
    """
    if isinstance(error, PlatformError):
        return error.code
    frames = extract_tb(error.__traceback__)
    if not frames:
        return type(error).__qualname__[:LONGEST_WORDS]
    file = "/".join(Path(frames[-1].filename).parts[-2:])
    return f"{type(error).__qualname__} at {file}:{frames[-1].lineno}"[:LONGEST_WORDS]
