"""Test files of the policy: the project's own, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.authority.policies.files import Format, read_changes
from core.hierarchy.conditions import core_ground
from migrations.run import CORE
from zhoba.policy_cases import ANYBODY, BadCases, Mismatch, answer_cases, read_cases

POLICIES = Path(__file__).parents[1] / "policies"
GROUND = core_ground()

SMALL = """
nodes:
  country: {kind: COUNTRY}
  akimat: {kind: STATE_BODY, in: country, region: KZ-75}
people:
  inspector: [{role: auditor, at: akimat}]
allowed:
  inspector: {akimat: [state_body.read]}
"""


@pytest.mark.parametrize("path", sorted(POLICIES.glob("*.yaml")), ids=lambda path: path.stem)
async def test_the_policy_answers_as_the_file_expects(path: Path) -> None:
    cases = read_cases(path.read_text("utf-8"), GROUND.catalogue)
    changes = path.with_suffix(".csv")
    given = read_changes(changes.read_text("utf-8"), Format.CSV) if changes.exists() else []
    outcome = await answer_cases(cases, GROUND.policy(given), [CORE])
    assert outcome.mismatches == []
    assert outcome.asked == len(cases.asked) * len(cases.nodes) * (len(cases.people) + 1)


async def test_what_is_not_listed_is_denied_and_what_is_listed_allowed() -> None:
    text = SMALL + "  anybody: {country: [state_body.read]}\nactions: [country.read]\n"
    outcome = await answer_cases(read_cases(text, GROUND.catalogue), GROUND.policy([]), [CORE])
    assert set(outcome.mismatches) == {
        Mismatch(person, action, node, expected, how)
        for how in ("check", "list")
        for person, action, node, expected in (
            (ANYBODY, "state_body.read", "country", True),
            *(
                (person, "country.read", node, False)
                for person in ("inspector", ANYBODY)
                for node in ("country", "akimat")
            ),
        )
    }
    assert str(outcome.mismatches[0]).startswith("inspector should not be allowed country.read at")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("kind: COUNTRY", "kind: PLANET", "nodes.country.kind"),
        ("in: country,", "in: nowhere,", "nodes.akimat: nowhere has to stand before it"),
        ("in: country,", "", "exactly one COUNTRY lies in nothing"),
        ("role: auditor", "role: boss", "there is no role boss"),
        ("at: akimat", "at: moon", "there is no node moon"),
        ("{akimat: [", "{moon/**: [", "allowed.inspector: there is no node moon"),
        ("allowed:\n  inspector", "allowed:\n  nobody", "allowed.nobody: nobody is called so"),
        ("state_body.read]", "state_body.fly]", "there is no action state_body.fly"),
        ("inspector:", "auditor:", "people.auditor: nobody may be called like a role"),
        ("inspector:", "anybody:", "people.anybody: nobody may be called like a role"),
        ("people:", "peoples:", "peoples"),
        ("people:", "people: [", "no YAML"),
    ],
)
def test_a_file_that_names_what_nothing_defines_is_refused(old: str, new: str, words: str) -> None:
    assert old in SMALL
    with pytest.raises(BadCases, match=words.replace("*", r"\*")):
        read_cases(SMALL.replace(old, new), GROUND.catalogue)
