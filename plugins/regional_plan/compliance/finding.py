"""What a rule finds."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class RegionalRule(enum.Enum):
    """The rules a regional plan is held to."""

    RV1 = "follows the approved version of the architecture"
    RV2 = "has every direction and group of its version"
    RV3 = "additional directions are agreed with the Office"
    RV4 = "belongs to an akimat, the only one of its region"
    RV5 = "is staffed as the table of the Rules asks"
    RV6 = "what Astana, Almaty and Shymkent may do without"
    RV7 = "ends before the portfolios it serves"
    RV8 = "its projects happen in its region"


class RegionalSeverity(enum.Enum):
    """What a finding means for the plan."""

    ERROR = "has to be mended"
    WARNING = "to be looked at"


Texts = tuple[str | None, str | None, str | None]
"""In Kazakh, Russian and English."""


@dataclass(frozen=True, slots=True)
class Place:
    """The object of the tree a finding is about."""

    kind: str
    id: int
    names: Texts


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` has a sentence in three languages, whose blanks are ``params``; ``name``, if any,
    is the one of something that is not there. ``stops``: the plan is not approved with it."""

    rule: RegionalRule
    severity: RegionalSeverity
    code: str
    clause: str
    place: Place
    stops: bool = False
    name: Texts | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
