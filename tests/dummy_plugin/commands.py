"""Commands: ``zhoba inspections ...``."""

from __future__ import annotations

import asyncio

import typer
from sqlalchemy import select

from tests.dummy_plugin.models import OPEN, Inspection
from tests.dummy_plugin.settings import INFO
from zhoba.api import Node, Project, enabled_at, open_database

app = typer.Typer(no_args_is_help=True, help="Inspections of projects.")


@app.callback()
def inspections() -> None:
    """Inspections of projects."""


@app.command(name="open")
def open_ones() -> None:
    """List the open inspections, of regions where the plugin is switched on."""
    for line in asyncio.run(open_inspections()):
        print(line)


async def open_inspections() -> list[str]:
    """Number of the project, planned day and state of each."""
    async with open_database() as database, database.reading_session() as session:
        rows = await session.execute(
            select(Project.number, Inspection.planned_on, Inspection.state)
            .join(Inspection, Inspection.project_id == Project.id)
            .join(Node, Node.id == Project.id)
            .where(Inspection.state.in_(OPEN), enabled_at(INFO.id, Node.region_id))
            .order_by(Project.number)
        )
        return [f"{number} {planned_on} {state.name}" for number, planned_on, state in rows]
