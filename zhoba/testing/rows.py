"""Plain row makers. A test sets what it is about; everything else is a dull default.

Rows are simply put there, without acts and their rules.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.acts.act import Act, ActKind
from core.authority.appointment import Appointment, Attachment, Employment
from core.db.base import set_names
from core.db.text import fold, sort_key
from core.hierarchy.basic_direction import BasicDirection, BasicDirectionKind
from core.hierarchy.country import Country
from core.hierarchy.national_priority import NationalPriority
from core.hierarchy.organization_unit import OrganizationUnit
from core.hierarchy.program import Program, ProgramKind, ProgramPriority
from core.hierarchy.project import Project
from core.hierarchy.project_group import ProjectGroup
from core.hierarchy.state_body import StateBody, StateBodyKind
from core.hierarchy.task import Task, TaskKind
from core.people.person import Person
from core.places.region import Region, RegionKind
from core.plugins.installed_plugin import InstalledPlugin, is_installed
from core.tree.closure import insert_node, link_service
from core.tree.node import Node, NodeKind, Stage

MADE_AT = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
counter = itertools.count(1)

NOUNS: dict[NodeKind, type[Any]] = {
    NodeKind.COUNTRY: Country,
    NodeKind.NATIONAL_PRIORITY: NationalPriority,
    NodeKind.STATE_BODY: StateBody,
    NodeKind.ORGANIZATION_UNIT: OrganizationUnit,
    NodeKind.PROGRAM: Program,
    NodeKind.BASIC_DIRECTION: BasicDirection,
    NodeKind.PROJECT_GROUP: ProjectGroup,
    NodeKind.PROJECT: Project,
    NodeKind.TASK: Task,
}


def dull(kind: NodeKind) -> dict[str, Any]:
    """The columns a noun cannot do without."""
    number = next(counter)
    columns: dict[NodeKind, dict[str, Any]] = {
        NodeKind.COUNTRY: {"code": "KZ"},
        NodeKind.NATIONAL_PRIORITY: {"code": f"NP-{number}"},
        NodeKind.STATE_BODY: {"kind": StateBodyKind.CENTRAL},
        NodeKind.PROGRAM: {"kind": ProgramKind.PROGRAM},
        NodeKind.BASIC_DIRECTION: {"kind": BasicDirectionKind.ORDINARY},
        NodeKind.PROJECT: {"number": f"PRJ-2000-{number:06d}", "currency": "KZT"},
        NodeKind.TASK: {"kind": TaskKind.TASK},
    }
    return columns.get(kind, {})


async def make_node(
    session: AsyncSession,
    node_kind: NodeKind,
    parent: Node | None,
    /,
    *,
    name: str | None = None,
    region: Region | None = None,
    stage: Stage | None = Stage.INITIATION,
    **columns: Any,
) -> Node:
    """A node with its noun's row."""
    node = await insert_node(
        session,
        kind=node_kind,
        parent=parent,
        now=MADE_AT,
        region_id=region.id if region else None,
        stage=stage,
    )
    row = NOUNS[node_kind](id=node.id, **(dull(node_kind) | columns))
    text = name or f"{node_kind.name} {node.id}"
    set_names(row, kk=text, ru=text, en=text)
    session.add(row)
    await session.flush()
    return node


async def make_region(session: AsyncSession, code: str = "KZ-10", **columns: Any) -> Region:
    region = Region(code=code, **({"kind": RegionKind.REGION, "special_regime": False} | columns))
    set_names(region, kk=code, ru=code, en=code)
    session.add(region)
    await session.flush()
    return region


async def make_person(session: AsyncSession, name: str | None = None, **columns: Any) -> Person:
    number = next(counter)
    full = name or f"Person{number} Given"
    family, _, given = full.partition(" ")
    person = Person(
        family_name=family,
        given_name=given or "Given",
        full_name=full,
        full_name_sort=sort_key(full),
        full_name_search=fold(full),
        **columns,
    )
    session.add(person)
    await session.flush()
    return person


async def make_act(
    session: AsyncSession, kind: ActKind = ActKind.ORDER, body: Node | None = None, **columns: Any
) -> Act:
    dull_columns = {"number": f"{next(counter)}-Ө", "dated_on": date(2026, 1, 5)}
    act = Act(kind=kind, body_id=body.id if body else None, **(dull_columns | columns))
    session.add(act)
    await session.flush()
    return act


async def make_appointment(
    session: AsyncSession, person: Person, role: str, node: Node, **columns: Any
) -> Appointment:
    dull_columns = {
        "employment": Employment.COMBINED,
        "attachment": Attachment.STAFF,
        "valid_from": date(2026, 1, 5),
    }
    appointment = Appointment(
        person_id=person.id, role=role, node_id=node.id, **(dull_columns | columns)
    )
    session.add(appointment)
    await session.flush()
    return appointment


async def note_installed(session: AsyncSession, plugin: str, **columns: Any) -> None:
    """Note a plugin as installed, unless it is; its tables are made elsewhere, if it has any."""
    if await is_installed(session, plugin):
        return
    dull_columns = {
        "version": "1.0", "prefix": plugin, "requires": [], "tables": [], "roles": [],
        "permissions": [], "installed_at": MADE_AT, "updated_at": MADE_AT,
    }  # fmt: skip
    session.add(InstalledPlugin(plugin=plugin, **(dull_columns | columns)))
    await session.flush()


async def make_service(
    session: AsyncSession, priority: Node, program: Node, *, lead: bool = True
) -> None:
    """Let a program serve a priority."""
    session.add(ProgramPriority(program_id=program.id, priority_id=priority.id, lead=lead))
    await session.flush()
    await link_service(session, priority.id, program.id)


@dataclass
class World:
    """One of everything, each inside the one before; the program serves the priority."""

    country: Node
    priority: Node
    region: Region
    body: Node
    program: Node
    direction: Node
    group: Node
    project: Node
    task: Node


async def make_world(session: AsyncSession) -> World:
    country = await make_node(session, NodeKind.COUNTRY, None, stage=None)
    priority = await make_node(session, NodeKind.NATIONAL_PRIORITY, country)
    region = await make_region(session)
    body = await make_node(
        session, NodeKind.STATE_BODY, country, region=region, stage=None,
        kind=StateBodyKind.LOCAL_EXECUTIVE,
    )  # fmt: skip
    program = await make_node(session, NodeKind.PROGRAM, body)
    await make_service(session, priority, program)
    direction = await make_node(session, NodeKind.BASIC_DIRECTION, program)
    group = await make_node(session, NodeKind.PROJECT_GROUP, direction)
    project = await make_node(session, NodeKind.PROJECT, group)
    task = await make_node(session, NodeKind.TASK, project, stage=None)
    return World(country, priority, region, body, program, direction, group, project, task)
