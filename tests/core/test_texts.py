"""Text as people send it."""

from __future__ import annotations

import pytest

from core.errors import PRODUCT_DEFAULT
from core.texts import NAME_LIMIT, TEXT_LIMIT, Names, clean, cleaned_names, required
from tests.acting import refuses


def test_clean_takes_blanks_away_and_keeps_lines() -> None:
    assert clean(" a\n\tb ", "goal") == "a\n\tb"


@pytest.mark.parametrize("text", [None, "", "  \n"])
def test_clean_of_nothing_is_nothing(text: str | None) -> None:
    assert clean(text, "goal") is None


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31m", "\ud800", "\x7f"])
def test_clean_refuses_what_cannot_be_stored(text: str) -> None:
    with refuses("TEXT_UNREADABLE", PRODUCT_DEFAULT, "goal"):
        clean(text, "goal")


def test_clean_takes_text_of_the_limit() -> None:
    assert clean("ә" * TEXT_LIMIT, "goal") == "ә" * TEXT_LIMIT


def test_clean_refuses_text_over_the_limit() -> None:
    with refuses("TEXT_TOO_LONG", PRODUCT_DEFAULT, "goal"):
        clean("ә" * (TEXT_LIMIT + 1), "goal")


def test_required_refuses_blank_text() -> None:
    with refuses("TEXT_REQUIRED", PRODUCT_DEFAULT, "code"):
        required("  ", "code")


def test_cleaned_names_fills_all_columns_from_one_language() -> None:
    columns = cleaned_names(Names(ru=" Жоба "))
    assert (columns["name_kk"], columns["name_ru"], columns["name_en"]) == (None, "Жоба", None)
    assert columns["name_kk_sort"] == columns["name_ru_sort"] == columns["name_en_sort"]
    assert columns["name_search"] == "жоба"


def test_cleaned_names_refuses_three_blank_languages() -> None:
    with refuses("NAME_REQUIRED", PRODUCT_DEFAULT, "names"):
        cleaned_names(Names(kk=" ", en=""))


def test_cleaned_names_names_the_language_that_is_too_long() -> None:
    assert cleaned_names(Names(kk="а" * NAME_LIMIT))["name_kk"] == "а" * NAME_LIMIT
    with refuses("TEXT_TOO_LONG", PRODUCT_DEFAULT, "names.kk"):
        cleaned_names(Names(kk="а" * (NAME_LIMIT + 1)))
