"""Commands: ``zhoba regional-plan ...``."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from plugins.regional_plan.building import Share, build, shares
from plugins.regional_plan.info import INFO
from plugins.regional_plan.template import commands as template_commands
from zhoba.api import open_database, operator_work

app = typer.Typer(no_args_is_help=True, help="Regional development plans.")
app.add_typer(template_commands.app, name="template")


@app.callback()
def regional_plan() -> None:
    """Regional development plans."""


@app.command(name="build-from")
def build_from(
    system: Annotated[str, typer.Argument(help="What was imported: `italia-domani`, for example.")],
    apply: Annotated[
        bool, typer.Option("--apply", help="Do it; without this only show what would be done.")
    ] = False,
) -> None:
    """Copy imported projects into the plans, by location, marked as fictitious; twice is once."""
    found = asyncio.run(built(system) if apply else shown(system))
    for share in found:
        typer.echo(f"{share.source} -> {share.target.code}  {share.fresh} of {len(share.copies)}")
    total = sum(share.fresh for share in found)
    if not found:
        typer.echo("Nothing to copy: no running plan, or no located projects of this system.")
    elif apply:
        typer.echo(f"{total} projects copied; the pairing of regions is made up.")
    else:
        typer.echo(f"{total} projects would be copied; add --apply to do it.")


async def shown(system: str) -> list[Share]:
    """What would be copied."""
    async with open_database() as database, database.reading_session() as session:
        return await shares(session, system)


async def built(system: str) -> list[Share]:
    """What was copied."""
    async with operator_work(INFO.id) as work:
        return await build(work, system)
