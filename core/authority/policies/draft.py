"""Drafts: a set of changes on the way to becoming a version."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ForeignKey, Text, delete, insert
from sqlalchemy.orm import Mapped, mapped_column

from core.authority.policies.change import ADD, DISABLE, MOST_CHANGES, REPLACE, Change
from core.authority.policies.files import PART_LIMIT, Format, read_changes
from core.authority.policies.ground import (
    code_of_region,
    ground_of,
    own_changes,
    require_manager,
)
from core.authority.policies.policy_version import (
    PolicyChange,
    changes_of_draft,
    changes_of_version,
    head_number,
    rows_of,
)
from core.authority.rules import ANY_REGION, NO_CONDITION
from core.db.base import Base, Key
from core.db.types import UtcDateTime, named_enum
from core.errors import PRODUCT_DEFAULT, InvalidInput, NotFound, WrongState
from core.rows import Lock, find, require_version
from core.texts import NAME_LIMIT, clean, required
from core.work import Work


class DraftState(enum.Enum):
    """What became of a draft."""

    OPEN = "may be edited"
    PUBLISHED = "became a version"
    DISCARDED = "was given up"


class PolicyDraft(Base):
    """A draft. ``based_on`` is the number of the version it was begun from.

    With ``region_id`` it holds the changes of that region's administrators only.
    """

    __tablename__ = "policy_draft"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"), index=True)
    based_on: Mapped[int]
    state: Mapped[DraftState] = mapped_column(named_enum(DraftState))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


async def create_policy_draft(
    work: Work, *, title: str, region_id: int | None = None
) -> PolicyDraft:
    """Begin a draft from the version in force: of the whole country, or of one region's own rules.

    Action ``policy.manage`` at the country, or in the region.
    """
    await require_manager(work, region_id)
    head = await head_number(work.session)
    draft = PolicyDraft(
        title=required(title, "title", limit=NAME_LIMIT),
        region_id=region_id,
        based_on=head,
        state=DraftState.OPEN,
        person_id=work.actor.person_id,
        created_at=work.now,
        version=1,
    )
    work.session.add(draft)
    await work.session.flush()
    changes = await changes_of_version(work.session, head)
    await write(work, draft, await own_changes(work.session, region_id, changes))
    work.record("policyDraftCreated", draft, after={"title": draft.title, "based_on": head})
    return draft


async def add_policy_rule(
    work: Work,
    draft_id: int,
    *,
    expected_version: int,
    rule: str,
    role: str,
    action: str,
    relation: str = "tree",
    condition: str | None = None,
    effect: str = "allow",
    region: str | None = None,
) -> PolicyDraft:
    """Add a rule to a draft, or put it in place of the one with the same id and region.

    A rule of a region holds there only. Action ``policy.manage``. Nothing is checked yet but the
    length of the parts (``TEXT_TOO_LONG``): that is what the draft's problems are for. Raises
    ``POLICY_DRAFT_CLOSED``.
    """
    change = Change(
        act=ADD,
        rule=part(rule, "rule"),
        region=part(region, "region") or ANY_REGION,
        role=part(role, "role"),
        action=part(action, "action"),
        relation=part(relation, "relation"),
        condition=part(condition, "condition") or NO_CONDITION,
        effect=part(effect, "effect") or "allow",
    )
    return await put(work, draft_id, expected_version, change)


async def replace_policy_rule(
    work: Work,
    draft_id: int,
    *,
    expected_version: int,
    rule: str,
    relation: str | None = None,
    condition: str | None = None,
    effect: str | None = None,
    region: str | None = None,
) -> PolicyDraft:
    """Say in a draft that a rule of the code holds otherwise, everywhere or in one region.

    The parts given replace the rule's own; role and action stay. A rule without a condition:
    ``*``. Action ``policy.manage``. Raises ``POLICY_RULE_UNKNOWN``, ``POLICY_DRAFT_CLOSED``.
    """
    known = {each.id: each for each in ground_of(work).defaults}
    found = known.get(part(rule, "rule"))
    if found is None:
        raise InvalidInput("POLICY_RULE_UNKNOWN", field="rule", rule=rule[:200])
    change = Change(
        act=REPLACE,
        rule=found.id,
        region=part(region, "region") or ANY_REGION,
        role=found.role,
        action=found.action,
        relation=part(relation, "relation") or found.relation.value,
        condition=part(condition, "condition") or found.condition,
        effect=part(effect, "effect") or found.effect,
    )
    return await put(work, draft_id, expected_version, change)


async def disable_policy_rule(
    work: Work,
    draft_id: int,
    *,
    expected_version: int,
    rule: str,
    region: str | None = None,
) -> PolicyDraft:
    """Say in a draft that a rule of the code does not hold, nowhere or not in one region.

    Action ``policy.manage``. Raises ``POLICY_DRAFT_CLOSED``.
    """
    change = Change(
        act=DISABLE, rule=part(rule, "rule"), region=part(region, "region") or ANY_REGION
    )
    return await put(work, draft_id, expected_version, change)


async def undo_policy_change(
    work: Work,
    draft_id: int,
    *,
    expected_version: int,
    rule: str,
    region: str | None = None,
) -> PolicyDraft:
    """Take a change out of a draft: the rule is then as the code has it, an added one is gone.

    Action ``policy.manage``. Raises :class:`~core.errors.NotFound` when the draft does not change
    the rule there, ``POLICY_DRAFT_CLOSED``.
    """

    def without(changes: Sequence[Change], own: str) -> list[Change]:
        key = (rule, region or own)
        left = [change for change in changes if change.key != key]
        if len(left) == len(changes):
            raise NotFound("rule")
        return left

    return await rewrite(work, draft_id, expected_version, without)


async def import_policy_draft(
    work: Work, draft_id: int, *, expected_version: int, format: Format, text: str
) -> PolicyDraft:
    """Put what a file says in place of everything a draft holds.

    Action ``policy.manage``. Raises what :func:`~core.authority.policies.files.read_changes`
    does, and ``POLICY_DRAFT_CLOSED``.
    """
    given = read_changes(text, format)

    def replaced(_changes: Sequence[Change], _own: str) -> list[Change]:
        return given

    return await rewrite(work, draft_id, expected_version, replaced)


async def discard_policy_draft(work: Work, draft_id: int, *, expected_version: int) -> PolicyDraft:
    """Give a draft up; it stays readable. Action ``policy.manage``.

    Raises ``POLICY_DRAFT_CLOSED``.
    """
    draft = await open_draft(work, draft_id, expected_version)
    draft.state = DraftState.DISCARDED
    draft.version += 1
    await work.session.flush()
    work.record("policyDraftDiscarded", draft, after={"state": draft.state.name})
    return draft


async def open_draft(work: Work, draft_id: int, expected_version: int) -> PolicyDraft:
    """The draft, held for the unit of work, if the actor may edit it and it is as they saw it."""
    draft = await find(work.session, PolicyDraft, draft_id, field="draftId")
    await require_manager(work, draft.region_id, field="draftId")
    draft = await find(work.session, PolicyDraft, draft_id, field="draftId", lock=Lock.UPDATE)
    require_version(draft.version, expected_version)
    if draft.state is not DraftState.OPEN:
        raise WrongState(
            "POLICY_DRAFT_CLOSED", clause=PRODUCT_DEFAULT, field="draftId", state=draft.state
        )
    return draft


async def put(work: Work, draft_id: int, expected_version: int, change: Change) -> PolicyDraft:
    """Put one change in, in place of the one about the same rule in the same region."""

    def with_it(changes: Sequence[Change], own: str) -> list[Change]:
        placed = replace(change, region=own) if change.region == ANY_REGION else change
        keys = [each.key for each in changes]
        if placed.key in keys:
            at = keys.index(placed.key)
            return [*changes[:at], placed, *changes[at + 1 :]]
        return [*changes, placed]

    return await rewrite(work, draft_id, expected_version, with_it)


Edit = Callable[[Sequence[Change], str], list[Change]]
"""The changes after an edit; the text is the draft's own region, ``*`` for the country."""


async def rewrite(work: Work, draft_id: int, expected_version: int, edit: Edit) -> PolicyDraft:
    """Edit the changes of a draft."""
    draft = await open_draft(work, draft_id, expected_version)
    own = ANY_REGION
    if draft.region_id is not None:
        own = await code_of_region(work.session, draft.region_id)
    before = await changes_of_draft(work.session, draft.id)
    after = edit(before, own)
    if draft.region_id is not None:
        after = [replace(change, by_region=True) for change in after]
    if len(after) > MOST_CHANGES:
        raise InvalidInput("POLICY_TOO_MANY_CHANGES", limit=MOST_CHANGES)
    await write(work, draft, after)
    draft.version += 1
    await work.session.flush()
    changed = sorted({change.rule for change in set(before) ^ set(after)})
    work.record("policyDraftChanged", draft, after={"rules": changed[:100]})
    return draft


async def write(work: Work, draft: PolicyDraft, changes: Sequence[Change]) -> None:
    """Keep these changes as all that the draft holds."""
    session = work.session
    await session.execute(delete(PolicyChange).where(PolicyChange.draft_id == draft.id))
    if changes:
        await session.execute(insert(PolicyChange), rows_of(changes, draft_id=draft.id))


def part(text: str | None, field: str) -> str:
    return clean(text, field, limit=PART_LIMIT) or ""
