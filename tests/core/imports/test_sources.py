"""Reading tables: CSV, gzipped CSV, Excel, rows of the mapping."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from core.errors import InvalidInput
from core.imports.mapping import SourceMapping
from core.imports.sources import Row, open_table

NOUN = {"noun": "national_priority", "id": "{a}", "fields": {"code": "{a}", "name_en": "{a}"}}


def source(**options: Any) -> SourceMapping:
    return SourceMapping.model_validate({"noun": [NOUN], **options})


def read(folder: Path, **options: Any) -> tuple[Row, list[tuple[int, Row]]]:
    with open_table(source(**options), folder) as table:
        return table.header, list(table.rows)


def test_csv_counts_lines_of_the_file_and_skips_blank_ones(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('a,b\n1,"two\nlines"\n\n3,4\n', encoding="utf-8-sig")
    assert read(tmp_path, file="t.csv") == (["a", "b"], [(2, ["1", "two\nlines"]), (5, ["3", "4"])])


def test_csv_in_another_encoding_and_with_another_delimiter(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a;b\nЖоба;2\n", encoding="cp1251")
    found = read(tmp_path, file="t.csv", encoding="cp1251", delimiter=";")
    assert found == (["a", "b"], [(2, ["Жоба", "2"])])


def test_gzipped_csv_reads_the_same(tmp_path: Path) -> None:
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress("a,b\n1,қ\n".encode()))
    assert read(tmp_path, file="t.csv.gz") == (["a", "b"], [(2, ["1", "қ"])])


def test_excel_gives_text_as_a_csv_would(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "t.xlsx"))
    book.add_worksheet("first").write_row(0, 0, ["x"])
    sheet = book.add_worksheet("second")
    sheet.write_row(0, 0, ["a", "b", "c", "d", "e"])
    sheet.write_row(1, 0, ["код", 12.5, 1200000000, True])
    sheet.write_datetime(1, 4, date(2024, 2, 29), book.add_format({"num_format": "yyyy-mm-dd"}))
    sheet.write_row(3, 0, ["last", 0.1])
    book.close()
    header, rows = read(tmp_path, file="t.xlsx", sheet="second")
    assert header == ["a", "b", "c", "d", "e"]
    assert rows == [
        (2, ["код", "12.5", "1200000000", "true", "2024-02-29"]),
        (4, ["last", "0.1", "", "", ""]),
    ]
    assert read(tmp_path, file="t.xlsx")[0] == ["x"]
    with pytest.raises(InvalidInput, match="IMPORT_SHEET_MISSING"):
        read(tmp_path, file="t.xlsx", sheet="third")


def test_rows_of_the_mapping_are_numbered_from_one() -> None:
    assert read(Path(), rows=[{"a": "1"}, {"b": "2"}]) == (
        ["a", "b"], [(1, ["1", ""]), (2, ["", "2"])],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", b"a,b\n\xff\xfe,1\n"),
        ("t.csv", b'a,b\n"open,1\n'),
        ("t.csv.gz", b"no gzip"),
        ("t.csv.gz", gzip.compress(b"a,b\n1,2\n" * 1000, mtime=0)[:30]),
        ("t.xlsx", b"no workbook"),
    ],
    ids=["encoding", "quotes", "no-gzip", "half-a-gzip", "no-workbook"],
)
def test_a_broken_file_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInput, match="IMPORT_FILE_UNREADABLE"):
        read(tmp_path, file=name)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="IMPORT_FILE_MISSING"):
        read(tmp_path, file="t.csv")
