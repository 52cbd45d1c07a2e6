"""Changes to write tests with."""

from __future__ import annotations

from functools import cache
from typing import Any

from core.authority.catalogue import core_catalogue
from core.authority.policies.change import ADD, DISABLE, REPLACE, Change
from core.authority.policies.effective import Ground, effective
from core.authority.rules import Rule, default_rules
from core.hierarchy.conditions import core_conditions

READS = "core:project_manager:project.read"
"""A rule of the core without a condition."""

REGION = "KZ-75"


@cache
def ground() -> Ground:
    catalogue = core_catalogue()
    return Ground(default_rules(catalogue), catalogue, core_conditions())


def disable(rule: str = READS, **parts: Any) -> Change:
    return Change(act=DISABLE, rule=rule, **parts)


def put(rule: str = READS, **parts: Any) -> Change:
    default = next(each for each in ground().defaults if each.id == rule)
    given = {
        "role": default.role,
        "action": default.action,
        "relation": default.relation.value,
        "condition": default.condition,
        **parts,
    }
    return Change(act=REPLACE, rule=rule, **given)


def add(rule: str = "local:one", **parts: Any) -> Change:
    given = {"role": "auditor", "action": "project.create", "relation": "tree", **parts}
    return Change(act=ADD, rule=rule, **given)


def in_force(*changes: Change, rule: str = READS) -> list[Rule]:
    """The rules in force with this id, or that stand beside it in a region, and those added."""
    return [
        each
        for each in effective(ground(), changes).rules
        if each.id.startswith((rule + "@", "local:")) or each.id == rule
    ]
