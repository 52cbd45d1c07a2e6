"""``zhoba regional-plan template``: versions of the architecture, as files of the operator."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from plugins.regional_plan.info import INFO
from plugins.regional_plan.template.editing import draft_template
from plugins.regional_plan.template.reading import content_of
from plugins.regional_plan.template.template import RegionalTemplate
from plugins.regional_plan.template.transfer import (
    RegionalTemplateFormat,
    import_template,
    written,
)
from zhoba.api import open_database, operator_work

app = typer.Typer(no_args_is_help=True, help="Versions of the unified architecture, as files.")

SHIPPED = Path(__file__).parent
"""Where the files lie that come along: official.yaml, sample.yaml, sample_full.yaml."""

FORMATS = {
    ".yaml": RegionalTemplateFormat.YAML,
    ".yml": RegionalTemplateFormat.YAML,
    ".xlsx": RegionalTemplateFormat.XLSX,
}


def format_of(path: Path) -> RegionalTemplateFormat:
    """The kind of file by its name. Ends the command for any other."""
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        raise typer.BadParameter(f"a file ends with {', '.join(FORMATS)}") from None


@app.command(name="import")
def import_file(
    path: Annotated[Path, typer.Argument(help="A YAML or XLSX file; `sample.yaml` comes along.")],
) -> None:
    """Make a draft of the next version from a file; the Office looks at it and publishes it."""
    format = format_of(path)
    file = path if path.exists() else SHIPPED / path.name
    if not file.is_file():
        raise typer.BadParameter(f"there is no file {path}")
    number = asyncio.run(imported(file, format))
    typer.echo(f"Version {number} is a draft now.")


async def imported(path: Path, format: RegionalTemplateFormat) -> int:
    """The number of the draft made from a file."""
    content = path.read_bytes()
    text = (
        content.decode("utf-8", "replace")
        if format is RegionalTemplateFormat.YAML
        else base64.b64encode(content).decode()
    )
    async with operator_work(INFO.id) as work:
        draft = await draft_template(work)
        await import_template(
            work, draft.id, expected_version=draft.version, format=format, content=text
        )
        return draft.number


@app.command(name="export")
def export_file(
    number: Annotated[int, typer.Argument(help="Number of the version.")],
    path: Annotated[Path, typer.Argument(help="A YAML or XLSX file to write.")],
) -> None:
    """Write a version of the architecture to a file."""
    content = asyncio.run(exported(number, format_of(path)))
    if content is None:
        raise typer.BadParameter(f"there is no version {number}")
    path.write_bytes(content)


async def exported(number: int, format: RegionalTemplateFormat) -> bytes | None:
    """A version as a file; None: there is no such version."""
    async with open_database() as database, database.reading_session() as session:
        found = await session.scalar(
            select(RegionalTemplate).where(RegionalTemplate.number == number)
        )
        if found is None:
            return None
        text = written(format, found, await content_of(session, found.id))
    if format is RegionalTemplateFormat.XLSX:
        return base64.b64decode(text)
    return text.encode()
