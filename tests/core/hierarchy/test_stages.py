"""The table of moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from core.authority.catalogue import core_catalogue
from core.hierarchy.stages import (
    EDITABLE,
    FIRST_MOVES,
    HALTED,
    MOVABLE,
    TRANSITIONS,
    Requirement,
    is_monitored,
    next_stages,
    refuse_unless_in,
    stage_of,
)
from core.tree.node import Node, NodeKind, Stage
from tests.acting import refuses

WAYS = {
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
}


def node_in(stage: Stage | None, kind: NodeKind = NodeKind.PROJECT) -> Node:
    return Node(kind=kind, stage=stage, archived_at=None)


def test_five_kinds_have_stages() -> None:
    assert {
        NodeKind.NATIONAL_PRIORITY,
        NodeKind.PROGRAM,
        NodeKind.BASIC_DIRECTION,
        NodeKind.PROJECT_GROUP,
        NodeKind.PROJECT,
    } == MOVABLE


@pytest.mark.parametrize("kind", list(FIRST_MOVES))
def test_every_kind_goes_the_same_ways(kind: NodeKind) -> None:
    assert {(move.source, move.target) for move in TRANSITIONS.values() if move.kind is kind} == (
        WAYS
    )


def test_a_move_stands_under_its_own_key() -> None:
    assert all(key == (move.kind, move.source, move.target) for key, move in TRANSITIONS.items())


def test_every_action_of_a_move_is_a_permission_in_use() -> None:
    permissions = core_catalogue().permissions
    actions = {action for move in TRANSITIONS.values() for action in (move.propose, move.decide)}
    assert {action for action in actions if permissions[action].planned} == set()


@pytest.mark.parametrize(
    ("matching", "actions"),
    [
        (
            lambda source, target: Stage.STOPPED in (source, target),
            ("project.propose_stop_start", "project.decide_stop_start"),
        ),
        (
            lambda source, target: Stage.STOPPED not in (source, target),
            ("project.move_stage", "project.confirm_stage"),
        ),
    ],
)
def test_a_committee_decides_exactly_on_stops_and_restarts_of_projects(
    matching: Callable[[Stage, Stage], bool], actions: tuple[str, str]
) -> None:
    moves = [
        move
        for move in TRANSITIONS.values()
        if move.kind is NodeKind.PROJECT and matching(move.source, move.target)
    ]
    assert {(move.propose, move.decide) for move in moves} == {actions}
    assert {move.collegial for move in moves} == {actions[0] == "project.propose_stop_start"}


def test_the_project_office_closes_a_program() -> None:
    closing = {
        (move.source, move.target): (move.propose, move.decide, move.clause)
        for move in TRANSITIONS.values()
        if move.propose == "program.close"
    }
    expected = ("program.close", "program.confirm_stage", "R2023 §9, §70")
    assert closing == {
        (Stage.IMPLEMENTATION, Stage.CLOSURE): expected,
        (Stage.STOPPED, Stage.CLOSURE): expected,
        (Stage.CLOSURE, Stage.CLOSED): expected,
    }


def test_charter_roles_are_needed_wherever_a_project_starts() -> None:
    assert {
        (move.source, move.target)
        for move in TRANSITIONS.values()
        if Requirement.CHARTER_ROLES in move.needs
    } == {
        (Stage.INITIATION, Stage.PLANNING),
        (Stage.PLANNING, Stage.IMPLEMENTATION),
        (Stage.STOPPED, Stage.PLANNING),
        (Stage.STOPPED, Stage.IMPLEMENTATION),
    }


def test_only_implementation_and_adjustment_are_monitored() -> None:
    assert {stage for stage in Stage if is_monitored(stage)} == {
        Stage.IMPLEMENTATION,
        Stage.ADJUSTMENT,
    }
    assert not is_monitored(None)


def test_stages_are_either_editable_or_halted() -> None:
    assert set(Stage) == EDITABLE | HALTED
    assert set() == EDITABLE & HALTED


def test_a_node_without_stage_has_everything_before_it() -> None:
    assert stage_of(node_in(None)) is Stage.INITIATION
    assert next_stages(node_in(None)) == (Stage.PLANNING,)
    assert next_stages(node_in(Stage.CLOSED)) == ()
    assert set(next_stages(node_in(Stage.STOPPED))) == {
        Stage.PLANNING, Stage.IMPLEMENTATION, Stage.CLOSURE,
    }  # fmt: skip
    assert next_stages(node_in(None, NodeKind.TASK)) == ()


@pytest.mark.parametrize("kind", list(FIRST_MOVES))
def test_first_moves_leave_initiation(kind: NodeKind) -> None:
    first = FIRST_MOVES[kind]
    assert (first.kind, first.source, first.target) == (kind, Stage.INITIATION, Stage.PLANNING)


def test_refuse_unless_in_names_the_stages_in_order() -> None:
    refuse_unless_in(node_in(Stage.ADJUSTMENT))
    with refuses("WRONG_STAGE", "product default"):
        refuse_unless_in(node_in(Stage.STOPPED))
    refuse_unless_in(node_in(Stage.STOPPED), frozenset({Stage.STOPPED}))
    archived = node_in(Stage.ADJUSTMENT)
    archived.archived_at = datetime(2026, 1, 1, tzinfo=UTC)
    with refuses("NODE_ARCHIVED", "product default; R2023 §98"):
        refuse_unless_in(archived)
