"""One change of an administrator to the rules that the code brings."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal

from core.authority.rules import ANY_REGION, NO_CONDITION, Relation, Rule

ADD, REPLACE, DISABLE = "add", "replace", "disable"
ACTS = (ADD, REPLACE, DISABLE)

LOCAL = "local:"
"""What ids of added rules begin with; no plugin can have this name."""

MOST_CHANGES = 5_000
LONGEST = 150
"""Letters of any one part of a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Add a rule, replace what a rule of the code says, or disable it: everywhere, or in a region.

    Its parts are texts as somebody wrote them; a draft may hold nonsense, a version does not.
    ``rule`` is the id. A replacement keeps role and action. ``by_region``: made by a regional
    administrator, and at no time worth more than the national rules. ``base`` is the rule of the
    code that was changed, as it was then. ``line`` is its place in a file or draft, from 1.
    """

    act: str
    rule: str
    region: str = ANY_REGION
    role: str = ""
    action: str = ""
    relation: str = ""
    condition: str = NO_CONDITION
    effect: str = "allow"
    by_region: bool = False
    base: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    @property
    def key(self) -> tuple[str, str]:
        """What no two changes of a set have in common."""
        return self.rule, self.region

    @property
    def rule_id(self) -> str:
        """The id of the rule that it makes: a replacement in one region stands beside the rule."""
        regional = self.act == REPLACE and self.region != ANY_REGION
        return f"{self.rule}@{self.region}" if regional else self.rule

    def made(self) -> Rule:
        """The rule it adds or puts in place. Raises :class:`ValueError` for nonsense."""
        if self.effect == "allow":
            effect: Literal["allow", "deny"] = "allow"
        elif self.effect == "deny":
            effect = "deny"
        else:
            raise ValueError(f"{self.effect!r} is neither allow nor deny")
        return Rule(
            id=self.rule_id,
            role=self.role,
            action=self.action,
            relation=Relation(self.relation),
            condition=self.condition,
            region=self.region,
            effect=effect,
        )


def text_of(rule: Rule) -> str:
    """What a rule says, without its id, as text to keep and to compare."""
    return json.dumps([rule.role, rule.action, rule.relation.value, rule.condition, rule.effect])
