"""The value of an argument that was not given, where ``None`` means "make it empty"."""

from __future__ import annotations

import enum
from typing import Final


class Unset(enum.Enum):
    """Has one member; mypy narrows it away after ``is UNSET``."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET
