"""The architecture as a spreadsheet: one row for each direction and each group."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator, Sequence

import xlsxwriter

from plugins.regional_plan.template.cells import Sheet, first_sheet
from plugins.regional_plan.template.contents import (
    MOST_DIRECTIONS,
    MOST_GROUPS,
    Direction,
    Group,
    checked,
    unreadable,
)
from zhoba.api import Names

HEADINGS = ("direction", "group", "kk", "ru", "en")
"""Codes, then names. A row without a code of a group is the direction itself."""

SAMPLE = "sample"
"""Name of the sheet of what is made up."""


def read_xlsx(content: bytes) -> tuple[Direction, ...]:
    """The directions of the first sheet of a spreadsheet; raises as :func:`directions_of`."""
    return directions_of(first_sheet(content))


def directions_of(sheet: Sheet) -> tuple[Direction, ...]:
    """The directions of a sheet.

    Raises ``REGIONAL_CONTENT_UNREADABLE`` and what
    :func:`~plugins.regional_plan.template.contents.checked` raises.
    """
    directions: list[Direction] = []
    groups: dict[str, list[Group]] = defaultdict(list)
    places: dict[str, str] = {}
    for place, (direction, group, kk, ru, en) in rows_of(sheet):
        names = Names(kk=kk or None, ru=ru or None, en=en or None)
        if not direction:
            raise unreadable(place, "direction")
        if group:
            groups[direction].append(Group(group, names))
            places.setdefault(direction, place)
        else:
            directions.append(Direction(direction, names))
    known = {each.code for each in directions}
    for code, place in places.items():
        if code not in known:
            raise unreadable(place, f"direction {code[:60]}")
    return checked(
        Direction(each.code, each.names, tuple(groups[each.code])) for each in directions
    )


def rows_of(sheet: Sheet) -> Iterator[tuple[str, list[str]]]:
    """Rows below the headings that hold anything, each with its number as people see it."""
    columns = range(1, len(HEADINGS) + 1)
    if [sheet.cells.get((1, column), "") for column in columns] != list(HEADINGS):
        raise unreadable("1", ", ".join(HEADINGS))
    last = MOST_DIRECTIONS + MOST_GROUPS + 1
    for number in sorted({row for row, column in sheet.cells if row > 1 and column in columns}):
        if number > last:
            raise unreadable(str(number), f"<= {last}")
        cells = [sheet.cells.get((number, column), "") for column in columns]
        yield str(number), [cell.upper() for cell in cells[:2]] + cells[2:]


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
