"""Publishing a draft, and going back to an older version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import insert, select

from core.authority.policies.change import ADD, Change, text_of
from core.authority.policies.draft import DraftState, open_draft
from core.authority.policies.effective import Ground
from core.authority.policies.ground import ground_of, require_manager
from core.authority.policies.lockout import require_keepers
from core.authority.policies.policy_version import (
    PolicyChange,
    PolicyVersion,
    changes_of_version,
    hold_head,
    rows_of,
)
from core.authority.policies.problem import Problem
from core.authority.policies.proposal import proposal
from core.authority.trial.asserting import require_assertions
from core.errors import PRODUCT_DEFAULT, NotFound, RuleRefused, StaleVersion
from core.texts import clean, required
from core.work import Work


async def publish_policy(
    work: Work,
    draft_id: int,
    *,
    expected_version: int,
    expected_head: int,
    reason: str,
    despite: str | None = None,
) -> PolicyVersion:
    """Put a draft in force as the next version, whole or not at all.

    ``expected_head`` is the number of the version the editor saw in force. Action
    ``policy.manage`` at the country; for a draft of a region, in the region. Raises
    :class:`~core.errors.StaleVersion` when another version is in force, or the draft was begun
    from another (``CONFLICT``), ``POLICY_INVALID`` with the first fault,
    ``POLICY_NOTHING_CHANGED``, ``POLICY_LOCKOUT``, and ``POLICY_BREAKS_ASSERTIONS`` unless
    ``despite`` says why assertions that hold now may be broken (product default); those of the
    country no region breaks (``POLICY_BREAKS_COUNTRY_ASSERTIONS``).
    """
    draft = await open_draft(work, draft_id, expected_version)
    head = await hold_head(work.session)
    for field, seen in (("expectedHead", expected_head), ("draftId", draft.based_on)):
        if seen != head:
            raise StaleVersion(expected=seen, current=head, field=field)
    ground = ground_of(work)
    given = await proposal(work.session, ground, draft)
    before, after, found = given.before, given.after, given.problems
    if found:
        raise invalid(found)
    if {*before} == {*after}:
        raise RuleRefused("POLICY_NOTHING_CHANGED", clause=PRODUCT_DEFAULT, field="draftId")
    version = await put_in_force(
        work, ground, before, after, head, reason, region_id=draft.region_id, despite=despite
    )
    draft.state = DraftState.PUBLISHED
    draft.version += 1
    await work.session.flush()
    return version


async def roll_back_policy(
    work: Work, *, number: int, expected_head: int, reason: str, despite: str | None = None
) -> PolicyVersion:
    """Publish the content of an older version anew; number 0 stands for no change at all.

    Action ``policy.manage`` at the country. Raises :class:`~core.errors.NotFound` for a version
    there is not, :class:`~core.errors.StaleVersion`, ``POLICY_NOTHING_CHANGED``,
    ``POLICY_LOCKOUT``, ``POLICY_BREAKS_ASSERTIONS`` like a publication.
    """
    await require_manager(work, None)
    head = await hold_head(work.session)
    if expected_head != head:
        raise StaleVersion(expected=expected_head, current=head, field="expectedHead")
    if number and not await work.session.scalar(
        select(PolicyVersion.id).where(PolicyVersion.number == number)
    ):
        raise NotFound("number")
    before = await changes_of_version(work.session, head)
    after = await changes_of_version(work.session, number)
    if {*before} == {*after}:
        raise RuleRefused("POLICY_NOTHING_CHANGED", clause=PRODUCT_DEFAULT, field="number")
    return await put_in_force(
        work, ground_of(work), before, after, head, reason, restores=number, despite=despite
    )


async def put_in_force(
    work: Work,
    ground: Ground,
    before: Sequence[Change],
    after: Sequence[Change],
    head: int,
    reason: str,
    *,
    region_id: int | None = None,
    restores: int | None = None,
    despite: str | None = None,
) -> PolicyVersion:
    """Write the next version. Raises ``POLICY_LOCKOUT``, ``POLICY_BREAKS_ASSERTIONS``,
    ``TEXT_REQUIRED``."""
    now, policy = ground.policy(before), ground.policy(after)
    await require_keepers(work, now, policy)
    despite = clean(despite, "despite")
    broken = await require_assertions(
        work.session, now, policy, work.today, despite=despite, by_region=region_id is not None
    )
    version = PolicyVersion(
        number=head + 1,
        reason=required(reason, "reason"),
        person_id=work.actor.person_id,
        region_id=region_id,
        restores=restores,
        published_at=work.now,
    )
    work.session.add(version)
    await work.session.flush()
    if after:
        looked_at = with_bases(ground, before, after, renewed=region_id is None)
        await work.session.execute(insert(PolicyChange), rows_of(looked_at, version_id=version.id))
    work.record(
        "policyPublished",
        version,
        after={
            "number": version.number,
            "reason": version.reason,
            "changes": len(after),
            **({"breaks": broken[:100], "despite": despite} if broken else {}),
        },
    )
    return version


def with_bases(
    ground: Ground, before: Sequence[Change], after: Sequence[Change], *, renewed: bool
) -> list[Change]:
    """The changes, each with the rule of the code it is about.

    Whoever publishes for the country was shown what drifted and let it stand: those are no longer
    told of. Whoever publishes for a region leaves the others' as they were.
    """
    now = {rule.id: text_of(rule) for rule in ground.defaults}
    old = {change: change.base for change in before}
    return [
        change
        if change.act == ADD
        else replace(
            change,
            base=old[change]
            if change in old and not renewed
            else now.get(change.rule, old.get(change, "")),
        )
        for change in after
    ]


def invalid(found: Sequence[Problem]) -> RuleRefused:
    """The refusal of a set that has these problems: the first in words, and how many there are."""
    first = found[0]
    return RuleRefused(
        "POLICY_INVALID",
        clause=PRODUCT_DEFAULT,
        field="draftId",
        count=len(found),
        line=first.line,
        rule=first.rule[:200],
        reason=first.code,
    )
