"""Moves between stages: proposed, then decided."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from core.acts.act import Act
from core.db.base import Base, Key
from core.db.types import UtcDateTime, named_enum
from core.errors import PRODUCT_DEFAULT, RuleRefused, WrongState
from core.hierarchy.project import Project
from core.hierarchy.stage_needs import deciding_act, require_needs
from core.hierarchy.stages import (
    FIRST_MOVES,
    MOVABLE,
    TRANSITIONS,
    Transition,
    next_stages,
    refuse_unless_in,
    require_not_archived,
    stage_of,
)
from core.rows import change, entered, find, plain
from core.texts import clean, required
from core.tree.editing import lock_node
from core.tree.node import Node, NodeKind, Stage
from core.work import Work


class StageMoveState(enum.Enum):
    """What became of a proposed move."""

    PROPOSED = "waits for a decision"
    CONFIRMED = "decided, the stage moved"
    REFUSED = "decided against"
    WITHDRAWN = "taken back by the proposer, or overtaken"


class StageMove(Base):
    """One move of a node from a stage to another [R2023 §9, §69(2), §78(6), §92]."""

    __tablename__ = "stage_move"
    __table_args__ = (Index("ix_stage_move_node_id_id", "node_id", "id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    from_stage: Mapped[Stage] = mapped_column(named_enum(Stage))
    to_stage: Mapped[Stage] = mapped_column(named_enum(Stage))
    state: Mapped[StageMoveState] = mapped_column(named_enum(StageMoveState))
    reason: Mapped[str | None] = mapped_column(Text)
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str | None] = mapped_column(Text)
    act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id"))


async def propose_stage_move(
    work: Work, node_id: int, to_stage: Stage, *, reason: str | None = None
) -> StageMove:
    """Propose that a portfolio, program, direction, group or project goes to another stage.

    The action asked, and what the move needs, stand in :data:`core.hierarchy.stages.TRANSITIONS`;
    one proposal waits at a time. Stopping and restarting need ``reason``, the outcome of the gap
    analysis [R2023 §69(2), §78(6)].
    """
    node = await lock_node(work.session, node_id, *MOVABLE)
    move = TRANSITIONS.get((node.kind, stage_of(node), to_stage))
    await work.require((move or FIRST_MOVES[node.kind]).propose, node.id)
    require_not_archived(node)
    if move is None:
        raise WrongState(
            "STAGE_MOVE_IMPOSSIBLE",
            clause="product default; R2023 §9",
            field="toStage",
            stage=stage_of(node),
            to_stage=to_stage,
            allowed=next_stages(node),
        )
    waiting = await work.session.scalar(
        select(StageMove).where(
            StageMove.node_id == node.id, StageMove.state == StageMoveState.PROPOSED
        )
    )
    if waiting is not None:
        raise WrongState(
            "STAGE_MOVE_ALREADY_PROPOSED", clause=PRODUCT_DEFAULT, to_stage=waiting.to_stage
        )
    reason = clean(reason, "reason")
    await require_needs(work, node, move, reason)
    proposal = StageMove(
        node_id=node.id,
        from_stage=move.source,
        to_stage=move.target,
        state=StageMoveState.PROPOSED,
        reason=reason,
        proposed_by_id=work.actor.person_id,
        proposed_at=work.now,
    )
    work.session.add(proposal)
    node.version += 1
    await work.session.flush()
    work.record(
        "stageMoveProposed",
        proposal,
        node_id=node.id,
        after=entered({"from_stage": move.source, "to_stage": move.target, "reason": reason}),
        clause=move.clause,
    )
    return proposal


async def confirm_stage_move(
    work: Work, move_id: int, *, act_id: int | None = None, reason: str | None = None
) -> StageMove:
    """Decide for a proposed move: the stage changes.

    Everything the move needs is checked again. Stops and restarts of projects are decided by the
    governing committee and need its registered protocol [R2023 §52, §69(2)].
    """
    proposal, node, move = await open_proposal(work, move_id, decides=True)
    refuse_unless_in(node, frozenset({move.source}))
    await require_needs(work, node, move, proposal.reason)
    act = await deciding_act(work, node, move, act_id)
    before = {"state": plain(proposal.state), "stage": plain(node.stage)}
    decide(work, proposal, StageMoveState.CONFIRMED, act, clean(reason, "reason"))
    node.stage = move.target
    if node.kind is NodeKind.PROJECT and move.target not in (Stage.CLOSURE, Stage.CLOSED):
        project = await find(work.session, Project, node.id)
        was, became = change(project, {"results_accepted_at": None, "results_accepted_by_id": None})
    else:
        was, became = {}, {}
    node.version += 1
    await work.session.flush()
    work.record(
        "stageMoveConfirmed",
        proposal,
        node_id=node.id,
        before=before | was,
        after={"state": plain(proposal.state), "stage": plain(node.stage), "act_id": act_id}
        | became,
        clause=move.clause,
    )
    return proposal


async def refuse_stage_move(
    work: Work, move_id: int, reason: str, *, act_id: int | None = None
) -> StageMove:
    """Decide against a proposed move, and say why; a committee does so by protocol too."""
    proposal, node, move = await open_proposal(work, move_id, decides=True)
    act = await deciding_act(work, node, move, act_id)
    decide(work, proposal, StageMoveState.REFUSED, act, required(reason, "reason"))
    node.version += 1
    await work.session.flush()
    record_end(work, "stageMoveRefused", proposal, move)
    return proposal


async def withdraw_stage_move(work: Work, move_id: int) -> StageMove:
    """Take back one's own proposal."""
    proposal, node, move = await open_proposal(work, move_id, decides=False)
    if proposal.proposed_by_id != work.actor.person_id:
        raise RuleRefused("PROPOSAL_OF_ANOTHER", clause=PRODUCT_DEFAULT)
    proposal.state = StageMoveState.WITHDRAWN
    node.version += 1
    await work.session.flush()
    record_end(work, "stageMoveWithdrawn", proposal, move)
    return proposal


async def open_proposal(
    work: Work, move_id: int, *, decides: bool
) -> tuple[StageMove, Node, Transition]:
    """A proposal that still waits, for somebody who may decide or (else) propose it.

    Nobody decides on a proposal of his own (product default: four eyes), except by registering
    the protocol of a committee; the operator, who is no person, may.
    """
    proposal = await find(work.session, StageMove, move_id)
    node = await lock_node(work.session, proposal.node_id)
    await work.session.refresh(proposal)
    move = TRANSITIONS[node.kind, proposal.from_stage, proposal.to_stage]
    await work.require(move.decide if decides else move.propose, node.id)
    require_not_archived(node)
    if proposal.state is not StageMoveState.PROPOSED:
        raise WrongState("STAGE_MOVE_ALREADY_DECIDED", clause=PRODUCT_DEFAULT, state=proposal.state)
    if decides and not move.collegial and is_own(work, proposal):
        raise RuleRefused("OWN_PROPOSAL", clause=PRODUCT_DEFAULT)
    return proposal, node, move


def is_own(work: Work, proposal: StageMove) -> bool:
    """Whether the actor is the person who made the proposal."""
    person_id = work.actor.person_id
    return person_id is not None and person_id == proposal.proposed_by_id


def decide(
    work: Work, proposal: StageMove, state: StageMoveState, act: Act | None, reason: str | None
) -> None:
    """Write a decision into the proposal."""
    proposal.state = state
    proposal.decided_by_id = work.actor.person_id
    proposal.decided_at = work.now
    proposal.decision_reason = reason
    proposal.act_id = act.id if act else None


def record_end(work: Work, act: str, proposal: StageMove, move: Transition) -> None:
    """Record that a proposal came to nothing."""
    work.record(
        act,
        proposal,
        node_id=proposal.node_id,
        before={"state": StageMoveState.PROPOSED.name},
        after=entered(
            {
                "state": proposal.state,
                "decision_reason": proposal.decision_reason,
                "act_id": proposal.act_id,
            }
        ),
        clause=move.clause,
    )
