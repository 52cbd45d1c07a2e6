"""``zhoba plugins``: which plugins there are, and how they do."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from zhoba.dead_letters_cli import dead_letters, jobs
from zhoba.plugin_check.command import check
from zhoba.revise_cli import revise
from zhoba.terminal import run, say, settings_of
from zhoba.uninstall_cli import uninstall

app = typer.Typer(
    invoke_without_command=True,
    help="Plugins: which there are, where they are switched on, and what stands against them.",
)
app.command()(revise)
app.command()(uninstall)
app.command()(check)
app.command()(jobs)
app.command()(dead_letters)


@app.callback()
def plugins(context: typer.Context) -> None:
    """List the plugins, and act on one of them."""
    if context.invoked_subcommand is None:
        list_plugins()


@app.command(name="list")
def list_plugins(
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 when a plugin was left out.")
    ] = False,
) -> None:
    """List the plugins: version, state, and the reason of those that were left out."""
    from zhoba.host.overview import overview

    settings = settings_of()
    rows = run(overview(settings.database, settings.plugins))
    if not rows:
        say.print("No plugin is installed.")
        return
    table = Table("plugin", "version", "state", "regions", "reason", box=None)
    for row in rows:
        table.add_row(row.id, row.version, row.state.name.lower(), row.regions, row.reason)
    typer.echo(text_of(table), nl=False)
    if strict and any(row.reason for row in rows):
        raise typer.Exit(1)


def text_of(table: Table) -> str:
    """A table as plain text, however wide."""
    from rich.console import Console

    wide = Console(width=1000, highlight=False, markup=False, emoji=False, color_system=None)
    with wide.capture() as captured:
        wide.print(table)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
