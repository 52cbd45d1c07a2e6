"""A form as PDF, or as pictures of its pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Literal

import typst

from plugins.public_monitoring.forms.blocks import Block, Title
from plugins.public_monitoring.forms.texts import MonitoringFormLanguage

LAYOUT = Path(__file__).with_name("form.typ").read_bytes()


def pdf(blocks: Sequence[Block], language: MonitoringFormLanguage, day: date) -> bytes:
    """The document; the same blocks on the same day are the same bytes."""
    return typeset(blocks, language, day, "pdf")[0]


def pictures(
    blocks: Sequence[Block], language: MonitoringFormLanguage, day: date
) -> Sequence[bytes]:
    """Its pages as PNG."""
    return typeset(blocks, language, day, "png")


def typeset(
    blocks: Sequence[Block],
    language: MonitoringFormLanguage,
    day: date,
    format: Literal["pdf", "png"],
) -> Sequence[bytes]:
    """Only the fonts that come with the typesetter are used: they have all Kazakh letters."""
    title = next(block.text for block in blocks if isinstance(block, Title))
    form = {
        "title": title,
        "language": language.name.lower(),
        "blocks": [as_data(block) for block in blocks],
    }
    made = typst.Compiler(LAYOUT, ignore_system_fonts=True).compile(
        format=format,
        sys_inputs={"form": json.dumps(form, ensure_ascii=False)},
        timestamp=datetime.combine(day, time(), UTC),
    )
    assert made is not None
    return made if isinstance(made, list) else [made]


def as_data(block: Block) -> dict[str, Any]:
    return {"kind": type(block).__name__.lower(), **asdict(block)}
