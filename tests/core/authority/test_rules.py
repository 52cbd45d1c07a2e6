"""Rules: what may stand in one, and which the catalogue implies."""

from __future__ import annotations

import pytest

from core.authority.catalogue import core_catalogue
from core.authority.policy import PolicySet
from core.authority.rules import Relation, Rule, default_rules
from core.hierarchy.conditions import core_conditions
from core.work import Profile

GOOD = {"id": "test:1", "role": "auditor", "action": "project.read", "relation": Relation.TREE}


@pytest.mark.parametrize(
    "part",
    [
        {"role": "auditor' or '1'='1"},
        {"role": "False) or (True"},
        {"action": "project.read; drop table node"},
        {"condition": "__import__('os')"},
        {"region": "KZ-10' --"},
        {"effect": "perhaps"},
    ],
)
def test_a_rule_refuses_what_looks_like_code(part: dict[str, str]) -> None:
    Rule(**GOOD)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="test:1"):
        Rule(**(GOOD | part))  # type: ignore[arg-type]


def test_default_rules_have_stable_ids() -> None:
    rules = {rule.id: rule for rule in default_rules(core_catalogue())}
    assert len(rules) == len(default_rules(core_catalogue()))
    assert rules["core:project_manager:project.read"] == Rule(
        "core:project_manager:project.read", "project_manager", "project.read", Relation.TREE
    )
    curator = rules["core:pg_curator:bd.manage:bd_headed_by_other_deputy"]
    assert curator.condition == "bd_headed_by_other_deputy"
    assert rules["core:pg_head:act.register:up"].relation is Relation.UP
    assert rules["core:program_personnel:project.read_basic:program"].role == "program_personnel"


def test_the_2021_edition_adds_what_it_says() -> None:
    added = {rule.id for rule in default_rules(core_catalogue(), Profile.R2021)} - {
        rule.id for rule in default_rules(core_catalogue())
    }
    committee = ("gc_chair", "gc_deputy_chair", "gc_member")
    above = ("role_assignment.appoint", "role_assignment.release", "act.register")
    expected = {f"core:{role}:{code}:up" for role in committee for code in above}
    expected |= {f"core:{role}:state_body.read_basic:up" for role in committee}
    assert added == expected | {
        "core:office_head:document.sign",
        "core:office_head:workload.record",
    }


def refused(*rules: Rule) -> str:
    with pytest.raises(ValueError, match="rule test:1") as caught:
        PolicySet(core_catalogue(), rules, core_conditions())
    return str(caught.value)


def rule(role: str, action: str, relation: Relation, condition: str = "*") -> Rule:
    return Rule("test:1", role, action, relation, condition)


def test_a_set_with_a_rule_that_names_nothing_is_refused() -> None:
    project = "project.read"
    assert "unknown role" in refused(rule("wizard", project, Relation.TREE))
    assert "unknown action" in refused(rule("auditor", "project.raed", Relation.TREE))
    assert "unknown condition" in refused(rule("auditor", project, Relation.TREE, "full_moon"))
    good = rule("auditor", project, Relation.TREE)
    assert "used twice" in refused(good, good)


def test_a_set_refuses_relations_a_role_never_has() -> None:
    project = "project.read"
    assert "only program_personnel" in refused(rule("auditor", project, Relation.PROGRAM))
    assert "only oneself" in refused(rule("auditor", project, Relation.OWN))
    assert "never has" in refused(rule("anyone", project, Relation.UP))
    assert "never has" in refused(rule("program_personnel", project, Relation.TREE))
    assert "only oneself" in refused(rule("program_personnel", project, Relation.OWN))
