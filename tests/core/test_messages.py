"""Sentences by code and language."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import NotAllowed, RuleRefused
from core.messages import Messages, accepted_language, spoken
from core.work import Profile

MESSAGES = Messages(
    {"LATE": {"kk": "{ends_on} кеш", "ru": "{ends_on} поздно", "en": "{ends_on} is late, {who}"}}
)


def test_sentence_is_filled_with_the_numbers_of_the_refusal() -> None:
    error = RuleRefused("LATE", clause="R2023 §87", ends_on=date(2026, 3, 2))
    assert [MESSAGES.sentence(error, language) for language in ("kk", "ru", "en")] == [
        "2026-03-02 кеш",
        "2026-03-02 поздно",
        "2026-03-02 is late, {who}",
    ]


def test_code_without_a_sentence_shows_itself() -> None:
    assert MESSAGES.sentence(NotAllowed("project.read"), "kk") == "FORBIDDEN"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Profile.R2021, "R2021"),
        (["a", 2], "a, 2"),
        (frozenset({"b", "a"}), "a, b"),
        (Decimal("1.50"), "1.50"),
        ("{braces}", "{braces}"),
    ],
)
def test_parameters_are_spoken_plainly(value: object, shown: str) -> None:
    assert spoken(value) == shown


def test_every_sentence_of_the_platform_is_loaded_in_three_languages() -> None:
    sentences = Messages.load().sentences
    assert {"NOT_FOUND", "BAD_REQUEST_BODY", "QUERY_TOO_DEEP"} <= set(sentences)
    assert {frozenset(texts) for texts in sentences.values()} == {frozenset({"kk", "ru", "en"})}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('[A]\nkk = "x"\nru = "x"\n', "needs exactly"),
        ('[A]\nkk = "x"\nru = "x"\nen = "x"\nde = "x"\n', "needs exactly"),
        ('[NOT_FOUND]\nkk = "x"\nru = "x"\nen = "x"\n', "defined already"),
        ('[A]\nkk = "{a}"\nru = "{b}"\nen = "{a}"\n', "name different parameters"),
    ],
)
def test_load_refuses_what_would_surface_before_a_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, problem: str
) -> None:
    package = tmp_path / "somebodys_plugin"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "messages.toml").write_text(content)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=problem):
        Messages.load(("core", "somebodys_plugin"))


def test_load_refuses_a_package_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="not an installed package"):
        Messages.load(("no_such_package",))


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "kk"),
        ("", "kk"),
        ("*", "kk"),
        ("de-DE", "kk"),
        ("ru", "ru"),
        ("EN-gb", "en"),
        ("de, ru;q=0.5, en;q=0.8", "en"),
        ("ru;q=0.5, kk;q=0.5", "ru"),
        ("ru;q=0", "kk"),
        ("ru;q=x, en;q=0.1", "en"),
        ("ru;q=7", "kk"),
        (";;;,,,=", "kk"),
    ],
)
def test_language_is_the_one_the_caller_likes_best(header: str | None, language: str) -> None:
    assert accepted_language(header) == language
