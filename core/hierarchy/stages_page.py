"""The page of the stage machine, drawn from its table (``docs/stages.md``)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from core.hierarchy.stages import TRANSITIONS, Transition, is_monitored
from core.tree.node import NodeKind, Stage

INTRODUCTION = """\
# Stages

The Rules name the stages [R2023 §9]; which move there is, and who makes it, is a product default
except where a clause says so. Somebody proposes a move, somebody else decides; one proposal waits
at a time. Monitoring is no stage of its own: it runs in {monitored}. What is stopped, closing,
closed or archived is not edited and takes nothing new in. What a move needs is checked when it is
proposed and again when it is decided.

This page is drawn from `core/hierarchy/stages.py` by `python -m zhoba.pages`. The ways are the same
for every kind:
"""


def stages_page() -> str:
    """Diagram and table of every kind of object that has stages."""
    monitored = " and ".join(stage.name for stage in Stage if is_monitored(stage))
    ways = [move for move in TRANSITIONS.values() if move.kind is NodeKind.PROJECT]
    parts = [INTRODUCTION.format(monitored=monitored), *diagram(ways)]
    for kind, moves in groupby(TRANSITIONS.values(), key=lambda move: move.kind):
        parts += ["", f"## {kind.value.capitalize()}", "", *table(moves)]
    return "\n".join(parts) + "\n"


def diagram(moves: Iterable[Transition]) -> list[str]:
    """The moves as a Mermaid state diagram."""
    arrows = [f"    {move.source.name} --> {move.target.name}" for move in moves]
    first, last = f"    [*] --> {Stage.INITIATION.name}", f"    {Stage.CLOSED.name} --> [*]"
    return ["```mermaid", "stateDiagram-v2", first, *arrows, last, "```"]


def table(moves: Iterable[Transition]) -> list[str]:
    """The moves as rows: from, to, who proposes, who decides, what is needed, why."""
    rows = [
        "| From | To | Proposed with | Decided with | Needs | Basis |",
        "|---|---|---|---|---|---|",
    ]
    for move in moves:
        needs = "; ".join(need.value for need in move.needs)
        rows.append(
            f"| {move.source.name} | {move.target.name} | `{move.propose}` | `{move.decide}` "
            f"| {needs} | {move.clause} |"
        )
    return rows
