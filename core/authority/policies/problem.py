"""What is wrong with a change, or has become of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.authority.policies.change import Change


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason with its numbers, the rule it is about, and the line of the file or draft."""

    code: str
    line: int
    rule: str
    region: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)


def problem(code: str, change: Change, **params: Any) -> Problem:
    """A problem of one change. Its id and region are among the numbers of its sentence."""
    return Problem(
        code,
        change.line,
        change.rule,
        change.region,
        {"rule": change.rule[:200], "region": change.region[:50], **params},
    )
