"""What a draft would put in force, and what keeps it from that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.policies.change import Change
from core.authority.policies.draft import PolicyDraft
from core.authority.policies.effective import Ground, effective
from core.authority.policies.faults import faults
from core.authority.policies.ground import code_of_region, region_codes
from core.authority.policies.policy_version import (
    changes_of_draft,
    changes_of_version,
    head_number,
)
from core.authority.policies.problem import Problem, problem

AFTER_AN_UPGRADE = frozenset(
    {
        "POLICY_RULE_UNKNOWN",
        "POLICY_ROLE_UNKNOWN",
        "POLICY_ACTION_UNKNOWN",
        "POLICY_ROLE_INCLUDED",
        "POLICY_CONDITION_UNKNOWN",
        "POLICY_RELATION_UNKNOWN",
        "POLICY_RELATION_NOT_OF_ROLE",
        "POLICY_REGION_UNKNOWN",
        "POLICY_REPLACES_ANOTHER",
        "POLICY_NOT_FOR_REGIONS",
        "POLICY_OVER_CEILING",
        "POLICY_CHANGE_WITHOUT_EFFECT",
    }
)
"""What may befall a change that was in order when it was published; it does not keep others from
being published."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The changes in force and those that would be, and the problems of the draft by its lines."""

    before: tuple[Change, ...]
    after: tuple[Change, ...]
    problems: tuple[Problem, ...]


async def proposal(session: AsyncSession, ground: Ground, draft: PolicyDraft) -> Proposal:
    """What a draft would do to the version in force now.

    The draft of a region replaces that region's own changes and leaves all others.
    """
    before = await changes_of_version(session, await head_number(session))
    own = await changes_of_draft(session, draft.id)
    region, after = None, own
    if draft.region_id is not None:
        region = await code_of_region(session, draft.region_id)
        others = [each for each in before if not (each.by_region and each.region == region)]
        after = [*others, *own]
    found = problems(ground, before, after, own, await region_codes(session), region)
    return Proposal(tuple(before), tuple(after), tuple(found))


def problems(
    ground: Ground,
    before: Sequence[Change],
    after: Sequence[Change],
    own: Sequence[Change],
    regions: frozenset[str],
    region: str | None,
) -> list[Problem]:
    """Everything that keeps ``after`` from being put in force in place of ``before``.

    ``own`` are the changes of the draft, by whose lines problems are told; ``region`` is the one
    the draft is confined to.
    """
    found = [
        problem("POLICY_NOT_YOUR_REGION", change, own=region)
        for change in own
        if region is not None and change.region != region
    ]
    found += faults(after, ground.defaults, ground.catalogue, ground.conditions, regions)
    if not found:
        found += effective(ground, after).dangling
    kept = {change.key for change in {*before} & {*after}}
    return list(
        dict.fromkeys(
            each
            for each in found
            if not (each.code in AFTER_AN_UPGRADE and (each.rule, each.region) in kept)
        )
    )
