"""What it takes to bring a plan to another version of the architecture."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plugins.regional_plan.plan.extending import carried_over
from plugins.regional_plan.plan.standing import AT_REST, Part, Standing
from plugins.regional_plan.template.contents import Direction
from zhoba.api import Names, NodeKind


class RegionalUpgradeStep(enum.Enum):
    """One step of an upgrade, or one thing that stays outside."""

    ADD_DIRECTION = "a direction that the plan lacks"
    ADD_GROUP = "a group that the plan lacks"
    MOVE_GROUP = "a group that lies in another direction now, with all in it"
    RESTORE_DIRECTION = "a direction outside the template that is in it again"
    RESTORE_GROUP = "a group outside the template that is in it again"
    RENAME_DIRECTION = "a direction with another name now"
    RENAME_GROUP = "a group with another name now"
    RELEASE_GROUP = "a group no longer in the template; it holds something and stays outside"
    RELEASE_DIRECTION = "a direction no longer in the template; it holds something and stays"
    ARCHIVE_GROUP = "a group no longer in the template, with nothing in it"
    ARCHIVE_DIRECTION = "a direction no longer in the template, with nothing left in it"
    STAYS_OUTSIDE = "a direction or group that never was in the template, or left it before"


MISSING = (RegionalUpgradeStep.ADD_DIRECTION, RegionalUpgradeStep.ADD_GROUP)
EXTRA = (
    RegionalUpgradeStep.RELEASE_GROUP,
    RegionalUpgradeStep.RELEASE_DIRECTION,
    RegionalUpgradeStep.ARCHIVE_GROUP,
    RegionalUpgradeStep.ARCHIVE_DIRECTION,
    RegionalUpgradeStep.STAYS_OUTSIDE,
)
MOVED = (RegionalUpgradeStep.MOVE_GROUP,)


@dataclass(frozen=True, slots=True)
class Step:
    """``names`` are those it has afterwards; ``node_id`` is null for what is to be added.

    ``direction`` is the code of the direction it lies in afterwards, ``projects`` how many it
    holds.
    """

    kind: RegionalUpgradeStep
    code: str | None
    names: Names
    node_id: int | None = None
    direction: str | None = None
    projects: int = 0


def steps(
    standing: Standing, old: Sequence[Direction], new: Sequence[Direction], region: Names
) -> list[Step]:
    """The steps in the order they are taken in, then what stays outside."""
    directions = {each.code: each.names for each in old}
    groups = {one.code: one.names for each in old for one in each.groups}
    found = [*for_directions(standing, directions, new, region)]
    found += for_groups(standing, groups, new, region)
    found += leaving(standing, new, found)
    order = list(RegionalUpgradeStep)
    return sorted(found, key=lambda step: order.index(step.kind))


def for_directions(
    standing: Standing, former: dict[str, Names], new: Sequence[Direction], region: Names
) -> Iterator[Step]:
    """Directions of the new version."""
    kind = RegionalUpgradeStep
    for each in new:
        part = standing.directions.get(each.code)
        if part is None:
            yield Step(kind.ADD_DIRECTION, each.code, each.names)
            continue
        names = name_after(part, former, each.code, each.names, region)
        if not part.locked:
            yield Step(kind.RESTORE_DIRECTION, each.code, names, part.node_id)
        if names != part.names:
            yield Step(kind.RENAME_DIRECTION, each.code, names, part.node_id)


def for_groups(
    standing: Standing, former: dict[str, Names], new: Sequence[Direction], region: Names
) -> Iterator[Step]:
    """Groups of the new version."""
    kind = RegionalUpgradeStep
    for each in new:
        home = standing.directions.get(each.code)
        for one in each.groups:
            part = standing.groups.get(one.code)
            if part is None:
                yield Step(kind.ADD_GROUP, one.code, one.names, direction=each.code)
                continue
            names = name_after(part, former, one.code, one.names, region)
            about = (one.code, names, part.node_id, each.code, part.projects)
            if home is None or part.parent_id != home.node_id:
                yield Step(kind.MOVE_GROUP, *about)
            if not part.locked:
                yield Step(kind.RESTORE_GROUP, *about)
            if names != part.names:
                yield Step(kind.RENAME_GROUP, *about)


def name_after(
    part: Part, former: dict[str, Names], code: str, names: Names, region: Names
) -> Names:
    """The name of a part after the upgrade: its extension by the region's name is kept."""
    return carried_over(former.get(code, part.names), part.names, region, names)


def leaving(standing: Standing, new: Sequence[Direction], found: Sequence[Step]) -> Iterator[Step]:
    """What the new version does not have, and what is in no version.

    An empty one that has not begun is archived, any other stays outside the template.
    """
    kind = RegionalUpgradeStep
    directions = {each.code for each in new}
    groups = {one.code for each in new for one in each.groups}
    alive = {each.node_id: each.alive for each in standing.parts.values()}
    for step in found:
        if step.kind is kind.MOVE_GROUP and step.node_id is not None:
            parent_id = standing.parts[step.node_id].parent_id
            if parent_id in alive:
                alive[parent_id] -= 1
    of_kind = {
        each: [part for part in standing.parts.values() if part.kind is each]
        for each in (NodeKind.PROJECT_GROUP, NodeKind.BASIC_DIRECTION)
    }
    for part in of_kind[NodeKind.PROJECT_GROUP]:
        above = standing.parts.get(part.parent_id or 0)
        if part.locked and part.code not in groups:
            empty = not part.alive and part.stage in AT_REST
            if empty and above is not None:
                alive[above.node_id] -= 1
            yield outside(kind.ARCHIVE_GROUP if empty else kind.RELEASE_GROUP, part, above)
        elif part.code not in groups and stands_alone(part, above):
            yield outside(kind.STAYS_OUTSIDE, part, above)
    for part in of_kind[NodeKind.BASIC_DIRECTION]:
        if part.locked and part.code not in directions:
            empty = not alive[part.node_id] and part.stage in AT_REST
            yield outside(kind.ARCHIVE_DIRECTION if empty else kind.RELEASE_DIRECTION, part, None)
        elif part.code not in directions:
            yield outside(kind.STAYS_OUTSIDE, part, None)


def stands_alone(part: Part, above: Part | None) -> bool:
    """Whether a group is compared with the template: not a part of a group, nor of what is
    outside itself."""
    return above is not None and above.kind is NodeKind.BASIC_DIRECTION and above.locked


def outside(kind: RegionalUpgradeStep, part: Part, above: Part | None) -> Step:
    return Step(
        kind,
        part.code,
        part.names,
        part.node_id,
        above.code if above is not None else None,
        part.projects,
    )
