"""The rules in force: those of the code with the changes of administrators.

Whatever a change can no longer do after an upgrade, because its rule, role, action, condition or
relation is gone, is reported and never lets anybody do more: a broken replacement leaves its rule
disabled, a denial whose condition is gone denies without it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.authority.catalogue import Catalogue
from core.authority.conditions import ConditionRegistry
from core.authority.policies.change import ADD, DISABLE, Change
from core.authority.policies.faults import faults_of_rule
from core.authority.policies.problem import Problem, problem
from core.authority.policy import PolicySet
from core.authority.rules import (
    ANY_REGION,
    NO_CONDITION,
    Relation,
    Rule,
    default_rules,
    everywhere_but,
    speaks_of,
)
from core.tree.node import NodeKind
from core.work import Profile


@dataclass(frozen=True, slots=True)
class Effective:
    """The rules in force, and the changes of which nothing or only a part is in force."""

    rules: tuple[Rule, ...]
    dangling: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the code brings: rules, and the names that rules may use."""

    defaults: Sequence[Rule]
    catalogue: Catalogue
    conditions: ConditionRegistry

    @classmethod
    def of(cls, catalogue: Catalogue, conditions: ConditionRegistry, profile: Profile) -> Ground:
        """What a catalogue brings under one edition of the Rules."""
        return cls(default_rules(catalogue, profile), catalogue, conditions)

    def policy(self, changes: Sequence[Change]) -> PolicySet:
        """The set of rules in force under these changes."""
        rules = effective(self, changes).rules
        return PolicySet(self.catalogue, rules, self.conditions)


def effective(ground: Ground, changes: Sequence[Change]) -> Effective:
    """Apply changes to the rules of the code; a denial wins over every allow."""
    national = [change for change in changes if not change.by_region]
    found = applied(ground, national)
    if len(national) == len(changes):
        return found
    return applied(ground, changes, ceiling=found.rules)


def applied(
    ground: Ground, changes: Sequence[Change], *, ceiling: Sequence[Rule] | None = None
) -> Effective:
    """The rules under these changes; those of regions only as far as ``ceiling`` covers them."""
    everywhere: dict[str, Change] = {}
    regional: dict[str, dict[str, Change]] = defaultdict(dict)
    rules: list[Rule] = []
    dangling: list[Problem] = []
    known = {rule.id for rule in ground.defaults}
    covering = by_right(ceiling or ())
    changes = list(within_reach(ground, changes, dangling))
    for change in sorted(changes, key=lambda change: change.by_region):
        if change.act == ADD:
            continue
        if change.rule not in known:
            dangling.append(problem("POLICY_RULE_UNKNOWN", change))
        elif change.region == ANY_REGION:
            everywhere.setdefault(change.rule, change)
        else:
            regional[change.rule].setdefault(change.region, change)
    for default in ground.defaults:
        base: Rule | None = default
        if default.id in everywhere:
            base = in_place(ground, everywhere[default.id], dangling)
        local = regional.get(default.id, {})
        if base is not None and base.effect == "deny":
            local = without_lifting(base, local, dangling)
        if base is not None:
            rules.append(replace(base, region=everywhere_but(local)) if local else base)
        for change in local.values():
            if base is None:
                dangling.append(problem("POLICY_CHANGE_WITHOUT_EFFECT", change))
                continue
            made = in_place(ground, change, dangling)
            if made is not None:
                rules.extend(within(change, made, covering, dangling))
    for change in changes:
        if change.act == ADD:
            made = in_place(ground, change, dangling)
            if made is not None:
                rules.extend(within(change, made, covering, dangling))
    return Effective(tuple(once(rules)), tuple(dangling))


WATCHING = ("audit.", "policy.", "role_assignment.", "plugin.")
"""Actions by which the country watches over its regions begin with these (product default)."""


def within_reach(
    ground: Ground, changes: Sequence[Change], dangling: list[Problem]
) -> Iterable[Change]:
    """The changes, without those of regions about what the country watches over them by."""
    defaults = {rule.id: rule for rule in ground.defaults}
    for change in changes:
        about: Rule | Change = defaults.get(change.rule, change)
        role = ground.catalogue.roles.get(about.role)
        of_the_country = role is not None and any(
            NodeKind.COUNTRY in kinds for kinds in role.node_kinds.values()
        )
        if change.by_region and of_the_country and about.action.startswith(WATCHING):
            dangling.append(
                problem("POLICY_NOT_FOR_REGIONS", change, role=about.role, action=about.action)
            )
        else:
            yield change


def without_lifting(
    base: Rule, local: dict[str, Change], dangling: list[Problem]
) -> dict[str, Change]:
    """The changes of a denial in single regions; a regional administrator takes none away."""
    lifting = {region: change for region, change in local.items() if change.by_region}
    for change in lifting.values():
        dangling.append(problem("POLICY_OVER_CEILING", change, role=base.role, action=base.action))
    return {region: change for region, change in local.items() if region not in lifting}


def once(rules: Iterable[Rule]) -> Iterable[Rule]:
    """Each id once, the first of it; a set of rules with doubled ids is none."""
    found: dict[str, Rule] = {}
    for rule in rules:
        found.setdefault(rule.id, rule)
    return found.values()


def in_place(ground: Ground, change: Change, dangling: list[Problem]) -> Rule | None:
    """The rule a change makes, as far as its names still mean something."""
    if change.act == DISABLE:
        return None
    faults = list(faults_of_rule(change, ground.catalogue, ground.conditions))
    dangling.extend(faults)
    if not faults:
        return change.made()
    gone = {fault.code for fault in faults}
    if gone == {"POLICY_CONDITION_UNKNOWN"} and change.effect == "deny":
        return replace(change.made(), condition=NO_CONDITION)
    return None


Right = tuple[str, str]


def by_right(rules: Iterable[Rule]) -> dict[Right, list[Rule]]:
    """The allowing rules by role and action."""
    found: dict[Right, list[Rule]] = defaultdict(list)
    for rule in rules:
        if rule.effect == "allow":
            found[rule.role, rule.action].append(rule)
    return found


def within(
    change: Change, rule: Rule, covering: dict[Right, list[Rule]], dangling: list[Problem]
) -> Iterable[Rule]:
    """The rule, unless a regional administrator made it and the national rules do not cover it."""
    wider = covering.get((rule.role, rule.action), ()) if change.region != ANY_REGION else ()
    free = not change.by_region or rule.effect == "deny"
    if free or any(covers(wide, rule) for wide in wider):
        yield rule
    else:
        dangling.append(problem("POLICY_OVER_CEILING", change, role=rule.role, action=rule.action))


def covers(wide: Rule, narrow: Rule) -> bool:
    """Whether ``narrow``, about the same role and action in one region, allows nothing more."""
    return (
        (wide.relation is narrow.relation or reaches(wide.relation, narrow.relation))
        and wide.condition in (NO_CONDITION, narrow.condition)
        and speaks_of(wide.region, narrow.region)
    )


def reaches(wide: Relation, narrow: Relation) -> bool:
    """A role that counts below its node counts at the node."""
    return wide is Relation.TREE and narrow is Relation.SELF
