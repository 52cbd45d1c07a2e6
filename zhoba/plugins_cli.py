"""``zhoba plugins``: which plugins there are, and how they do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from core.errors import NotFound
from zhoba.dead_letters_cli import dead_letters, jobs
from zhoba.plugin_check.command import check
from zhoba.revise_cli import revise
from zhoba.terminal import fail, run, say, settings_of
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


Plugin = Annotated[str, typer.Argument(help="Id of the plugin, as `zhoba plugins list` names it.")]
RegionCode = Annotated[str | None, typer.Option("--region", help="Code of the region: KZ-10.")]
Republic = Annotated[
    bool, typer.Option("--republic", help="For the bodies of the republic, which have no region.")
]
Given = Annotated[str | None, typer.Option("--set", help="Settings as JSON: '{\"days\": 5}'.")]


@app.command()
def enable(
    plugin: Plugin, region: RegionCode = None, republic: Republic = False, given: Given = None
) -> None:
    """Switch a plugin on in a region. Servers that run follow at once."""
    from zhoba.host.switching import switch_on

    place = one_place(region, republic)
    with naming(plugin, place):
        run(switch_on(settings_of(), plugin, place, given_settings(given), datetime.now(UTC)))
    say.print(f"{plugin} is on {spoken_place(place)}.", markup=False)


@app.command()
def disable(
    plugin: Plugin,
    reason: Annotated[str, typer.Option(help="Why; kept in its history.")],
    region: RegionCode = None,
    republic: Republic = False,
) -> None:
    """Switch a plugin off in a region. Its data and settings stay.

    One whose package is gone or broken is not asked, and its hooks are not called.
    """
    from zhoba.host.switching import switch_off

    place = one_place(region, republic)
    with naming(plugin, place):
        run(switch_off(settings_of(), plugin, place, reason, datetime.now(UTC)))
    say.print(f"{plugin} is off {spoken_place(place)}; its data stay.", markup=False)


@app.command()
def settings(
    plugin: Plugin, region: RegionCode = None, republic: Republic = False, given: Given = None
) -> None:
    """Print the settings of a plugin in a region as JSON; with --set, replace them first."""
    from zhoba.host.switching import read_settings, write_settings

    place, chosen, now = one_place(region, republic), settings_of(), datetime.now(UTC)
    wanted = given_settings(given)
    with naming(plugin, place):
        if wanted is not None:
            run(write_settings(chosen, plugin, place, wanted, now))
        found = run(read_settings(chosen, plugin, place, now))
    typer.echo(json.dumps(found, ensure_ascii=False))


@contextmanager
def naming(plugin: str, region: str | None) -> Iterator[None]:
    """Say which of the two is not there."""
    try:
        yield
    except NotFound as error:
        if error.field == "plugin":
            fail(f"there is no plugin {plugin}: `zhoba plugins list` names those there are")
        if error.field == "region":
            fail(f"there is no region with the code {region}")
        raise


def one_place(region: str | None, republic: bool) -> str | None:
    """The code of the region, None: the republic; one of the two must be said."""
    if republic == (region is not None):
        fail("say where: --region CODE, or --republic")
    return region


def spoken_place(region: str | None) -> str:
    return "for the republic" if region is None else f"in {region}"


def given_settings(text: str | None) -> dict[str, Any] | None:
    """Settings from the command line."""
    if text is None:
        return None
    try:
        found = json.loads(text)
    except ValueError as error:
        fail(f"--set is no JSON: {error}")
    if not isinstance(found, dict):
        fail("--set wants a JSON object: {...}")
    return found
