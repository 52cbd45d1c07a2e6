"""A form as DOCX, for offices that go on working with the letter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from io import BytesIO

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph as Written

from plugins.public_monitoring.forms.blocks import (
    Addressee,
    Block,
    Corner,
    Filled,
    Line,
    Paragraph,
    Signature,
    Title,
)

FONT = "Times New Roman"
SMALL = Pt(9)
EMPTY = "_" * 16
"""A line nobody has written on."""


def docx(blocks: Sequence[Block], day: date) -> bytes:
    """The document, on A4; its properties name no author."""
    document = Document()
    set_up(document, day)
    for block in blocks:
        match block:
            case Corner(lines):
                written = aligned(document, WD_ALIGN_PARAGRAPH.CENTER, left=105)
                written.add_run("\n".join(lines)).font.size = SMALL
            case Addressee(lines):
                for line in lines:
                    written = aligned(document, WD_ALIGN_PARAGRAPH.CENTER, left=75)
                    written.add_run(line.text or EMPTY).underline = bool(line.text)
                    if line.caption:  # in the form it stands bare below the line
                        written.add_run(f"\n{line.caption}").font.size = SMALL
            case Title(text):
                written = aligned(document, WD_ALIGN_PARAGRAPH.CENTER)
                written.paragraph_format.space_before = Pt(12)
                written.add_run(text).bold = True
            case Line(parts):
                write(aligned(document, WD_ALIGN_PARAGRAPH.CENTER), parts)
            case Paragraph(parts):
                written = aligned(document, WD_ALIGN_PARAGRAPH.JUSTIFY)
                written.paragraph_format.first_line_indent = Mm(12.5)
                write(written, parts)
            case Signature(lead, parts):
                written = aligned(document, WD_ALIGN_PARAGRAPH.LEFT)
                written.paragraph_format.space_before = Pt(10)
                spaced = [item for part in parts for item in (" ", part)]
                write(written, [lead, *spaced])
    stored = BytesIO()
    document.save(stored)
    return stored.getvalue()


def set_up(document: DocumentType, day: date) -> None:
    """The page, the letters, and properties that follow from the document alone."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.top_margin = section.bottom_margin = Mm(20)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(12)
    style.paragraph_format.space_after = Pt(6)
    properties = document.core_properties
    properties.author = properties.comments = ""
    properties.created = properties.modified = datetime.combine(day, time(), UTC)


def aligned(document: DocumentType, alignment: WD_ALIGN_PARAGRAPH, *, left: float = 0) -> Written:
    written = document.add_paragraph()
    written.alignment = alignment
    written.paragraph_format.left_indent = Mm(left)
    return written


def write(written: Written, parts: Sequence[str | Filled]) -> None:
    """Text as it is, entries underlined, their captions small beside them."""
    for part in parts:
        if isinstance(part, str):
            written.add_run(part)
            continue
        written.add_run(part.text or EMPTY).underline = bool(part.text)
        if part.caption:
            written.add_run(f" ({part.caption})").font.size = SMALL
