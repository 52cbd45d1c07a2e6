"""Reading the rows of a source: CSV, gzipped CSV, Excel, or rows written in the mapping."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from python_calamine import CalamineError, CalamineWorkbook

from core.errors import InvalidInput
from core.imports.mapping import SourceMapping

Row = list[str]

CELL_LIMIT = 1_000_000
"""Characters in one cell; more is a broken file, not a value."""


@dataclass(slots=True)
class Table:
    """An open source: its header, and its rows with the line each begins after.

    ``position`` and ``size`` measure progress, in bytes of the file or in rows.
    """

    name: str
    header: Row
    rows: Iterator[tuple[int, Row]]
    size: int
    raw: BinaryIO | None = None
    text: TextIO | None = None
    done: int = 0

    @property
    def position(self) -> int:
        return self.raw.tell() if self.raw is not None else self.done


@contextmanager
def open_table(source: SourceMapping, directory: Path) -> Iterator[Table]:
    """Open a source. Raises InvalidInput when the file is missing or is not what its name says."""
    if source.file is None:
        header = list(dict.fromkeys(key for row in source.rows for key in row))
        inline = [
            (number, [row.get(key, "") for key in header])
            for number, row in enumerate(source.rows, 1)
        ]
        yield Table("mapping", header, iter(inline), len(inline))
        return
    path = directory / source.file
    if not path.is_file():
        raise InvalidInput("IMPORT_FILE_MISSING", file=source.file)
    try:
        if path.suffix.lower() == ".xlsx":
            yield open_excel(source, path)
        else:
            with path.open("rb") as raw:
                yield open_csv(source, path, raw)
    except UnicodeDecodeError as error:
        raise InvalidInput(
            "IMPORT_FILE_UNREADABLE", file=source.file, problem=f"not {error.encoding}"
        ) from None
    except (csv.Error, gzip.BadGzipFile, EOFError, zipfile.BadZipFile, CalamineError) as error:
        raise InvalidInput("IMPORT_FILE_UNREADABLE", file=source.file, problem=str(error)) from None


def open_csv(source: SourceMapping, path: Path, raw: BinaryIO) -> Table:
    csv.field_size_limit(CELL_LIMIT)
    stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if path.suffix.lower() == ".gz" else raw
    text = io.TextIOWrapper(stream, encoding=source.encoding, newline="")
    reader = csv.reader(text, delimiter=source.delimiter, strict=True)
    header = next(reader, [])

    def rows() -> Iterator[tuple[int, Row]]:
        begins = reader.line_num + 1
        for row in reader:
            if row:
                yield begins, row
            begins = reader.line_num + 1

    return Table(
        path.name, [name.strip() for name in header], rows(), path.stat().st_size, raw, text
    )


def open_excel(source: SourceMapping, path: Path) -> Table:
    book = CalamineWorkbook.from_path(str(path))
    name = source.sheet or book.sheet_names[0]
    if name not in book.sheet_names:
        raise InvalidInput("IMPORT_SHEET_MISSING", file=source.file, sheet=name)
    sheet = book.get_sheet_by_name(name)
    cells = sheet.iter_rows()
    header = [cell_text(cell).strip() for cell in next(cells, [])]
    table = Table(path.name, header, iter(()), sheet.total_height)

    def rows() -> Iterator[tuple[int, Row]]:
        for number, row in enumerate(cells, 2):
            table.done = number
            values = [cell_text(cell) for cell in row]
            if any(values):
                yield number, values

    table.rows = rows()
    return table


def cell_text(cell: Any) -> str:
    """A cell of a workbook as text: days as ISO, numbers without an exponent or a trailing .0."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(Decimal(repr(cell)), "f")
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
