"""A plan goes to implementation only when nothing stops it [R2023 §49; product default].

What the Rules call the approval of a plan is, in the stage machine, the move of its program to
implementation: it is checked when the move is proposed, and again when it is decided.
"""

from __future__ import annotations

from plugins.regional_plan.compliance.finding import Finding
from plugins.regional_plan.compliance.knowing import compliance
from zhoba.api import (
    PRODUCT_DEFAULT,
    Entry,
    Handler,
    Program,
    ProgramKind,
    RuleRefused,
    Stage,
    When,
    Work,
)

SHOWN = 20
"""Findings named in a refusal; ``RegionalPlan.compliance`` lists all."""


async def require_compliance(work: Work, entry: Entry) -> None:
    """Refuse a regional plan's move to implementation while something stops it."""
    after = entry.after or {}
    target = after.get("to_stage") or after.get("stage")
    if target != Stage.IMPLEMENTATION.name or entry.node_id is None:
        return
    program = await work.session.get(Program, entry.node_id)
    if program is None or program.kind is not ProgramKind.REGIONAL_DEVELOPMENT_PLAN:
        return
    found = await compliance(work.session, program.id, work.today)
    stopping = [each for each in found if each.stops]
    if stopping:
        raise RuleRefused(
            "REGIONAL_PLAN_NOT_COMPLIANT",
            clause=f"{PRODUCT_DEFAULT}; R2023 §49, §73(2)",
            count=len(stopping),
            findings=[short(each) for each in stopping[:SHOWN]],
        )


def short(finding: Finding) -> str:
    """A finding in a list of them: its rule, its code, and what it is about."""
    about = finding.params.get("part") or finding.params.get("role")
    place = next((text for text in finding.place.names if text), "")
    return " ".join(word for word in (finding.rule.name, finding.code, about, f"({place})") if word)


HANDLERS = (
    Handler(
        name="compliance",
        acts=frozenset({"stageMoveProposed", "stageMoveConfirmed"}),
        when=When.WITHIN,
        run=require_compliance,
    ),
)
