"""Faults of a set of changes, each with its line, its rule and its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.authority.policies.change import LONGEST, MOST_CHANGES, Change
from core.authority.policies.faults import faults
from core.authority.policies.problem import Problem
from tests.core.authority.policies.changes import READS, REGION, add, disable, ground, put


def found(*changes: Change) -> list[Problem]:
    lined = [replace(change, line=line) for line, change in enumerate(changes, 1)]
    known = ground()
    return faults(lined, known.defaults, known.catalogue, known.conditions, {REGION})


def codes(*changes: Change) -> list[tuple[int, str]]:
    return [(each.line, each.code) for each in found(*changes)]


def test_a_set_in_order_has_no_faults() -> None:
    changes = [
        disable(),
        disable(region=REGION),
        put("core:project_manager:task.manage", relation="self"),
        add(),
        add("local:two", role="anyone", action="project.read"),
        add("local:three", effect="deny", region=REGION),
    ]
    assert found(*changes) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (replace(add(), act="erase"), "POLICY_ACT_UNKNOWN"),
        (add("local:"), "POLICY_NOT_A_NAME"),
        (add("Local:one"), "POLICY_NOT_A_NAME"),
        (add("one"), "POLICY_NOT_A_NAME"),
        (add("core:one"), "POLICY_ID_NOT_LOCAL"),
        (add(role="False) or (True"), "POLICY_NOT_A_NAME"),
        (add(role="__import__('os')"), "POLICY_NOT_A_NAME"),
        (add(action="project.read' OR '1'='1"), "POLICY_NOT_A_NAME"),
        (add(condition="1=1--"), "POLICY_NOT_A_NAME"),
        (add(region="KZ-75' OR ''='"), "POLICY_NOT_A_NAME"),
        (add(region="!KZ-75"), "POLICY_NOT_A_NAME"),
        (add(role=""), "POLICY_NOT_A_NAME"),
        (add(role="r" * LONGEST), "POLICY_ROLE_UNKNOWN"),
        (add(role="r" * (LONGEST + 1)), "POLICY_PART_TOO_LONG"),
        (add(role="boss"), "POLICY_ROLE_UNKNOWN"),
        (add(role="Айгүл"), "POLICY_NOT_A_NAME"),
        (add(action="project.fly"), "POLICY_ACTION_UNKNOWN"),
        (add(role="auditor", action="auditor"), "POLICY_ROLE_INCLUDED"),
        (add(role="auditor", action="registered_person"), "POLICY_ROLE_INCLUDED"),
        (add(role="Person:5"), "POLICY_NOT_A_NAME"),
        (add(relation="near"), "POLICY_RELATION_UNKNOWN"),
        (add(effect="maybe"), "POLICY_EFFECT_UNKNOWN"),
        (add(condition="by_moon"), "POLICY_CONDITION_UNKNOWN"),
        (add(region="KZ-99"), "POLICY_REGION_UNKNOWN"),
        (add(by_region=True), "POLICY_REGION_NEEDED"),
        (add(relation="own"), "POLICY_RELATION_NOT_OF_ROLE"),
        (add(role="anyone", relation="self"), "POLICY_RELATION_NOT_OF_ROLE"),
        (disable("core:nobody:project.read"), "POLICY_RULE_UNKNOWN"),
        (disable("local:one"), "POLICY_RULE_UNKNOWN"),
        (replace(put(), role="auditor"), "POLICY_REPLACES_ANOTHER"),
        (replace(put(), action="project.create"), "POLICY_REPLACES_ANOTHER"),
    ],
)
def test_a_bad_change_is_told_with_its_line(change: Change, code: str) -> None:
    assert codes(disable("core:project_manager:task.manage"), change) == [(2, code)]


def test_each_fault_is_told_and_not_only_the_first() -> None:
    assert codes(add(role="boss", action="x.y"), disable(), add("two")) == [
        (1, "POLICY_ROLE_UNKNOWN"),
        (1, "POLICY_ACTION_UNKNOWN"),
        (3, "POLICY_NOT_A_NAME"),
    ]


def test_one_rule_is_changed_once_in_one_place() -> None:
    assert codes(disable(), put(relation="self")) == [(2, "POLICY_RULE_TWICE")]
    assert codes(disable(), disable(region=REGION)) == []
    assert codes(add(), add(action="task.manage", region=REGION)) == [(2, "POLICY_RULE_TWICE")]


def test_rules_that_say_the_opposite_of_each_other_contradict() -> None:
    (fault,) = found(add(), add("local:two", effect="deny"))
    assert (fault.line, fault.code, fault.params["other"]) == (
        2,
        "POLICY_RULES_CONTRADICT",
        "local:one",
    )
    assert codes(add(), add("local:two")) == [(2, "POLICY_RULES_DOUBLED")]
    assert codes(add(), add("local:two", effect="deny", region=REGION)) == []


def test_a_set_has_no_more_changes_than_the_most() -> None:
    many = [disable(READS)] * (MOST_CHANGES + 1)
    assert codes(*many) == [(MOST_CHANGES + 1, "POLICY_TOO_MANY_CHANGES")]
