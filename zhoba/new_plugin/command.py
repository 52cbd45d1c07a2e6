"""``zhoba new-plugin``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zhoba.terminal import fail


def new_plugin(
    name: Annotated[
        str, typer.Argument(help="Its id, which begins all its names, such as site_visits.")
    ],
    to: Annotated[
        Path | None, typer.Option(help="The folder to make; zhoba-NAME here if left out.")
    ] = None,
) -> None:
    """Write a plugin to begin with: a table, a rule, fields, grants, texts and tests that pass."""
    from zhoba.new_plugin.writing import BadName
    from zhoba.new_plugin.writing import new_plugin as write

    target = to or Path(f"zhoba-{name.replace('_', '-')}")
    try:
        write(name, target)
    except BadName as error:
        fail(str(error))
    except FileExistsError:
        fail(f"{target} is there already: name another folder with --to")
    print(f"Written to {target}; next, in that folder: pip install -e .; zhoba plugins check .")
