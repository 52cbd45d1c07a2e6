"""Telling "not given" from "make it empty" in the acts that edit."""

from __future__ import annotations

import enum
from typing import Final


class Unset(enum.Enum):
    """The type of :data:`UNSET`, for annotations: ``goal: str | None | Unset = UNSET``."""

    UNSET = "not given"


UNSET: Final = Unset.UNSET
"""A field the caller did not give keeps its value; ``None`` empties it."""
