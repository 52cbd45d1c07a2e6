"""What imported objects lack."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import PlatformError
from core.hierarchy.basic_direction import BasicDirectionKind
from core.hierarchy.gaps import DEMANDS, FACTS, Gap, gaps, inputs_of
from core.hierarchy.task import TaskKind
from core.messages import Messages
from core.models import metadata
from core.tree.node import NodeKind

CHARTER = ("project_initiator", "project_sponsor", "project_customer", "project_manager")
TABLES = {
    NodeKind.NATIONAL_PRIORITY: "national_priority",
    NodeKind.STATE_BODY: "state_body",
    NodeKind.PROGRAM: "program",
    NodeKind.BASIC_DIRECTION: "basic_direction",
    NodeKind.PROJECT_GROUP: "project_group",
    NodeKind.PROJECT: "project",
    NodeKind.TASK: "task",
}


def codes(kind: NodeKind, values: dict[str, Any]) -> list[str]:
    return [gap.code for gap in gaps(kind, values)]


def empty(kind: NodeKind) -> dict[str, Any]:
    return dict.fromkeys(inputs_of(kind)) | {"held_roles": frozenset()}


@pytest.mark.parametrize("kind", TABLES)
def test_empty_node_lacks_everything_asked_of_it(kind: NodeKind) -> None:
    assert codes(kind, empty(kind)) == [demand.code for demand in DEMANDS[kind]]


def test_nothing_is_asked_of_the_country_and_of_units() -> None:
    assert {kind for kind in NodeKind if not DEMANDS[kind]} == set(NodeKind) - set(TABLES)


def test_full_program_lacks_nothing() -> None:
    values = {
        "goal": "Water",
        "starts_on": "2026-01-01",
        "ends_on": "2028-01-01",
        "lead_priority_id": 2,
        "held_roles": ["program_manager"],
    }
    assert gaps(NodeKind.PROGRAM, values) == ()
    assert gaps(NodeKind.PROGRAM, values | {"held_roles": ["po_head"]}) == (
        Gap("GAP_PROGRAM_MANAGER", "R2023 §2(47)", "appointments"),
    )


@pytest.mark.parametrize("role", CHARTER)
def test_project_needs_each_charter_role(role: str) -> None:
    held = [each for each in CHARTER if each != role]
    missing = role.removeprefix("project_").upper()
    assert codes(NodeKind.PROJECT, {"held_roles": held}) == [f"GAP_PROJECT_{missing}"]


def test_project_with_a_budget_of_nothing_has_a_budget() -> None:
    assert codes(NodeKind.PROJECT, {"budget_minor": 0}) == []
    assert codes(NodeKind.PROJECT, {"budget_minor": None}) == ["GAP_PROJECT_BUDGET"]


def test_project_without_a_place_has_a_gap() -> None:
    assert codes(NodeKind.PROJECT, {"location_count": 0}) == ["GAP_PROJECT_LOCATION"]
    assert codes(NodeKind.PROJECT, {"location_count": 1}) == []


@pytest.mark.parametrize("kind", [BasicDirectionKind.STANDARD, "STANDARD"])
def test_standard_direction_has_its_own_sort_of_head_and_no_task(kind: Any) -> None:
    values = {"kind": kind, "task": None, "held_roles": ["standard_bd_head"]}
    assert codes(NodeKind.BASIC_DIRECTION, values) == []
    assert codes(NodeKind.BASIC_DIRECTION, values | {"held_roles": ["bd_head"]}) == [
        "GAP_DIRECTION_HEAD"
    ]


@pytest.mark.parametrize("kind", [BasicDirectionKind.ORDINARY, "ORDINARY"])
def test_ordinary_direction_needs_a_head_and_a_task(kind: Any) -> None:
    values = {"kind": kind, "task": "", "held_roles": ["standard_bd_head"]}
    assert codes(NodeKind.BASIC_DIRECTION, values) == ["GAP_DIRECTION_TASK", "GAP_DIRECTION_HEAD"]
    assert codes(NodeKind.BASIC_DIRECTION, values | {"task": "T", "held_roles": ["bd_head"]}) == []


@pytest.mark.parametrize(
    ("kind", "lacks"),
    [(TaskKind.TASK, ["GAP_TASK_EXECUTOR"]), (TaskKind.MILESTONE, []), ("MILESTONE", [])],
)
def test_milestone_has_no_executor(kind: Any, lacks: list[str]) -> None:
    assert codes(NodeKind.TASK, {"kind": kind, "executor_id": None}) == lacks
    assert codes(NodeKind.TASK, {"kind": kind, "executor_id": 3}) == []


def test_demand_is_judged_only_when_its_inputs_are_given() -> None:
    assert codes(NodeKind.PROJECT_GROUP, {}) == []
    assert codes(NodeKind.BASIC_DIRECTION, {"task": None}) == []
    assert codes(NodeKind.PROJECT_GROUP, {"responsible_unit_id": None}) == ["GAP_GROUP_UNIT"]


@pytest.mark.parametrize("kind", TABLES)
def test_inputs_are_columns_or_known_facts(kind: NodeKind) -> None:
    columns = set(metadata.tables[TABLES[kind]].columns.keys())
    assert set(inputs_of(kind)) - columns <= set(FACTS)


def test_facts_are_all_asked_for() -> None:
    asked = {name for kind in NodeKind for name in inputs_of(kind)}
    assert set(FACTS) <= asked


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_gap_has_its_sentence(language: str) -> None:
    messages = Messages.load(["core"])
    for demands in DEMANDS.values():
        for demand in demands:
            sentence = messages.sentence(PlatformError(demand.code), language)
            assert sentence.endswith(".")
            assert demand.code not in sentence
