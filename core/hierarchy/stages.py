"""The stage machine: which move there is, who proposes it, who decides, and what it needs.

The Rules name the stages [R2023 §9] and a few of the persons; the machine itself is a product
default. Monitoring runs beside implementation and adjustment, it is no stage of its own.
``docs/stages.md`` is drawn from :data:`TRANSITIONS` (:mod:`core.hierarchy.stages_page`).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from itertools import chain

from core.errors import PRODUCT_DEFAULT, WrongState
from core.tree.node import Node, NodeKind, Stage

EDITABLE = frozenset({Stage.INITIATION, Stage.PLANNING, Stage.IMPLEMENTATION, Stage.ADJUSTMENT})
"""Stages in which an object's fields may change and things may be put into it."""

HALTED = frozenset({Stage.STOPPED, Stage.CLOSURE, Stage.CLOSED})
"""Stages in which no work goes on inside."""

UNDERWAY = frozenset({Stage.PLANNING, Stage.IMPLEMENTATION, Stage.ADJUSTMENT})


class Requirement(enum.Enum):
    """What a move needs besides the two persons."""

    CHARTER_ROLES = "initiator, sponsor, customer and manager hold their roles today"
    RESULTS_ACCEPTED = "the customer accepted the results"
    LESSON = "the lessons log has an entry"
    NOTHING_OPEN_INSIDE = "everything inside is closed or archived"
    NOT_HALTED_ABOVE = "nothing it lies in is stopped or closing"
    REASON = "the proposal gives its reasons"
    PROTOCOL = "the decision is registered as a protocol of the committee"
    NOT_STANDARD = "it is not the standard direction or one of its six groups"


@dataclass(frozen=True, slots=True)
class Transition:
    """One move. ``propose`` and ``decide`` are the actions asked of the two persons."""

    kind: NodeKind
    source: Stage
    target: Stage
    propose: str
    decide: str
    clause: str
    needs: tuple[Requirement, ...] = ()

    @property
    def collegial(self) -> bool:
        """Whether the governing committee decides, by a registered protocol [R2023 §52]."""
        return Requirement.PROTOCOL in self.needs


def project_moves() -> tuple[Transition, ...]:
    """The moves of a project."""
    need = Requirement
    starts = (need.CHARTER_ROLES, need.NOT_HALTED_ABOVE)
    by_committee = (need.REASON, need.PROTOCOL)
    init, plan, run, adjust = (
        Stage.INITIATION, Stage.PLANNING, Stage.IMPLEMENTATION, Stage.ADJUSTMENT,
    )  # fmt: skip
    stop, closing, closed = Stage.STOPPED, Stage.CLOSURE, Stage.CLOSED
    manager = ("project.move_stage", "project.confirm_stage")
    committee = ("project.propose_stop_start", "project.decide_stop_start")
    halt = "R2023 §69(2), §78(6)"
    end = "R2023 §2(23), §92(6)"
    rows = (
        (init, plan, manager, "R2023 §85, §92", starts),
        (plan, run, manager, "product default; R2023 §9, §92", starts),
        (run, adjust, manager, "product default; R2023 §9, §92", (need.NOT_HALTED_ABOVE,)),
        (adjust, run, manager, "product default; R2023 §9, §92", (need.NOT_HALTED_ABOVE,)),
        (run, closing, manager, end, (need.RESULTS_ACCEPTED, need.LESSON)),
        (closing, closed, manager, "product default; R2023 §92(6)", (need.NOTHING_OPEN_INSIDE,)),
        (plan, stop, committee, halt, by_committee),
        (run, stop, committee, halt, by_committee),
        (stop, plan, committee, halt, by_committee + starts),
        (stop, run, committee, halt, by_committee + starts),
        (stop, closing, committee, f"product default; {end}", (*by_committee, need.LESSON)),
    )
    return tuple(
        Transition(NodeKind.PROJECT, source, target, *actions, clause, needs)
        for source, target, actions, clause, needs in rows
    )


def parent_moves(
    kind: NodeKind, resource: str, *, close: str | None = None, close_clause: str = PRODUCT_DEFAULT
) -> tuple[Transition, ...]:
    """The moves of what holds projects; ``close`` proposes its closing."""
    need = Requirement
    propose, decide = f"{resource}.move_stage", f"{resource}.confirm_stage"
    default = "product default; R2023 §9"
    moves = []
    for source, target in (
        (Stage.INITIATION, Stage.PLANNING),
        (Stage.PLANNING, Stage.IMPLEMENTATION),
        (Stage.IMPLEMENTATION, Stage.ADJUSTMENT),
        (Stage.ADJUSTMENT, Stage.IMPLEMENTATION),
        (Stage.IMPLEMENTATION, Stage.CLOSURE),
        (Stage.CLOSURE, Stage.CLOSED),
        (Stage.PLANNING, Stage.STOPPED),
        (Stage.IMPLEMENTATION, Stage.STOPPED),
        (Stage.STOPPED, Stage.PLANNING),
        (Stage.STOPPED, Stage.IMPLEMENTATION),
        (Stage.STOPPED, Stage.CLOSURE),
    ):
        closing = target in (Stage.CLOSURE, Stage.CLOSED)
        needs = []
        if Stage.STOPPED in (source, target):
            needs.append(need.REASON)
        if target in UNDERWAY:
            needs.append(need.NOT_HALTED_ABOVE)
        else:
            needs.append(need.NOT_STANDARD)
        if target is Stage.CLOSED:
            needs.append(need.NOTHING_OPEN_INSIDE)
        moves.append(
            Transition(
                kind,
                source,
                target,
                close if closing and close else propose,
                decide,
                close_clause if closing and close else default,
                tuple(needs),
            )
        )
    return tuple(moves)


TRANSITIONS: dict[tuple[NodeKind, Stage, Stage], Transition] = {
    (move.kind, move.source, move.target): move
    for move in chain(
        project_moves(),
        parent_moves(NodeKind.PROJECT_GROUP, "project_group"),
        parent_moves(NodeKind.BASIC_DIRECTION, "bd"),
        parent_moves(
            NodeKind.PROGRAM, "program", close="program.close", close_clause="R2023 §9, §70"
        ),
        parent_moves(NodeKind.NATIONAL_PRIORITY, "portfolio"),
    )
}

MOVABLE = frozenset(kind for kind, _, _ in TRANSITIONS)
"""Kinds of node that have stages."""

FIRST_MOVES = {
    kind: TRANSITIONS[kind, Stage.INITIATION, Stage.PLANNING]
    for kind in NodeKind
    if kind in MOVABLE
}
"""Whose action to ask where the move wanted does not exist."""


def stage_of(node: Node) -> Stage:
    """The node's stage; one that came without (imported) has everything still before it."""
    return node.stage or Stage.INITIATION


def next_stages(node: Node) -> tuple[Stage, ...]:
    """Where the node may go from where it is."""
    return stages_after(node.kind, stage_of(node))


def stages_after(kind: NodeKind, stage: Stage) -> tuple[Stage, ...]:
    """Where an object of this kind may go from this stage."""
    return tuple(
        target for moving, source, target in TRANSITIONS if moving is kind and source is stage
    )


MONITORED = (Stage.IMPLEMENTATION, Stage.ADJUSTMENT)
"""The stages in which operational monitoring runs (product default; R2023 §9, §38)."""


def is_monitored(stage: Stage | None) -> bool:
    """Whether operational monitoring runs in this stage."""
    return stage in MONITORED


def require_not_archived(node: Node) -> None:
    """Raise ``NODE_ARCHIVED`` for what is kept for the record only [R2023 §98]."""
    if node.archived_at is not None:
        raise WrongState("NODE_ARCHIVED", clause=f"{PRODUCT_DEFAULT}; R2023 §98", kind=node.kind)


def refuse_unless_in(node: Node, allowed: frozenset[Stage] = EDITABLE) -> None:
    """Raise :class:`~core.errors.WrongState` if the node is archived or in another stage."""
    require_not_archived(node)
    stage = stage_of(node)
    if stage not in allowed:
        raise WrongState(
            "WRONG_STAGE",
            clause=PRODUCT_DEFAULT,
            stage=stage,
            allowed=[each for each in Stage if each in allowed],
        )
