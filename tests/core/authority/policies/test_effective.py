"""The rules in force: those of the code with what administrators changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.authority.policies.change import Change
from core.authority.policies.effective import effective
from core.authority.rules import Relation
from tests.core.authority.policies.changes import (
    READS,
    REGION,
    add,
    disable,
    ground,
    in_force,
    put,
)

(DEFAULT,) = (rule for rule in ground().defaults if rule.id == READS)


def dangling(*changes: Change) -> list[str]:
    return [each.code for each in effective(ground(), changes).dangling]


def test_without_changes_the_rules_of_the_code_are_in_force() -> None:
    found = effective(ground(), [])
    assert (found.rules, found.dangling) == (ground().defaults, ())


def test_a_disabled_rule_is_not_in_force() -> None:
    assert in_force(disable()) == []
    assert len(effective(ground(), [disable()]).rules) == len(ground().defaults) - 1


def test_a_rule_disabled_in_a_region_holds_everywhere_else() -> None:
    changes = [disable(region=REGION), disable(region="KZ-10")]
    assert in_force(*changes) == [replace(DEFAULT, region="!KZ-10,KZ-75")]


def test_a_replacement_says_otherwise_under_the_same_id() -> None:
    assert in_force(put(relation="self")) == [replace(DEFAULT, relation=Relation.SELF)]


def test_a_replacement_in_a_region_stands_beside_the_rule() -> None:
    assert in_force(put(relation="self", region=REGION)) == [
        replace(DEFAULT, region="!KZ-75"),
        replace(DEFAULT, id=f"{READS}@KZ-75", relation=Relation.SELF, region=REGION),
    ]


def test_a_national_and_a_regional_change_of_one_rule_go_together() -> None:
    changes = [put(condition="no_project_group"), disable(region=REGION)]
    assert in_force(*changes) == [replace(DEFAULT, condition="no_project_group", region="!KZ-75")]


def test_an_added_rule_is_in_force_beside_all_others() -> None:
    (made,) = in_force(add(), rule="local:one")
    assert (made.id, made.role, made.region, made.effect) == ("local:one", "auditor", "*", "allow")
    assert len(effective(ground(), [add()]).rules) == len(ground().defaults) + 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (disable("core:gone:project.read"), "POLICY_RULE_UNKNOWN"),
        (replace(put(), rule="core:gone:project.read"), "POLICY_RULE_UNKNOWN"),
        (add(role="gone"), "POLICY_ROLE_UNKNOWN"),
        (add(action="gone.read"), "POLICY_ACTION_UNKNOWN"),
        (add(relation="gone"), "POLICY_RELATION_UNKNOWN"),
        (add(condition="gone"), "POLICY_CONDITION_UNKNOWN"),
    ],
)
def test_what_a_release_took_away_is_told_and_lets_nobody_do_more(
    change: Change, code: str
) -> None:
    found = effective(ground(), [change])
    assert ([each.code for each in found.dangling], found.rules) == ([code], ground().defaults)


def test_a_replacement_that_lost_its_condition_leaves_its_rule_disabled() -> None:
    change = put(condition="gone")
    assert (in_force(change), dangling(change)) == ([], ["POLICY_CONDITION_UNKNOWN"])


def test_a_denial_that_lost_its_condition_denies_without_it() -> None:
    change = add(condition="gone", effect="deny")
    (made,) = in_force(change, rule="local:one")
    assert (made.condition, made.effect) == ("*", "deny")
    assert dangling(change) == ["POLICY_CONDITION_UNKNOWN"]


def test_a_regional_change_of_a_rule_disabled_nationally_does_nothing() -> None:
    changes = [disable(), put(relation="self", region=REGION)]
    assert in_force(*changes) == []
    assert dangling(*changes) == ["POLICY_CHANGE_WITHOUT_EFFECT"]


COVERED = [
    put(relation="self", region=REGION),
    put(condition="no_project_group", region=REGION),
    add(role="project_manager", action="project.read", relation="self", region=REGION),
    add(effect="deny", region=REGION),
    disable(region=REGION),
]

BEYOND = [
    add(region=REGION),
    add(role="project_manager", action="project.read", relation="up", region=REGION),
    put(relation="up", region=REGION),
    add(role="project_manager", action="project.read"),
]


@pytest.mark.parametrize("change", COVERED)
def test_a_region_narrows_what_the_country_allows(change: Change) -> None:
    assert dangling(replace(change, by_region=True)) == []


@pytest.mark.parametrize("change", BEYOND)
def test_a_region_never_allows_more_than_the_country(change: Change) -> None:
    by_region = replace(change, by_region=True)
    assert dangling(by_region) == ["POLICY_OVER_CEILING"]
    made = {rule.id for rule in effective(ground(), [by_region]).rules}
    assert by_region.rule_id not in made or by_region.rule_id in {
        rule.id for rule in ground().defaults
    }
    assert dangling(change) == []


def test_a_regional_allow_ends_with_the_national_rule_it_stands_on() -> None:
    regional = add(
        role="project_manager",
        action="project.read",
        relation="self",
        region=REGION,
        by_region=True,
    )
    assert len(in_force(regional)) == 2
    assert in_force(disable(), regional) == []
    assert dangling(disable(), regional) == ["POLICY_OVER_CEILING"]


def test_what_the_country_took_from_a_region_the_region_cannot_give_back() -> None:
    taken = disable(region=REGION)
    given = add(
        role="project_manager",
        action="project.read",
        relation="tree",
        region=REGION,
        by_region=True,
    )
    assert dangling(taken, given) == ["POLICY_OVER_CEILING"]


@pytest.mark.parametrize(
    "change",
    [
        disable(region=REGION, by_region=True),
        put(effect="deny", relation="self", region=REGION, by_region=True),
        put(effect="allow", region=REGION, by_region=True),
    ],
)
def test_a_region_does_not_lift_what_the_country_denies(change: Change) -> None:
    denied = put(effect="deny")
    assert in_force(denied, change) == [replace(DEFAULT, effect="deny")]
    assert dangling(denied, change) == ["POLICY_OVER_CEILING"]
    assert in_force(denied, replace(change, by_region=False))[0].region == "!KZ-75"


WATCH = "core:auditor:audit.read"
"""A rule by which the country watches over its regions."""


@pytest.mark.parametrize(
    "change",
    [
        disable(WATCH, region=REGION),
        put(WATCH, region=REGION, relation="self"),
        add("local:blind", role="auditor", action="audit.read", effect="deny", region=REGION),
    ],
)
def test_a_region_does_not_touch_what_the_country_watches_over_it_by(change: Change) -> None:
    assert dangling(change) == []
    ours = replace(change, by_region=True)
    assert dangling(ours) == ["POLICY_NOT_FOR_REGIONS"]
    assert effective(ground(), [ours]).rules == ground().defaults


def test_a_region_may_narrow_what_else_a_role_of_the_country_does() -> None:
    change = add(
        "local:narrow", role="auditor", action="project.read", effect="deny", region=REGION,
        by_region=True,
    )  # fmt: skip
    assert dangling(change) == []
