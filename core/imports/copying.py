"""Copying projects into other groups: for demonstrations and trials, never in place of a move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.base import LANGUAGES, name_columns
from core.hierarchy.project import Project, ProjectFunding, take_project_numbers
from core.hierarchy.project_location import ProjectLocation
from core.imports.bulk import BulkInsert
from core.imports.journal import Journal, Note
from core.imports.keys import take_keys
from core.imports.nodes import NODE, close_over
from core.texts import NAME_LIMIT
from core.transaction import NO_BODY
from core.tree.node import Node, NodeKind, Origin
from core.work import Work

CHUNK = 2_000

KEPT = (
    "goal", "result", "description", "starts_on", "ends_on", "budget_minor", "currency",
    "budget_program_code", "duration_class", "cost_class", "scale_class", "product_class",
    "time_class", "financing_class", "contractual", "implementing_body",
)  # fmt: skip
"""Columns a copy takes over; it has a number and a name of its own."""

SPOT = ("parent_id", "region_id", "state_body_id", "program_scope_id")


@dataclass(frozen=True, slots=True)
class ProjectCopy:
    """A project to be copied: into which group or direction, and where it is to happen."""

    source_id: int
    parent_id: int
    region_id: int | None
    unit_id: int | None = None


async def copy_projects(
    work: Work, copies: Sequence[ProjectCopy], *, system: str, suffix: Mapping[str, str]
) -> int:
    """Copy projects with their budgets and sources of money, but not people, tasks or history.

    A copy is marked as a sample and has ``suffix`` behind its name in each language. ``system`` and
    the key of the source recognise it: one that is there already is passed over. Who may is for the
    caller to ask. Returns how many were made; each has an entry in the audit log.
    """
    made = set(
        await work.session.scalars(sa.select(Node.origin_id).where(Node.origin_system == system))
    )
    fresh = [each for each in copies if str(each.source_id) not in made]
    journal = Journal(work)
    try:
        for start in range(0, len(fresh), CHUNK):
            await copy_chunk(work, fresh[start : start + CHUNK], system, suffix, journal)
            journal.spill()
        await journal.write(work.session)
    finally:
        journal.close()
    return len(fresh)


async def copy_chunk(
    work: Work,
    copies: Sequence[ProjectCopy],
    system: str,
    suffix: Mapping[str, str],
    journal: Journal,
) -> None:
    """Some of them, in a few statements."""
    session = work.session
    sources = await rows_of(session, Project, {each.source_id for each in copies})
    parents = await rows_of(session, Node, {each.parent_id for each in copies})
    stages = dict(
        (
            await session.execute(sa.select(Node.id, Node.stage).where(Node.id.in_(list(sources))))
        ).all()
    )
    keys = await take_keys(session, NODE, len(copies))
    numbers = await take_project_numbers(session, work.today.year, len(copies))
    nodes, projects, locations = [], [], []
    names = tuple(name_columns("?"))
    stands = (*SPOT, "stage")
    for key, number, each in zip(keys, numbers, copies, strict=True):
        source, parent = sources[each.source_id], parents[each.parent_id]
        place = (
            each.parent_id, parent.region_id, parent.state_body_id, parent.program_scope_id,
            stages[each.source_id],
        )  # fmt: skip
        nodes.append((key, *place, str(each.source_id)))
        named = name_columns(*(behind(source, code, suffix[code]) for code in LANGUAGES))
        kept = [getattr(source, column) for column in KEPT]
        projects.append((key, number, *place, *kept, *(named[column] for column in names)))
        if each.region_id is not None:
            locations.append((key, False, each.region_id, each.unit_id))
        after: dict[str, Any] = {"copy_of": each.source_id, "parent_id": each.parent_id}
        journal.add(Note(parent.state_body_id or NO_BODY, "Project", key, key, None, after))
    fixed = {
        "kind": NodeKind.PROJECT, "origin": Origin.SAMPLE, "origin_system": system, "version": 1,
        "created_at": work.now,
    }  # fmt: skip
    await BulkInsert(session, NODE, ("id", *stands, "origin_id"), fixed).insert(nodes)
    # With the copies of their nodes: the database would write each row twice (core.tree.copied).
    columns = ("id", "number", *stands, *KEPT, *names)
    await BulkInsert(session, table_of(Project), columns).insert(projects)
    await close_over(session, keys)
    located = ("project_id", "nationwide", "region_id", "administrative_unit_id")
    await BulkInsert(session, table_of(ProjectLocation), located).insert(locations)
    await copy_funding(session, dict(zip((each.source_id for each in copies), keys, strict=True)))


async def copy_funding(session: AsyncSession, keys: Mapping[int, int]) -> None:
    """The sources of money of new projects; ``keys`` are those of the copies by their sources."""
    found = await session.execute(
        sa.select(
            ProjectFunding.project_id, ProjectFunding.source, ProjectFunding.amount_minor
        ).where(ProjectFunding.project_id.in_(list(keys)))
    )
    columns = ("project_id", "source", "amount_minor")
    rows = [(keys[project_id], source, amount) for project_id, source, amount in found]
    await BulkInsert(session, table_of(ProjectFunding), columns).insert(rows)


async def rows_of(session: AsyncSession, model: Any, keys: set[int]) -> dict[int, Any]:
    """Rows by their keys, columns only."""
    table = table_of(model)
    found = await session.execute(sa.select(table).where(table.c.id.in_(keys)))
    return {row.id: row for row in found}


def table_of(model: Any) -> sa.Table:
    return cast("sa.Table", model.__table__)


def behind(source: Any, language: str, suffix: str) -> str | None:
    """The name in a language with the suffix, if it has one."""
    name = getattr(source, f"name_{language}")
    return None if name is None else name[: NAME_LIMIT - len(suffix)] + suffix
