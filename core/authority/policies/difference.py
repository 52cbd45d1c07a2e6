"""What changes between two sets of changes, rule by rule, and what a release did to one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.authority.policies.change import ADD, Change, text_of
from core.authority.policies.effective import Ground, effective
from core.authority.policies.problem import Problem, problem
from core.authority.rules import Rule


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule before and after; none: it was not, or is no more, in force."""

    id: str
    before: Rule | None
    after: Rule | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Rules that come into force, go out of it, or say something else, in the order of their ids.

    ``dangling`` are the changes after it of which nothing or only a part is in force, ``drifted``
    those about a rule that the code says otherwise since the change was made.
    """

    rules: tuple[RuleChange, ...]
    dangling: tuple[Problem, ...]
    drifted: tuple[Problem, ...]


def difference(ground: Ground, before: Sequence[Change], after: Sequence[Change]) -> Difference:
    """What the second set of changes does otherwise than the first."""
    old = {rule.id: rule for rule in effective(ground, before).rules}
    reached = effective(ground, after)
    new = {rule.id: rule for rule in reached.rules}
    return Difference(
        rules=tuple(
            RuleChange(id, old.get(id), new.get(id))
            for id in sorted({*old, *new})
            if old.get(id) != new.get(id)
        ),
        dangling=reached.dangling,
        drifted=tuple(drifted(ground, after)),
    )


def drifted(ground: Ground, changes: Sequence[Change]) -> list[Problem]:
    """Changes about a rule that a release has changed since."""
    now = {rule.id: text_of(rule) for rule in ground.defaults}
    return [
        problem("POLICY_RULE_DRIFTED", change, was=change.base, now=now[change.rule])
        for change in changes
        if change.act != ADD and change.base and now.get(change.rule, change.base) != change.base
    ]
