"""Carrying a draft over to a version that somebody else has published meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from core.authority.policies.change import Change
from core.authority.policies.draft import PolicyDraft, open_draft, write
from core.authority.policies.ground import own_changes
from core.authority.policies.policy_version import (
    changes_of_draft,
    changes_of_version,
    head_number,
)
from core.errors import PRODUCT_DEFAULT, InvalidInput, RuleRefused
from core.work import Work

ByKey = dict[tuple[str, str], Change]


async def rebase_policy_draft(work: Work, draft_id: int, *, expected_version: int) -> PolicyDraft:
    """Begin a draft anew from the version in force, and put in again what was edited in it.

    Action ``policy.manage`` at the country; for a draft of a region, in the region. Raises
    ``POLICY_DRAFT_CLOSED``, ``POLICY_RULE_TWICE`` for a draft that changes one rule twice in one
    place, and ``POLICY_DRAFT_CONFLICTS`` where both changed the same rule, each otherwise.
    """
    draft = await open_draft(work, draft_id, expected_version)
    session, head = work.session, await head_number(work.session)
    based_on = by_key(
        await own_changes(
            session, draft.region_id, await changes_of_version(session, draft.based_on)
        )
    )
    theirs = by_key(
        await own_changes(session, draft.region_id, await changes_of_version(session, head))
    )
    mine = by_key(await changes_of_draft(session, draft.id))
    edited = {key for key in {*based_on, *mine} if based_on.get(key) != mine.get(key)}
    both = sorted(
        key for key in edited if theirs.get(key) not in (based_on.get(key), mine.get(key))
    )
    if both:
        raise RuleRefused(
            "POLICY_DRAFT_CONFLICTS",
            clause=PRODUCT_DEFAULT,
            field="draftId",
            rules=[rule for rule, _ in both],
        )
    merged = {key: change for key, change in theirs.items() if key not in edited or key in mine}
    merged |= {key: mine[key] for key in mine if key in edited}
    await write(work, draft, list(merged.values()))
    before = draft.based_on
    draft.based_on = head
    draft.version += 1
    await session.flush()
    work.record("policyDraftRebased", draft, before={"based_on": before}, after={"based_on": head})
    return draft


def by_key(changes: Sequence[Change]) -> ByKey:
    """Changes by rule and region. Raises ``POLICY_RULE_TWICE``."""
    found: ByKey = {}
    for change in changes:
        if found.setdefault(change.key, change) is not change:
            raise InvalidInput(
                "POLICY_RULE_TWICE", field="draftId", rule=change.rule, region=change.region
            )
    return found
