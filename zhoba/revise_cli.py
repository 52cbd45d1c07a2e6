"""``zhoba plugins revise``: the next revision of a plugin, for its author."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhoba.terminal import fail, run

if TYPE_CHECKING:
    from migrations.run import Owner
    from zhoba.host.installation import Installation
    from zhoba.host.plugin import Plugin


def revise(
    folder: Annotated[Path, typer.Argument(help="The folder of the plugin's project.")],
    message: Annotated[str, typer.Argument(help="What changes, such as 'add a grade'.")],
    module: Annotated[
        str | None, typer.Option(help="id=module, where no pyproject.toml names them.")
    ] = None,
) -> None:
    """Write the next revision of a plugin from what its models add, and print its file.

    Read it before you commit it: it is a draft.
    """
    from migrations.run import NothingToRevise
    from migrations.run import revise as write
    from zhoba.plugin_check.subject import NoPlugin, importable, load, place_of

    try:
        place = place_of(folder.resolve(), module)
        with importable(folder):
            subject = load(place)
            if isinstance(subject, str):
                fail(subject)
            owner = subject.plugin.owner
            if owner is None:
                fail(f"{place.id} has no tables: it implements no register_migrations")
            made = run(write(owner, message, required_by(subject.installation, subject.plugin)))
    except (NoPlugin, NothingToRevise) as error:
        fail(str(error))
    typer.echo(made)


def required_by(installation: Installation, plugin: Plugin) -> list[Owner]:
    """The owners of tables a plugin builds on, whoever is required first before the others."""
    wanted = set(plugin.info.requires_plugins)
    for each in reversed(installation.plugins):
        if each.id in wanted:
            wanted |= set(each.info.requires_plugins)
    return [
        each.owner for each in installation.plugins if each.id in wanted and each.owner is not None
    ]
