"""What is wrong with a set of changes: every fault, with its line, its rule and its reason."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from core.authority.catalogue import Catalogue
from core.authority.conditions import ConditionRegistry
from core.authority.policies.change import (
    ACTS,
    ADD,
    DISABLE,
    LOCAL,
    LONGEST,
    MOST_CHANGES,
    REPLACE,
    Change,
)
from core.authority.policies.problem import Problem, problem
from core.authority.policy import problems_of
from core.authority.rules import ANY_REGION, CODE, NO_CONDITION, REGION_CODE, Relation, Rule

RULE_ID = re.compile(r"[a-z][a-z0-9_]*(:[a-z0-9_.]+)+")

RELATIONS = frozenset(relation.value for relation in Relation)


def faults(
    changes: Sequence[Change],
    defaults: Sequence[Rule],
    catalogue: Catalogue,
    conditions: ConditionRegistry,
    regions: Collection[str],
) -> list[Problem]:
    """Everything wrong with a set of changes, in the order of its lines.

    ``regions`` are the codes of the regions there are. Whether a region may have what its changes
    ask is another question (:mod:`core.authority.policies.effective`).
    """
    if len(changes) > MOST_CHANGES:
        return [problem("POLICY_TOO_MANY_CHANGES", changes[MOST_CHANGES], limit=MOST_CHANGES)]
    by_id = {rule.id: rule for rule in defaults}
    found: list[Problem] = []
    for change in changes:
        bad = list(unreadable(change))
        found.extend(bad)
        if bad:
            continue
        if change.by_region and change.region == ANY_REGION:
            found.append(problem("POLICY_REGION_NEEDED", change))
        if change.region != ANY_REGION and change.region not in regions:
            found.append(problem("POLICY_REGION_UNKNOWN", change))
        found.extend(misplaced(change, by_id))
        if change.act != DISABLE:
            found.extend(faults_of_rule(change, catalogue, conditions))
    found.extend(contradictions(changes))
    return sorted(found, key=lambda each: each.line)


def unreadable(change: Change) -> Iterator[Problem]:
    """Parts that are no names: too long, or something that looks like code."""
    parts = {
        "act": change.act,
        "rule": change.rule,
        "region": change.region,
        "role": change.role,
        "action": change.action,
        "relation": change.relation,
        "condition": change.condition,
        "effect": change.effect,
    }
    for name, text in parts.items():
        if len(text) > LONGEST:
            yield problem("POLICY_PART_TOO_LONG", change, part=name, limit=LONGEST)
            return
    if change.act not in ACTS:
        yield problem("POLICY_ACT_UNKNOWN", change, act=change.act)
    if not RULE_ID.fullmatch(change.rule):
        yield problem("POLICY_NOT_A_NAME", change, part="rule", text=change.rule)
    if change.region != ANY_REGION and not REGION_CODE.fullmatch(change.region):
        yield problem("POLICY_NOT_A_NAME", change, part="region", text=change.region)
    if change.act == DISABLE:
        return
    for name in ("role", "action"):
        if not CODE.fullmatch(parts[name]):
            yield problem("POLICY_NOT_A_NAME", change, part=name, text=parts[name])
    if change.condition != NO_CONDITION and not CODE.fullmatch(change.condition):
        yield problem("POLICY_NOT_A_NAME", change, part="condition", text=change.condition)


def misplaced(change: Change, by_id: dict[str, Rule]) -> Iterator[Problem]:
    """A change whose id does not fit what it does."""
    if change.act == ADD:
        if not change.rule.startswith(LOCAL):
            yield problem("POLICY_ID_NOT_LOCAL", change, prefix=LOCAL)
        return
    default = by_id.get(change.rule)
    if default is None:
        yield problem("POLICY_RULE_UNKNOWN", change)
    elif change.act == REPLACE and (change.role, change.action) != (default.role, default.action):
        yield problem("POLICY_REPLACES_ANOTHER", change, role=default.role, action=default.action)


def faults_of_rule(
    change: Change, catalogue: Catalogue, conditions: ConditionRegistry
) -> Iterator[Problem]:
    """Names in the rule of a change that nothing defines, or that do not go together."""
    fault = False
    if change.role not in catalogue.roles and change.role not in catalogue.implied:
        fault = True
        yield problem("POLICY_ROLE_UNKNOWN", change, role=change.role)
    if change.action in catalogue.roles or change.action in catalogue.implied:
        fault = True
        yield problem("POLICY_ROLE_INCLUDED", change, role=change.role, other=change.action)
    elif change.action not in catalogue.permissions:
        fault = True
        yield problem("POLICY_ACTION_UNKNOWN", change, action=change.action)
    if change.relation not in RELATIONS:
        fault = True
        yield problem("POLICY_RELATION_UNKNOWN", change, relation=change.relation)
    if change.effect not in ("allow", "deny"):
        fault = True
        yield problem("POLICY_EFFECT_UNKNOWN", change, effect=change.effect)
    if change.condition != NO_CONDITION and change.condition not in conditions:
        fault = True
        yield problem("POLICY_CONDITION_UNKNOWN", change, condition=change.condition)
    if not fault and list(problems_of([change.made()], catalogue, conditions)):
        yield problem(
            "POLICY_RELATION_NOT_OF_ROLE", change, role=change.role, relation=change.relation
        )


def contradictions(changes: Sequence[Change]) -> Iterator[Problem]:
    """One rule changed twice in one place; rules that say the same, or its opposite."""
    by_key: dict[tuple[str, str], Change] = {}
    by_words: dict[tuple[str, ...], list[Change]] = defaultdict(list)
    added: dict[str, Change] = {}
    for change in changes:
        first = by_key.setdefault(change.key, change)
        if first is not change or (
            change.act == ADD and added.setdefault(change.rule, change) is not change
        ):
            yield problem("POLICY_RULE_TWICE", change)
            continue
        if change.act == ADD:
            words = (change.role, change.action, change.relation, change.condition, change.region)
            for other in by_words[words]:
                same = other.effect == change.effect
                code = "POLICY_RULES_DOUBLED" if same else "POLICY_RULES_CONTRADICT"
                yield problem(code, change, other=other.rule)
            by_words[words].append(change)
