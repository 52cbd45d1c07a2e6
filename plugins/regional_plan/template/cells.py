"""The cells of a spreadsheet's first sheet, as they come: a far-away cell takes no more room."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from plugins.regional_plan.template.contents import (
    MOST_DIRECTIONS,
    MOST_GROUPS,
    too_large,
    unreadable,
)

MOST_UNPACKED = 10_000_000
"""Bytes of a spreadsheet once it is unpacked (product default)."""

MOST_ELEMENTS = 100 * (MOST_DIRECTIONS + MOST_GROUPS)
"""Elements of each part that is read; five cells with texts need twenty (product default)."""

MOST_LETTERS = 32_767
"""Letters of a cell, as spreadsheets have it."""

WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str, str], None]


class MalformedError(Exception):
    """What is no spreadsheet."""


@dataclass
class Sheet:
    """A sheet: its name, and the texts of its cells by row and column, both from 1."""

    name: str = ""
    cells: dict[tuple[int, int], str] = field(default_factory=dict)


def first_sheet(content: bytes) -> Sheet:
    """The first sheet of a spreadsheet.

    Raises ``REGIONAL_CONTENT_UNREADABLE``, ``REGIONAL_TEMPLATE_TOO_LARGE``.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(each.file_size for each in packed.infolist()) > MOST_UNPACKED:
                raise too_large()
            return sheet_in(packed)
    except (
        MalformedError, expat.ExpatError, zipfile.BadZipFile, zlib.error,
        ArithmeticError, LookupError, ValueError, OSError, RuntimeError, EOFError,
    ):  # fmt: skip
        raise unreadable("1", "XLSX") from None


def sheet_in(packed: zipfile.ZipFile) -> Sheet:
    named: list[tuple[str, str]] = []
    targets: dict[str, str] = {}
    shared = ""

    def workbook(tag: str, given: dict[str, str]) -> None:
        if tag == "sheet":
            (relation,) = [text for key, text in given.items() if key.endswith(":id")]
            named.append((given["name"], relation))

    def relations(tag: str, given: dict[str, str]) -> None:
        nonlocal shared
        if tag == "Relationship":
            target = posixpath.normpath(posixpath.join("/xl", given["Target"])).lstrip("/")
            targets[given["Id"]] = target
            if given["Type"].endswith("/sharedStrings"):
                shared = target

    parse(packed.read(WORKBOOK), workbook)
    parse(packed.read(RELATIONS), relations)
    name, relation = named[0]
    texts = shared_texts(packed.read(shared)) if shared else []
    return Sheet(name, cells_of(packed.read(targets[relation]), texts))


def parse(part: bytes, start: Start, end: End | None = None) -> None:
    """Tell of the elements of a part by their local names, at their end with the text since the
    last one began or ended. A part declares no document type, so that nothing is unfolded."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    count, text = 0, ""

    def begin(tag: str, given: dict[str, str]) -> None:
        nonlocal count, text
        count, text = count + 1, ""
        if count > MOST_ELEMENTS:
            raise too_large()
        start(tag.rpartition(":")[2], given)

    def finish(tag: str) -> None:
        nonlocal text
        if end is not None:
            end(tag.rpartition(":")[2], text)
        text = ""

    def add(more: str) -> None:
        nonlocal text
        text = joined(text, more)

    def refuse(*_: object) -> None:
        raise MalformedError

    parser.StartElementHandler = begin
    parser.EndElementHandler = finish
    parser.CharacterDataHandler = add
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(part, True)


def joined(text: str, more: str) -> str:
    """Both, where a cell may hold them."""
    if len(text) + len(more) > MOST_LETTERS:
        raise MalformedError
    return text + more


def shared_texts(part: bytes) -> list[str]:
    """The texts that cells name by number; how they are pronounced is left out."""
    found: list[str] = []
    aloud = False

    def start(tag: str, given: dict[str, str]) -> None:
        nonlocal aloud
        if tag == "si":
            found.append("")
        aloud = aloud or tag == "rPh"

    def end(tag: str, text: str) -> None:
        nonlocal aloud
        if tag == "t" and not aloud:
            found[-1] = joined(found[-1], text)
        aloud = aloud and tag != "rPh"

    parse(part, start, end)
    return found


def cells_of(part: bytes, texts: list[str]) -> dict[tuple[int, int], str]:
    """The cells of a sheet that hold anything."""
    found: dict[tuple[int, int], str] = {}
    row = column = 0
    kind = held = ""

    def start(tag: str, given: dict[str, str]) -> None:
        nonlocal row, column, kind, held
        if tag == "row":
            row, column = int(given.get("r", row + 1)), 0
        elif tag == "c":
            row, column = placed(given["r"]) if "r" in given else (row, column + 1)
            kind, held = given.get("t", "n"), ""

    def end(tag: str, text: str) -> None:
        nonlocal held
        if tag in ("v", "t"):
            held = joined(held, text)
        elif tag == "c" and held:
            shown = texts[int(held)] if kind == "s" else number(held) if kind == "n" else held
            if shown.strip():
                found[row, column] = shown.strip()

    parse(part, start, end)
    return found


def placed(text: str) -> tuple[int, int]:
    """Row and column of a place like ``B7``, both from 1."""
    match = PLACE.fullmatch(text)
    if match is None:
        raise MalformedError
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column


def number(text: str) -> str:
    """A number as people see it: codes like ``7`` may be kept as ``7.0``."""
    value = float(text)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else text
