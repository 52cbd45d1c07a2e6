"""The Casbin side: one action's rules against what is held."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import pytest

from core.authority.matcher import Bucket
from core.authority.rules import Relation, Rule

HELD = frozenset({("auditor", "tree"), ("auditor", "self")})


def rule(
    name: str,
    role: str = "auditor",
    *,
    relation: Relation = Relation.TREE,
    condition: str = "*",
    region: str = "*",
    effect: Literal["allow", "deny"] = "allow",
) -> Rule:
    return Rule(name, role, "project.read", relation, condition, region, effect)


ALLOW, DENY = rule("allow"), rule("deny", effect="deny")


@pytest.mark.parametrize(
    ("rules", "answer"),
    [
        ([], (False, None, None)),
        ([ALLOW], (True, "auditor", "allow")),
        ([DENY], (False, "auditor", "deny")),
        ([ALLOW, DENY], (False, "auditor", "deny")),
        ([DENY, ALLOW], (False, "auditor", "deny")),
        ([rule("other", "operator")], (False, None, None)),
        ([rule("up", relation=Relation.UP)], (False, None, None)),
        ([rule("self", relation=Relation.SELF)], (True, "auditor", "self")),
        ([rule("here", region="KZ-10")], (True, "auditor", "here")),
        ([rule("there", region="KZ-75")], (False, None, None)),
        ([rule("if", condition="sunny")], (True, "auditor", "if")),
        ([rule("if", condition="rainy")], (False, None, None)),
        ([rule("if", relation=Relation.SELF, condition="sunny")], (False, None, None)),
        ([ALLOW, rule("deny there", region="KZ-75", effect="deny")], (True, "auditor", "allow")),
    ],
)
def test_a_bucket_decides(rules: list[Rule], answer: tuple[bool, str | None, str | None]) -> None:
    true_here = frozenset({("auditor", "tree", "sunny")})
    assert Bucket("project.read", rules).decide(HELD, "KZ-10", true_here) == answer


def test_threads_do_not_disturb_each_other() -> None:
    bucket = Bucket("project.read", [ALLOW, rule("curator", "np_curator")])
    curator = frozenset({("np_curator", "tree")})
    with ThreadPoolExecutor(8) as pool:
        asked = [HELD, curator, frozenset({("operator", "tree")})] * 400
        answers = list(pool.map(lambda held: bucket.decide(held, "", frozenset()), asked))
    assert answers == [
        (True, "auditor", "allow"), (True, "np_curator", "curator"), (False, None, None)
    ] * 400  # fmt: skip
