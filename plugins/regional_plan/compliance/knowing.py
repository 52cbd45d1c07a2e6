"""From rows of the database to what the rules look at, and to what they find."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from plugins.regional_plan.compliance.facts import facts
from plugins.regional_plan.compliance.finding import Finding, Place, Texts
from plugins.regional_plan.compliance.rules import Held, Known, Part, findings
from plugins.regional_plan.peculiarity.peculiarity import RegionalPeculiaritySubject
from zhoba.api import TODAY, Key, NodeKind, Profile

PLAN = bindparam("regional_plan_id", type_=Key)
STATEMENT = select(facts(PLAN))


async def compliance(session: AsyncSession, program_id: int, today: date) -> list[Finding]:
    """What the rules find about a plan on a day, as far as the session has flushed."""
    text = await session.scalar(STATEMENT, {PLAN.key: program_id, TODAY.key: today})
    return findings(known_from(json.loads(text or "[]")))


def known_from(rows: Sequence[Sequence[Any]]) -> Known:
    """What is known of a plan, from the rows of :func:`~.facts.facts`.

    Raises :class:`LookupError` when the program is not among them.
    """
    found: dict[str, list[Sequence[Any]]] = defaultdict(list)
    for kind, *values in rows:
        found[kind].append(values)
    if not found["plan"]:
        raise LookupError("no such program")
    id_, stage, body_id, body_kind, special, template, status, newest, profile, *names = found[
        "plan"
    ][0]
    held: dict[int, list[Held]] = defaultdict(list)
    for node_id, *values in found["held"]:
        held[node_id].append(Held(*values))
    return Known(
        plan=place(NodeKind.PROGRAM.name, id_, names),
        stage=stage,
        body_id=body_id,
        body_kind=body_kind,
        special=bool(special),
        template=template,
        status=status,
        newest=newest,
        profile=Profile[profile] if profile else Profile.R2023,
        peculiarities={
            RegionalPeculiaritySubject[subject]: document(override)
            for subject, override in found["peculiarity"]
        },
        missing=[
            *((code, None, texts(names)) for code, _, *names in in_order(found["direction"])),
            *((code, home, texts(names)) for code, _, home, *names in in_order(found["group"])),
        ],
        moved=[
            (place(NodeKind.PROJECT_GROUP.name, node_id, names), code, home)
            for node_id, code, home, *names in found["moved"]
        ],
        parts=[
            Part(
                place(kind, node_id, names),
                direction_kind,
                bool(locked),
                bool(agreed),
                bool(compared),
            )
            for node_id, kind, direction_kind, locked, agreed, compared, *names in found["part"]
        ],
        others=[place(NodeKind.PROGRAM.name, key, names) for key, *names in found["other"]],
        held=held,
        late=[
            (place(kind, key, names), ends_on, deadline)
            for key, kind, ends_on, deadline, *names in found["late"]
        ],
        elsewhere=[place(NodeKind.PROJECT.name, key, names) for key, *names in found["elsewhere"]],
    )


def place(kind: str, key: int, names: Sequence[str | None]) -> Place:
    return Place(kind, key, texts(names))


def texts(names: Sequence[str | None]) -> Texts:
    kk, ru, en = names
    return kk, ru, en


def in_order(rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """Missing parts in the order of the version."""
    return sorted(rows, key=lambda row: row[1])


def document(value: Any) -> dict[str, Any]:
    """A JSON column: SQLite hands it over as text."""
    found: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return found
