"""The architecture as a spreadsheet: one row for each direction and each group."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from plugins.regional_plan.template.contents import (
    MOST_DIRECTIONS,
    MOST_GROUPS,
    Direction,
    Group,
    checked,
    too_large,
    unreadable,
)
from zhoba.api import Names

HEADINGS = ("direction", "group", "kk", "ru", "en")
"""Codes, then names. A row without a code of a group is the direction itself."""


MOST_UNPACKED = 20_000_000
"""Bytes of a spreadsheet once it is unpacked (product default)."""

SAMPLE = "sample"
"""Name of the sheet of what is made up."""


def read_xlsx(content: bytes) -> tuple[Direction, ...]:
    """The directions of the first sheet.

    Raises ``REGIONAL_CONTENT_UNREADABLE`` and what
    :func:`~plugins.regional_plan.template.contents.checked` raises.
    """
    directions: list[Direction] = []
    groups: list[tuple[str, str, Group]] = []
    for place, (direction, group, kk, ru, en) in rows_of(content):
        names = Names(kk=kk or None, ru=ru or None, en=en or None)
        if not direction:
            raise unreadable(place, "direction")
        if group:
            groups.append((place, direction, Group(group, names)))
        else:
            directions.append(Direction(direction, names))
    known = {each.code for each in directions}
    for place, code, _ in groups:
        if code not in known:
            raise unreadable(place, f"direction {code[:60]}")
    return checked(
        Direction(
            each.code, each.names, tuple(group for _, code, group in groups if code == each.code)
        )
        for each in directions
    )


def rows_of(content: bytes) -> Iterator[tuple[str, list[str]]]:
    """Rows below the headings that hold anything, each with its number as people see it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(each.file_size for each in packed.infolist()) > MOST_UNPACKED:
                raise too_large()
        sheets = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = sheets.get_sheet_by_index(0)
        if sheet.total_height > MOST_DIRECTIONS + MOST_GROUPS + 1:
            raise unreadable(str(sheet.total_height), f"<= {MOST_DIRECTIONS + MOST_GROUPS + 1}")
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, zipfile.BadZipFile, IndexError, ValueError, OSError):
        raise unreadable("1", "XLSX") from None
    if not rows or [text(cell) for cell in rows[0][: len(HEADINGS)]] != list(HEADINGS):
        raise unreadable("1", ", ".join(HEADINGS))
    for number, row in enumerate(rows[1:], start=2):
        cells = [text(cell) for cell in row[: len(HEADINGS)]]
        if any(cells):
            codes = [cell.upper() for cell in cells[:2]]
            yield str(number), codes + cells[2:]


def text(cell: Any) -> str:
    """A cell as text; codes like ``7`` come as numbers."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()


def is_sample(content: bytes) -> bool:
    """Whether a spreadsheet that can be read says by the name of its sheet that it is a sample."""
    names = CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names
    return names[:1] == [SAMPLE]


def write_xlsx(directions: Sequence[Direction], *, sample: bool) -> bytes:
    """What :func:`read_xlsx` reads."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(SAMPLE if sample else "architecture")
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, HEADINGS, bold)
        sheet.set_column(2, 4, 50)
        line = 1
        for each in directions:
            names = each.names
            sheet.write_row(line, 0, (each.code, "", names.kk, names.ru, names.en), bold)
            line += 1
            for one in each.groups:
                names = one.names
                sheet.write_row(line, 0, (each.code, one.code, names.kk, names.ru, names.en))
                line += 1
    return target.getvalue()
