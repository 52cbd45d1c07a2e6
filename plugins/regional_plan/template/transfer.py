"""Bringing a version in from a file, and taking it out into one."""

from __future__ import annotations

import asyncio
import base64
import enum

from sqlalchemy import delete

from plugins.regional_plan.template import xlsx_file, yaml_file
from plugins.regional_plan.template.cells import first_sheet
from plugins.regional_plan.template.contents import Direction, unreadable
from plugins.regional_plan.template.editing import edited, fill, open_draft
from plugins.regional_plan.template.template import (
    RegionalTemplate,
    RegionalTemplateDirection,
    RegionalTemplateGroup,
)
from plugins.regional_plan.template.xlsx_file import SAMPLE, write_xlsx
from plugins.regional_plan.template.yaml_file import document_of, write_yaml
from zhoba.api import Work, change, clean

MOST_BYTES = 1_000_000
"""The size of a file (product default)."""


class RegionalTemplateFormat(enum.Enum):
    """The kinds of file a version is kept in."""

    YAML = "text"
    XLSX = "a spreadsheet, as text in base64"


async def import_template(
    work: Work,
    template_id: int,
    *,
    expected_version: int,
    format: RegionalTemplateFormat,
    content: str,
) -> RegionalTemplate:
    """Replace all directions and groups of a draft by those of a file.

    Action ``regional.architecture.define`` at the country. A file that says it is a sample makes
    the draft one. Raises ``CONFLICT``, ``REGIONAL_TEMPLATE_NOT_DRAFT``,
    ``REGIONAL_CONTENT_UNREADABLE`` with the place in the file, and what adding directions and
    groups raises.
    """
    template = await open_draft(work, template_id, expected_version)
    if len(content) > MOST_BYTES:
        raise unreadable(str(len(content)), f"<= {MOST_BYTES}")
    # In a thread of its own: a large file takes a while, and others are served meanwhile.
    found, said = await asyncio.to_thread(read, format, content)
    for model in (RegionalTemplateGroup, RegionalTemplateDirection):
        await work.session.execute(delete(model).where(model.template_id == template.id))
    await fill(work, template, found)
    before, after = change(template, said)
    counts = {
        "directions": len(found),
        "groups": sum(len(each.groups) for each in found),
        "format": format.name,
    }
    await edited(work, template, "regionalTemplateImported", before, after | counts)
    return template


def read(
    format: RegionalTemplateFormat, content: str
) -> tuple[tuple[Direction, ...], dict[str, object]]:
    """The directions in a file, and what else it says of the version."""
    if format is RegionalTemplateFormat.YAML:
        document = document_of(content)
        note, sample = document.get("note"), yaml_file.is_sample(document)
        said = {"note": clean(note, "content")} if isinstance(note, str) else {}
        found = yaml_file.directions_of(document)
        return found, {**said, **({"sample": True} if sample else {})}
    try:
        sheet = first_sheet(base64.b64decode(content, validate=True))
    except ValueError:
        raise unreadable("1", "base64") from None
    return xlsx_file.directions_of(sheet), {"sample": True} if sheet.name == SAMPLE else {}


def written(
    format: RegionalTemplateFormat, template: RegionalTemplate, content: tuple[Direction, ...]
) -> str:
    """A version as a file; that of a spreadsheet in base64."""
    if format is RegionalTemplateFormat.YAML:
        return write_yaml(content, sample=template.sample, note=template.note)
    return base64.b64encode(write_xlsx(content, sample=template.sample)).decode()
