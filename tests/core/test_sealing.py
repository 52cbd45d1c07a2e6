"""Sealed texts open with the same key, for the same purpose, and tell nothing without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.sealing import Seal, SealBroken

TEXT = "900101300125"


def test_what_is_sealed_opens_again_and_looks_otherwise_each_time(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "personal.key"
    seal = Seal(path)
    first, second = seal.closed(TEXT, "iin"), seal.closed(TEXT, "iin")
    assert first != second
    assert TEXT not in first + second
    assert Seal(path).opened(first, "iin") == seal.opened(second, "iin") == TEXT
    assert path.stat().st_mode & 0o777 == 0o600


def test_another_key_another_purpose_and_a_changed_text_open_nothing(tmp_path: Path) -> None:
    seal = Seal(tmp_path / "one.key")
    closed = seal.closed(TEXT, "iin")
    changed = closed[:-4] + ("AAAA" if closed[-4:] != "AAAA" else "BBBB")
    for other, text, purpose in (
        (Seal(tmp_path / "two.key"), closed, "iin"),
        (seal, closed, "phone"),
        (seal, changed, "iin"),
    ):
        with pytest.raises(SealBroken, match="PERSONAL_KEY_WRONG"):
            other.opened(text, purpose)


def test_fingerprints_are_equal_for_equal_texts_of_one_purpose(tmp_path: Path) -> None:
    seal = Seal(tmp_path / "one.key")
    print_ = seal.fingerprint(TEXT, "iin")
    assert print_ == Seal(tmp_path / "one.key").fingerprint(TEXT, "iin")
    others = (
        seal.fingerprint(TEXT, "phone"),
        seal.fingerprint("900101300126", "iin"),
        Seal(tmp_path / "two.key").fingerprint(TEXT, "iin"),
    )
    assert print_ not in others


def test_a_file_that_holds_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "short.key"
    path.write_text("abcd")
    with pytest.raises(SealBroken):
        Seal(path).closed(TEXT, "iin")
