"""The predicate in SQL, the check of one row and the explanation never disagree."""

from __future__ import annotations

import os

import pytest

from tests.core.authority.agreement import Tally, run_trials

EXAMPLES = int(os.environ.get("ZHOBA_AUTHORITY_EXAMPLES", "2000"))
"""Trials altogether, half of them on each database."""

PARTS = 4


@pytest.mark.early
@pytest.mark.parametrize("part", range(PARTS))
def test_predicate_check_and_explanation_agree(
    dialect: str, part: int, request: pytest.FixtureRequest
) -> None:
    """Shares are asserted: a property that is never asked anything holds always."""
    tally, each = Tally(), EXAMPLES // PARTS // 2
    run_trials(
        request.getfixturevalue(f"planted_{dialect}"), range(part * each, (part + 1) * each), tally
    )
    asked = tally.answers.total()
    assert asked > each * 80
    assert 0.1 < tally.answers[True] / asked < 0.6
    assert tally.denied_by_rule > asked * 0.005
    assert tally.acting > asked * 0.01
    assert tally.entitled > each * 0.05
    assert set(tally.relations) == {
        "tree", "self", "up", "region", "program", "body", "priority", "own"
    }  # fmt: skip
    assert len(tally.conditions) >= 8
