"""What a node lacks, or has too many of, by the staffing table of the Rules [R2023 App.1]."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.acting import is_main
from core.authority.appointment import Appointment
from core.authority.catalogue import Catalogue, Role, Units, core_catalogue
from core.authority.conditions import valid_on
from core.places.region import Region
from core.rows import find
from core.tree.node import Node, NodeKind
from core.work import Profile


class Severity(enum.Enum):
    """How serious a finding is."""

    VIOLATION = "the table binds"
    WARNING = "peculiarities apply in this city"


@dataclass(frozen=True, slots=True)
class Finding:
    """A role of which there are too few or too many; no ``required_max`` = any number."""

    role: str
    group_number: int | None
    required_min: int
    required_max: int | None
    present: int
    clause: str
    severity: Severity


Counts = Mapping[tuple[str, int | None], int]
"""Holders today by role and, for implementation groups, by number of the group."""


async def staffing(
    session: AsyncSession,
    node_id: int,
    *,
    today: date,
    profile: Profile = Profile.R2023,
    catalogue: Catalogue | None = None,
) -> tuple[Finding, ...]:
    """Compare who holds the roles of this very node today with the table.

    A vacancy stops nothing: it is shown. In Astana, Almaty and Shymkent it is a warning
    [R2023 §12].
    """
    node = await find(session, Node, node_id)
    parent = await find(session, Node, node.parent_id) if node.parent_id else None
    peculiar = (
        node.region_id is not None and (await find(session, Region, node.region_id)).special_regime
    )
    standard = parent is not None and parent.kind is NodeKind.STATE_BODY
    return compare(
        node.kind,
        await count_holders(session, node_id, today),
        profile=profile,
        roles=(catalogue or core_catalogue()).roles.values(),
        standard=standard,
        severity=Severity.WARNING if peculiar else Severity.VIOLATION,
    )


def compare(
    kind: NodeKind,
    counts: Counts,
    *,
    profile: Profile,
    roles: Iterable[Role],
    standard: bool = False,
    severity: Severity = Severity.VIOLATION,
) -> tuple[Finding, ...]:
    """Compare the holders at one node of ``kind`` with the table, whose rows are those of
    ``roles``; ``standard``: it lies in the body itself, as the standard direction does."""
    findings = []
    for role in roles:
        rule = role.rules[profile]
        if rule.units is None or not belongs(role, kind, standard=standard, profile=profile):
            continue
        for group, present in places(role, rule.units, counts):
            required = least(rule.units, counts)
            most = rule.units.max
            if present < required or (most is not None and present > most):
                findings.append(
                    Finding(role.code, group, required, most, present, rule.ref, severity)
                )
    return tuple(findings)


async def count_holders(session: AsyncSession, node_id: int, today: date) -> Counts:
    """Main performers only: a place somebody acts in is still to be filled."""
    rows = await session.execute(
        select(
            Appointment.role,
            Appointment.group_number,
            Appointment.valid_from,
            Appointment.valid_to,
        ).where(Appointment.node_id == node_id, is_main())
    )
    counts: dict[tuple[str, int | None], int] = {}
    for row in rows:
        if valid_on(row, today):
            key = (row.role, row.group_number)
            counts[key] = counts.get(key, 0) + 1
    return counts


def belongs(role: Role, kind: NodeKind, *, standard: bool, profile: Profile) -> bool:
    """Whether the role is one of this node; the standard direction has a head of its own."""
    if kind not in role.node_kinds[profile] or profile not in role.editions:
        return False
    if role.code in ("bd_head", "standard_bd_head"):
        return standard == (role.code == "standard_bd_head")
    return True


def places(role: Role, units: Units, counts: Counts) -> Iterable[tuple[int | None, int]]:
    """Where holders are counted: the node, or each implementation group of it (at least one)."""
    if units.per != "bd_implementation_group":
        yield None, sum(number for (code, _), number in counts.items() if code == role.code)
        return
    groups = {group for (code, group) in counts if group is not None} or {1}
    for group in sorted(groups):
        yield group, counts.get((role.code, group), 0)


def least(units: Units, counts: Counts) -> int:
    """How many there must be: at least one once the centre the role belongs to exists."""
    if any(code in units.required_with for code, _ in counts):
        return max(units.min, 1)
    return units.min
