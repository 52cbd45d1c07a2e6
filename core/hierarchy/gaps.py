"""What the Rules ask of a node and it lacks: the list an imported node is shown with.

Pure functions over values the reader has already: columns of the noun's row, and the facts named in
:data:`FACTS`. A demand is judged only when all its inputs are given, so a reader that fetched
nothing but columns still gets a right, shorter list.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.tree.node import NodeKind

FACTS: dict[str, str] = {
    "held_roles": "codes of the roles somebody holds today at the node (a program: at its body)",
    "lead_priority_id": "the priority that leads a program",
    "project_office_id": "the project office of a state body",
    "governing_committee_id": "the governing committee of a state body",
    "location_count": "how many places a project has",
}
"""Inputs that are no columns of the noun's table."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing; ``code`` has a sentence in three languages."""

    code: str
    clause: str
    field: str


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing the Rules ask for. ``inputs`` are handed to ``missing`` in this order."""

    code: str
    clause: str
    field: str
    inputs: tuple[str, ...]
    missing: Callable[..., bool]


def absent(value: object) -> bool:
    """Nothing there: no value, no text, none of them."""
    return value is None or value in ("", 0)


def filled(code: str, clause: str, field: str, column: str) -> Demand:
    """A column that must hold something."""
    return Demand(code, clause, field, (column,), absent)


def held(code: str, clause: str, field: str, role: str) -> Demand:
    """A role somebody must hold."""
    return Demand(code, clause, field, ("held_roles",), lambda roles: role not in roles)


def head_of_direction(kind: object, roles: Any) -> bool:
    """The standard direction has a head of its own sort [R2023 §2(64)]."""
    role = "standard_bd_head" if member_name(kind) == "STANDARD" else "bd_head"
    return role not in roles


def task_of_direction(kind: object, task: object) -> bool:
    """Directions answer tasks of their program; the standard one has no program."""
    return member_name(kind) != "STANDARD" and absent(task)


def executor_of_task(kind: object, executor_id: object) -> bool:
    """A milestone is a point in time, nobody executes it."""
    return member_name(kind) != "MILESTONE" and absent(executor_id)


def member_name(value: object) -> object:
    """The name of an enumeration's member, given as one or by its name."""
    return value.name if isinstance(value, enum.Enum) else value


DEMANDS: dict[NodeKind, tuple[Demand, ...]] = {
    NodeKind.COUNTRY: (),
    NodeKind.NATIONAL_PRIORITY: (
        filled("GAP_PRIORITY_GOAL", "R2023 §10, §29", "goal", "goal"),
        filled("GAP_PRIORITY_PERIOD", "R2023 §2(17)", "endsOn", "ends_on"),
        filled("GAP_PORTFOLIO_DEADLINE", "R2023 §9", "portfolioDeadline", "portfolio_deadline"),
        filled("GAP_PORTFOLIO_GOAL", "R2023 §10", "portfolioGoal", "portfolio_goal"),
        held("GAP_PRIORITY_CURATOR", "R2023 §2(19)", "appointments", "np_curator"),
    ),
    NodeKind.STATE_BODY: (
        filled("GAP_PROJECT_OFFICE", "R2023 §54", "projectOffice", "project_office_id"),
        filled(
            "GAP_GOVERNING_COMMITTEE", "R2023 §51", "governingCommittee", "governing_committee_id"
        ),
        held("GAP_PROGRAM_MANAGER", "R2023 §2(47)", "appointments", "program_manager"),
        held("GAP_PROJECT_OFFICE_HEAD", "R2023 §55", "appointments", "po_head"),
    ),
    NodeKind.ORGANIZATION_UNIT: (),
    NodeKind.PROGRAM: (
        filled("GAP_PROGRAM_GOAL", "R2023 §46", "goal", "goal"),
        filled("GAP_PROGRAM_START", "R2023 §46(5)", "startsOn", "starts_on"),
        filled("GAP_PROGRAM_END", "R2023 §9, §46(5)", "endsOn", "ends_on"),
        filled(
            "GAP_PROGRAM_LEAD_PRIORITY", "product default; R2023 §27", "priorities",
            "lead_priority_id",
        ),
        held("GAP_PROGRAM_MANAGER", "R2023 §2(47)", "appointments", "program_manager"),
    ),
    NodeKind.BASIC_DIRECTION: (
        Demand("GAP_DIRECTION_TASK", "R2023 §47", "task", ("kind", "task"), task_of_direction),
        Demand(
            "GAP_DIRECTION_HEAD", "R2023 §2(12), §2(64), App.1", "appointments",
            ("kind", "held_roles"), head_of_direction,
        ),
    ),
    NodeKind.PROJECT_GROUP: (
        filled("GAP_GROUP_UNIT", "R2023 §2(28)", "responsibleUnit", "responsible_unit_id"),
        held("GAP_GROUP_HEAD", "R2023 §66, App.1", "appointments", "pg_head"),
    ),
    NodeKind.PROJECT: (
        filled("GAP_PROJECT_GOAL", "R2023 §10", "goal", "goal"),
        filled("GAP_PROJECT_RESULT", "R2023 §2(21)", "result", "result"),
        filled("GAP_PROJECT_START", "R2023 §2(21)", "startsOn", "starts_on"),
        filled("GAP_PROJECT_END", "R2023 §2(21), §9", "endsOn", "ends_on"),
        Demand(
            "GAP_PROJECT_BUDGET", "R2023 §2(22)", "budget", ("budget_minor",),
            lambda budget: budget is None,
        ),
        filled("GAP_PROJECT_SCALE", "R2023 App.6(3)", "scaleClass", "scale_class"),
        filled("GAP_PROJECT_PRODUCT", "R2023 App.6(4)", "productClass", "product_class"),
        filled("GAP_PROJECT_TIME", "R2023 App.6(5)", "timeClass", "time_class"),
        filled("GAP_PROJECT_FINANCING", "R2023 App.6(6)", "financingClass", "financing_class"),
        filled("GAP_PROJECT_LOCATION", "R2023 App.3", "locations", "location_count"),
        held("GAP_PROJECT_INITIATOR", "R2023 §85", "appointments", "project_initiator"),
        held("GAP_PROJECT_SPONSOR", "R2023 §85", "appointments", "project_sponsor"),
        held("GAP_PROJECT_CUSTOMER", "R2023 §85", "appointments", "project_customer"),
        held("GAP_PROJECT_MANAGER", "R2023 §85", "appointments", "project_manager"),
    ),
    NodeKind.TASK: (
        Demand(
            "GAP_TASK_EXECUTOR", "R2023 §92(3)", "executor", ("kind", "executor_id"),
            executor_of_task,
        ),
        filled("GAP_TASK_DUE", "R2023 §92(3)", "dueOn", "due_on"),
    ),
}  # fmt: skip
"""What is asked of each kind of node."""


def inputs_of(kind: NodeKind) -> tuple[str, ...]:
    """All columns and facts the demands on this kind look at, for the reader to fetch."""
    return tuple(dict.fromkeys(name for demand in DEMANDS[kind] for name in demand.inputs))


def gaps(kind: NodeKind, values: Mapping[str, Any]) -> tuple[Gap, ...]:
    """What the node lacks, in the order of :data:`DEMANDS`."""
    return tuple(
        Gap(demand.code, demand.clause, demand.field)
        for demand in DEMANDS[kind]
        if all(name in values for name in demand.inputs)
        and demand.missing(*(values[name] for name in demand.inputs))
    )
