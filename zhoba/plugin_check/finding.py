"""One line of the checklist."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and what is missing of it; ``missing`` empty: done.

    ``words`` describe what was found when it is done.
    """

    name: str
    missing: tuple[str, ...] = ()
    words: str = ""

    @property
    def done(self) -> bool:
        return not self.missing


def finding(name: str, missing: list[str], words: str = "") -> Finding:
    return Finding(name, tuple(missing), words)
