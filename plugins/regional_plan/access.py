"""Who may do what, and what citizens see."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from plugins.regional_plan.info import INFO
from plugins.regional_plan.plan.plan import RegionalPlan
from zhoba.api import (
    PRODUCT_DEFAULT,
    Asked,
    Condition,
    Node,
    NodeKind,
    Place,
    Policies,
    grant,
    permission,
    switched_on,
)

READ_BASIC = "regional.plan.read_basic"
READ = "regional.plan.read"
DEFINE = "regional.architecture.define"
ADOPT = "regional.architecture.adopt"
REQUEST = "regional.additional_bd.request"
AGREE = "regional.additional_bd.agree"
PECULIARITY = "regional.peculiarity.record"

FOLLOWS = f"{PRODUCT_DEFAULT}; R2023 §49"

PERMISSIONS = (
    permission(READ_BASIC, "See a regional plan: its version, directions and groups."),
    permission(READ, "Read a regional plan in full: findings, figures, requests, peculiarities."),
    permission(DEFINE, "Define the single unified project architecture.", ref="R2023 §73(2)"),
    permission(ADOPT, "Adopt the architecture for a plan, and upgrade it.", ref=FOLLOWS),
    permission(REQUEST, "Ask for an additional basic direction of a plan.", ref=FOLLOWS),
    permission(AGREE, "Decide on additional basic directions.", ref="R2023 §49"),
    permission(
        PECULIARITY,
        "Record a peculiarity of a city.",
        ref=f"{PRODUCT_DEFAULT}; R2023 §12, §73(2)",
    ),
)

PUBLIC = "regional.public"
"""The condition under which anyone sees a plan."""

SEEN_BY_ALL = (NodeKind.PROGRAM, NodeKind.BASIC_DIRECTION, NodeKind.PROJECT_GROUP)
"""What citizens see of a plan: what it is made of, not its projects."""


def public_sql(place: Place) -> ColumnElement[bool]:
    """As :func:`public`."""
    node: Any = aliased(Node)
    return exists(
        select(literal_column("1"))
        .select_from(node)
        .where(node.id == place.node_id, *is_open(node))
        .correlate_except(node)
    )


def is_open(node: Any) -> tuple[ColumnElement[bool], ...]:
    """Whether a node is part of a plan whose region shows it to everybody; no constants bound."""
    plan: Any = aliased(RegionalPlan)
    part_of_plan = exists(
        select(literal_column("1"))
        .select_from(plan)
        .where(plan.id == node.program_scope_id)
        .correlate_except(plan)
    )
    return (
        node.kind.in_([literal_column(f"'{kind.name}'") for kind in SEEN_BY_ALL]),
        switched_on(INFO.id, "open_to_citizens", node.region_id),
        part_of_plan,
    )


async def public(session: AsyncSession, asked: Collection[Asked], today: date) -> frozenset[Asked]:
    """The node is part of a plan whose region shows it to everybody [R2023 §3(4)]."""
    nodes = {each.node_id for each in asked}
    found = set(await session.scalars(select(Node.id).where(Node.id.in_(nodes), *is_open(Node))))
    return frozenset(each for each in asked if each.node_id in found)


READERS = (
    "np_curator", "governing_council_member", "office_head", "presidential_office_member",
    "program_manager", "gc_chair", "gc_deputy_chair", "gc_member", "po_chief_manager",
    "po_administrator", "government_leadership", "data_consumer", "auditor",
)  # fmt: skip
"""Who reads a plan in full, and does nothing else to it by this plugin."""

HEADS = ("bd_head", "pg_curator", "pg_head")
"""Who reads the plan above the part they head."""

POLICIES = Policies(
    grants={
        "office_member": [
            grant(DEFINE, ref="R2023 §73(2)"),
            grant(AGREE, ref="R2023 §49"),
            # What is peculiar releases a plan from the architecture: no akimat says so of itself.
            grant(PECULIARITY, READ_BASIC, READ),
        ],
        "po_head": [grant(ADOPT, REQUEST, ref=FOLLOWS), grant(READ_BASIC, READ)],
        **{role: [grant(READ_BASIC, READ)] for role in READERS},
        **{role: [grant(READ_BASIC, READ, relation="up")] for role in HEADS},
        "program_personnel": [grant(READ_BASIC, relation="program")],
        "regional_administrator": [grant(READ_BASIC, relation="region")],
        "national_administrator": [grant(READ_BASIC)],
        "anyone": [
            grant(
                READ_BASIC,
                "program.read_basic",
                "basic_direction.read_basic",
                "project_group.read_basic",
                condition=PUBLIC,
                ref=f"{PRODUCT_DEFAULT}; R2023 §3(4)",
            )
        ],
    },
    conditions=(Condition(PUBLIC, public_sql, public),),
)
