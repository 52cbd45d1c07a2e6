"""What a file is, by its content; its name and what its sender says only have to agree.

Libraries that look at the first bytes take an office document for any archive and any archive for
an office document, so the few kinds that may be stored are told apart here, by their structure.
Nothing of a file is ever unpacked, but for the table of contents of an office document, up to
:data:`LARGEST_PART` bytes.
"""

from __future__ import annotations

import base64
import re
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.errors import InvalidInput

LARGEST_PART = 1_000_000
"""Bytes read of one part of an archive, and of an archive's directory. Product default."""

HEAD = 4096
TEXT_STEP = 65_536


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that may be stored: the media type it is served as, and its names."""

    media_type: str
    extensions: frozenset[str]
    declared: frozenset[str]


def kind(media_type: str, extensions: str, declared: str = "") -> FileKind:
    return FileKind(
        media_type, frozenset(extensions.split()), frozenset({media_type, *declared.split()})
    )


OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN = "application/vnd.oasis.opendocument."

PDF = kind("application/pdf", "pdf")
PNG = kind("image/png", "png")
JPEG = kind("image/jpeg", "jpg jpeg", "image/jpg image/pjpeg")
HEIC = kind("image/heic", "heic heif", "image/heif")
DOCX = kind(f"{OFFICE}wordprocessingml.document", "docx")
XLSX = kind(f"{OFFICE}spreadsheetml.sheet", "xlsx")
ODT = kind(f"{OPEN}text", "odt")
ODS = kind(f"{OPEN}spreadsheet", "ods")
TEXT = kind("text/plain", "txt csv", "text/csv application/csv application/vnd.ms-excel")
SIGNATURE = kind(
    "application/pkcs7-signature",
    "p7s p7m cms sig",
    "application/x-pkcs7-signature application/pkcs7-mime application/cms application/x-pkcs7-mime",
)

KINDS = (PDF, DOCX, XLSX, ODT, ODS, PNG, JPEG, HEIC, TEXT, SIGNATURE)
"""All kinds that may be stored. Product default."""

UNSAID = frozenset({"", "application/octet-stream", "application/x-www-form-urlencoded"})
"""What a sender says who does not know; the last is what some say of any raw body."""

HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"hevc", b"hevx"})
MARKUP = re.compile(rb"\s*(<[!?a-z]|#!|%!)", re.IGNORECASE)
CONTROL = bytes(set(range(32)) - {9, 10, 12, 13}) + b"\x7f"
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
"""The object identifier of CMS signed data (RFC 5652), as DER."""

END_OF_DIRECTORY = struct.Struct("<4s4H2LH")
MAIN_PART = re.compile(
    rb'ContentType="application/vnd\.openxmlformats-officedocument\.'
    rb'(wordprocessingml\.document|spreadsheetml\.sheet)\.main\+xml"'
)


def recognised(path: Path) -> FileKind:
    """The kind of a file. Raises ``FILE_TYPE_NOT_ALLOWED`` for what is none of :data:`KINDS`."""
    with path.open("rb") as file:
        found = kind_of(file, path.stat().st_size)
    if found is None:
        raise not_allowed()
    return found


def kind_of(file: BinaryIO, size: int) -> FileKind | None:
    head = file.read(HEAD)
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        return HEIC
    if head.startswith(b"PK\x03\x04"):
        return archive_kind(file, size)
    if is_signature(head, size):
        return SIGNATURE
    return TEXT if is_text(file) else None


def archive_kind(file: BinaryIO, size: int) -> FileKind | None:
    """What an office document is; no other archive is allowed, nor one with macros in it."""
    if not has_small_directory(file, size):
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            if any(name.lower().endswith(("vbaproject.bin", ".exe", ".dll")) for name in names):
                return None
            if "mimetype" in names:
                said = part(archive, "mimetype").decode("ascii", "replace")
                return next((each for each in (ODT, ODS) if each.media_type == said), None)
            main = MAIN_PART.search(part(archive, "[Content_Types].xml"))
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, ValueError, OSError):
        return None
    if main is None:
        return None
    return DOCX if main[1].startswith(b"word") else XLSX


def part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as opened:
        return opened.read(LARGEST_PART)


def has_small_directory(file: BinaryIO, size: int) -> bool:
    """Whether the archive ends as one does, with a directory that costs little to read."""
    longest = min(size, END_OF_DIRECTORY.size + 0xFFFF)
    file.seek(size - longest)
    tail = file.read(longest)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < END_OF_DIRECTORY.size:
        return False
    end = END_OF_DIRECTORY.unpack_from(tail, at)
    file.seek(0)
    return int(end[5]) <= LARGEST_PART and at + END_OF_DIRECTORY.size + int(end[7]) == len(tail)


def is_signature(head: bytes, size: int) -> bool:
    """Whether it is CMS signed data: DER, or the same in Base64 with or without its frame."""
    if head.startswith(b"\x30"):
        return is_signed_data(head, size)
    inner = re.sub(rb"^-----BEGIN (?:PKCS7|CMS)-----\s+", b"", head)
    first = re.match(rb"[A-Za-z0-9+/\s]{64,}", inner)
    if first is None:
        return False
    clean = b"".join(first[0].split())
    raw = base64.b64decode(clean[: len(clean) // 4 * 4])
    return raw.startswith(b"\x30") and is_signed_data(raw, None)


def is_signed_data(der: bytes, size: int | None) -> bool:
    """Whether a DER sequence of this length holds signed data, and nothing follows it."""
    count = der[1] & 0x7F if len(der) > 1 and der[1] & 0x80 else 0
    length = int.from_bytes(der[2 : 2 + count], "big") if count else (der[1] if der[1:] else 0)
    indefinite = der[1:2] == b"\x80"
    whole = indefinite or size is None or 2 + count + length == size
    return count <= 4 and whole and der.startswith(SIGNED_DATA, 2 + count)


def is_text(file: BinaryIO) -> bool:
    """Whether it is plain text in UTF-8: no control characters, no markup, no script."""
    file.seek(0)
    if MARKUP.match(file.read(HEAD).removeprefix(b"\xef\xbb\xbf")):
        return False
    file.seek(0)
    rest = b""
    while chunk := file.read(TEXT_STEP):
        if chunk.translate(None, CONTROL) != chunk:
            return False
        data = rest + chunk
        try:
            data.decode("utf-8")
            rest = b""
        except UnicodeDecodeError as error:
            if len(data) - error.start > 3 or error.reason != "unexpected end of data":
                return False
            rest = data[error.start :]
    return not rest


def check_names(found: FileKind, name: str, media_type: str) -> None:
    """Raise ``FILE_DISGUISED`` where the name or the declared type says another kind."""
    if extension(name) not in found.extensions or plain(media_type) not in found.declared | UNSAID:
        raise InvalidInput("FILE_DISGUISED", field="name", found=found.media_type)


def check_announced(name: str, media_type: str) -> None:
    """Raise ``FILE_TYPE_NOT_ALLOWED`` for a file nobody needs to send to know that."""
    ending, declared = extension(name), plain(media_type)
    if not any(ending in each.extensions and declared in each.declared | UNSAID for each in KINDS):
        raise not_allowed()


def extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def plain(media_type: str) -> str:
    """A media type without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def not_allowed() -> InvalidInput:
    allowed = ", ".join(sorted(ending for each in KINDS for ending in each.extensions))
    return InvalidInput("FILE_TYPE_NOT_ALLOWED", field="name", allowed=allowed)
