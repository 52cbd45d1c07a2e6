"""``zhoba plugins check``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zhoba.terminal import fail, run


def check(
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="The folder of its project.")
    ],
    module: Annotated[
        str | None, typer.Option(help="Its id and module, where no pyproject.toml says: id=module.")
    ] = None,
) -> None:
    """Look through a plugin before others use it: what is done, and what is missing."""
    from zhoba.plugin_check.examining import examine
    from zhoba.plugin_check.subject import NoPlugin, place_of

    try:
        place = place_of(folder.resolve(), module)
    except NoPlugin as error:
        fail(str(error))
    findings = run(examine(place))
    for each in findings:
        mark = "done   " if each.done else "MISSING"
        print(f"{mark}  {each.name:18} {each.words if each.done else ''}".rstrip())
        for line in each.missing:
            print(f"           - {line}")
    if not all(each.done for each in findings):
        raise typer.Exit(1)
