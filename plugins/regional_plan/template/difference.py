"""What changed from one version of the architecture to another."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plugins.regional_plan.template.contents import Direction
from zhoba.api import Names


class RegionalChangeKind(enum.Enum):
    """How a version differs from another in one place."""

    DIRECTION_ADDED = "a direction the other does not have"
    DIRECTION_REMOVED = "a direction only the other has"
    DIRECTION_RENAMED = "the same direction with another name"
    GROUP_ADDED = "a group the other does not have"
    GROUP_REMOVED = "a group only the other has"
    GROUP_RENAMED = "the same group with another name"
    GROUP_MOVED = "the same group in another direction"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``before`` and ``after`` are names, or codes of directions for a move."""

    kind: RegionalChangeKind
    code: str
    names: Names
    before: Names | str | None = None
    after: Names | str | None = None


def changes(old: Sequence[Direction], new: Sequence[Direction]) -> Iterator[Change]:
    """What was added, renamed and moved, in the new order; then what was removed."""
    kind = RegionalChangeKind
    directions = {each.code: each for each in old}
    groups = {one.code: (each.code, one) for each in old for one in each.groups}
    for direction in new:
        was = directions.pop(direction.code, None)
        if was is None:
            yield Change(kind.DIRECTION_ADDED, direction.code, direction.names)
        elif was.names != direction.names:
            yield Change(
                kind.DIRECTION_RENAMED,
                direction.code, direction.names, was.names, direction.names,
            )  # fmt: skip
        for group in direction.groups:
            lay_in, same = groups.pop(group.code, (None, None))
            if same is None:
                yield Change(kind.GROUP_ADDED, group.code, group.names, after=direction.code)
                continue
            if lay_in != direction.code:
                yield Change(kind.GROUP_MOVED, group.code, group.names, lay_in, direction.code)
            if same.names != group.names:
                yield Change(kind.GROUP_RENAMED, group.code, group.names, same.names, group.names)
    for lay_in, group in groups.values():
        yield Change(kind.GROUP_REMOVED, group.code, group.names, before=lay_in)
    for direction in directions.values():
        yield Change(kind.DIRECTION_REMOVED, direction.code, direction.names)
