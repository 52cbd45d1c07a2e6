"""Planted mistakes in the predicate: the comparison of the answers finds every one of them."""

from __future__ import annotations

import inspect
import itertools
from types import ModuleType
from typing import Any

import pytest

from core.authority import policy, predicate
from core.authority.policy import PolicySet
from tests.core.authority.agreement import ACTIONS, Planted, Tally, run_trials

TRIALS = 600
"""Trials after which a mutant has survived; most are found within thirty."""

HOLDS_ON = """

def holds_on(appointment, today):
    return and_(%s, (appointment.valid_to.is_(None)) | (%s))
"""
"""Appended, it stands in for the imported function."""

IN_PREDICATE: dict[str, tuple[str, str]] = {
    "roles hold on after their last day": (
        "", HOLDS_ON % ("appointment.valid_from <= today", "true()"),
    ),
    "roles end a day early": (
        "", HOLDS_ON % ("appointment.valid_from <= today", "appointment.valid_to > today"),
    ),
    "roles begin a day late": (
        "", HOLDS_ON % ("appointment.valid_from < today", "appointment.valid_to >= today"),
    ),
    "roles hold before their first day": (
        "", HOLDS_ON % ("true()", "appointment.valid_to >= today"),
    ),
    "a breadcrumb reaches the node itself": (
        'closure.depth > literal_column("0")', 'closure.depth >= literal_column("0")',
    ),
    "a breadcrumb goes through a priority": (
        "closure.service.is_(False)", "true()",
    ),
    "a role at the node reaches what lies below": (
        "case Relation.TREE:", "case Relation.TREE | Relation.SELF:",
    ),
    "a role below reaches only its parent": (
        'closure.depth > literal_column("0")', 'closure.depth == literal_column("1")',
    ),
    "personnel of a body sees every kind of it": (
        "also=[kind_is(target.kind, NodeKind.STATE_BODY, NodeKind.ORGANIZATION_UNIT)]", "also=[]",
    ),
    "personnel at a body sees what is in no program": (
        "also=[target.program_scope_id.is_not(None)]", "also=[]",
    ),
    "personnel of units is personnel of the body": (
        "or_(at_body, holder.program_scope_id.is_not(None))", "true()",
    ),
    "only a body's own personnel sees its programs": (
        "[at_body, target.state_body_id == holder.id]",
        "[at_body, target.state_body_id == holder.id, target.id == holder.id]",
    ),
    "any role makes personnel": (
        "wanted = self.personnel if arm.relation in IMPLIED_RELATIONS else roles",
        "wanted = roles",
    ),
    "conditions are forgotten": (
        "if arm.condition != NO_CONDITION:\n            place", "if False:\n            place",
    ),
    "a condition is asked where the node is, not the role": (
        "held_at if held_at is not None else null()", "node_id",
    ),
    "regions are forgotten": ("if arm.region != ANY_REGION:", "if False:"),
    "whoever is not signed in is registered": (
        "signed_in = true() if role == ANYONE else READER_PERSON.is_not(None)",
        "signed_in = true()",
    ),
    "every row is one's own": ("and_(owner == READER_PERSON, ", "and_(true(), "),
    "a denial of one's own row is unknown to others": (
        "func.coalesce(reaches, false())", "reaches",
    ),
    "denials ask for a role nobody is appointed to": (
        "roles = self.personnel if arm.relation in IMPLIED_RELATIONS else arm.roles",
        "roles = arm.roles",
    ),
}  # fmt: skip

IN_POLICY: dict[str, tuple[str, str]] = {
    "denials are forgotten": (
        "if not deny:\n            return granted", "if True:\n            return granted",
    ),
    "what is denied is allowed": ("return and_(granted, not_(", "return or_(granted, (",),
    "a national role needs no condition": ("        and arm.condition == NO_CONDITION\n", ""),
    "a national role reaches every region": ("        and arm.region == ANY_REGION\n", ""),
    "a national role reaches by any relation": ("arm.relation is Relation.TREE\n", "True\n"),
}  # fmt: skip


ABOUT = {
    "only a body's own personnel sees its programs": ["portfolio.read_basic"],
    "personnel of units is personnel of the body": ["state_body.read_basic", "act.read"],
    "personnel at a body sees what is in no program": ["project.read_basic"],
    "denials ask for a role nobody is appointed to": ["project.read_basic"],
}
"""Where a mistake shows at few actions, those are asked about."""

FROM = {
    "personnel of units is personnel of the body": 10_060,
    "denials ask for a role nobody is appointed to": 10_130,
    "a denial of one's own row is unknown to others": 10_150,
    "a national role reaches every region": 10_520,
}
"""Where only rare trials show a mistake, the first of them is close to one."""


def changed(module: ModuleType, old: str, new: str) -> dict[str, Any]:
    """The names of a module whose text was changed in one place, or added to."""
    source = inspect.getsource(module)
    if old:
        assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in the source"
        source = source.replace(old, new)
    else:
        source += new
    source = source.replace("from sqlalchemy import ColumnElement, and_,", (
        "from sqlalchemy import or_, ColumnElement, and_,"
    ))  # fmt: skip
    # Dataclasses look their module up by its name.
    made = ModuleType(module.__name__)
    exec(compile(source, module.__name__, "exec"), made.__dict__)  # noqa: S102
    return made.__dict__


def with_predicate(old: str, new: str) -> Any:
    """Makes policies whose predicate has the mistake; check and explanation are as ever."""
    names = changed(predicate, old, new)

    def make(*given: Any) -> PolicySet:
        made = PolicySet(*given)
        made._reach = names["Reach"](made.conditions, made.personnel)
        return made

    return make


def with_policy(old: str, new: str) -> Any:
    names = changed(policy, old, new)

    def make(*given: Any) -> PolicySet:
        made = PolicySet(*given)
        mutant = names["PolicySet"](*given)
        made.predicate = mutant.predicate  # type: ignore[method-assign]
        return made

    return make


@pytest.mark.parametrize("mistake", [*IN_PREDICATE, *IN_POLICY])
def test_a_mistake_in_the_predicate_is_found(mistake: str, planted_sqlite: Planted) -> None:
    if mistake in IN_PREDICATE:
        make = with_predicate(*IN_PREDICATE[mistake])
    else:
        make = with_policy(*IN_POLICY[mistake])
    seeds = itertools.islice(itertools.count(FROM.get(mistake, 10_000)), TRIALS)
    assert run_trials(planted_sqlite, seeds, Tally(), make, ABOUT.get(mistake, ACTIONS)) is not None
