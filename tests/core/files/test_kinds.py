"""What a file is by its content, and what its name may say."""

from __future__ import annotations

import base64
import io
import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from core.errors import InvalidInput
from core.files.kinds import (
    DOCX,
    HEIC,
    JPEG,
    ODS,
    ODT,
    PDF,
    PNG,
    SIGNATURE,
    TEXT,
    XLSX,
    FileKind,
    check_announced,
    check_names,
    recognised,
)

OOXML = "application/vnd.openxmlformats-officedocument."
OPEN = "application/vnd.oasis.opendocument."
PDF_BYTES = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG_BYTES = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(20)
BODY = bytes.fromhex("06092a864886f70d010702") + bytes(200)
CMS = b"\x30\x81" + bytes([len(BODY)]) + BODY


def archive(comment: bytes = b"", **parts: str) -> bytes:
    """An archive of parts, each named by its text's first word being a path."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for text in parts.values():
            name, _, content = text.partition(" ")
            file.writestr(name, content)
        file.comment = comment
    return made.getvalue()


def office(main: str, *more: str) -> bytes:
    kinds = f'<Types><Override PartName="/x.xml" ContentType="{OOXML}{main}.main+xml"/></Types>'
    parts = {str(number): f"{name} x" for number, name in enumerate(more)}
    return archive(types=f"[Content_Types].xml {kinds}", **parts)


def kind_of(folder: Path, content: bytes) -> FileKind | None:
    path = folder / "file"
    path.write_bytes(content)
    with suppress(InvalidInput):
        return recognised(path)
    return None


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF_BYTES, PDF),
        (PNG_BYTES, PNG),
        (b"\xff\xd8\xff\xe0" + bytes(20), JPEG),
        (b"\x00\x00\x00\x18ftypheic" + bytes(20), HEIC),
        (office("wordprocessingml.document", "word/document.xml"), DOCX),
        (office("spreadsheetml.sheet"), XLSX),
        (archive(mimetype=f"mimetype {OPEN}text"), ODT),
        (archive(mimetype=f"mimetype {OPEN}spreadsheet"), ODS),
        (archive(b"said of it", mimetype=f"mimetype {OPEN}text"), ODT),
        ("Бұйрық; жоба\r\n".encode() * 9000, TEXT),
        (b"\xef\xbb\xbfa;b\n", TEXT),
        (CMS, SIGNATURE),
        (b"\x30\x80" + BODY, SIGNATURE),
        (b"-----BEGIN CMS-----\n" + base64.encodebytes(CMS), SIGNATURE),
        (base64.b64encode(CMS), SIGNATURE),
    ],
)
def test_kind_is_told_by_the_content(tmp_path: Path, content: bytes, kind: FileKind) -> None:
    assert kind_of(tmp_path, content) is kind


@pytest.mark.parametrize(
    "content",
    [
        b"MZ" + bytes(100),
        b"\x7fELF" + bytes(100),
        b"\x89PNG\r\n\x1a\n",
        b"<html><script>alert(1)</script>",
        b"  <!DOCTYPE html>",
        b"<?xml version='1.0'?><svg/>",
        b"#!/bin/sh\n",
        b"text\x00",
        "Бұйрық".encode()[:-1],
        "Приказ".encode("cp1251"),
        archive(readme="readme.txt hello"),
        archive(mimetype="mimetype application/epub+zip"),
        office("wordprocessingml.document", "word/vbaProject.bin"),
        office("presentationml.presentation"),
        archive(mimetype=f"mimetype {OPEN}text") + b"more",
        b"MZ" + archive(mimetype=f"mimetype {OPEN}text"),
        b"PK\x03\x04" + bytes(100),
        CMS + b"x",
        b"\x30\x03\x02\x01\x01",
    ],
)
def test_everything_else_is_refused(tmp_path: Path, content: bytes) -> None:
    assert kind_of(tmp_path, content) is None


def test_archive_with_a_directory_too_large_is_not_opened(tmp_path: Path) -> None:
    whole = bytearray(archive(mimetype=f"mimetype {OPEN}text"))
    assert kind_of(tmp_path, bytes(whole)) is ODT
    struct.pack_into("<L", whole, len(whole) - 10, 1_000_001)
    assert kind_of(tmp_path, bytes(whole)) is None


@pytest.mark.parametrize(
    ("name", "declared", "good"),
    [
        ("a.pdf", "application/pdf", True),
        ("a.PDF", "Application/PDF; charset=x", True),
        ("a.pdf", "", True),
        ("a.pdf", "application/octet-stream", True),
        ("a.pdf.exe", "application/pdf", False),
        ("pdf", "application/pdf", False),
        ("a.docx", "application/pdf", False),
        ("a.pdf", "image/png", False),
    ],
)
def test_name_and_declared_type_have_to_agree(name: str, declared: str, good: bool) -> None:
    for check, code in (
        (lambda: check_names(PDF, name, declared), "FILE_DISGUISED"),
        (lambda: check_announced(name, declared), "FILE_TYPE_NOT_ALLOWED"),
    ):
        if good:
            check()
        else:
            with pytest.raises(InvalidInput, match=code):
                check()
