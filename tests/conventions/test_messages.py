"""Every code that is raised has a sentence in three languages, and every sentence is of use."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from core.messages import code_of

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "schema", "zhoba", "plugins")

RAISERS = {"InvalidInput", "RuleRefused", "WrongState", "PlatformError", "NotAuthenticated"}
FIXED = {"FORBIDDEN", "NOT_FOUND", "CONFLICT", "NOT_AUTHENTICATED", "INTERNAL"}
"""Codes that :mod:`core.errors` and the edge give by themselves."""


@cache
def sentences() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*messages.toml")):
            for code, texts in tomllib.loads(path.read_text()).items():
                assert code not in found, f"{code} twice, the second time in {path}"
                found[code] = texts
    return found


def codes_in(path: Path) -> Iterator[str]:
    """String constants in capitals given first to a refusal or a warning, or named CODE = ..."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def spoken() -> set[str]:
    return {
        value
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for value in codes_in(path)
        if re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", value)
    }


def raised() -> set[str]:
    """Codes given as a constant to something that refuses or warns."""
    found: set[str] = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call) or not node.args:
                    continue
                name = (
                    node.func.attr
                    if isinstance(node.func, ast.Attribute)
                    else getattr(node.func, "id", "")
                )
                first = node.args[0]
                if (name in RAISERS or name == "warn") and isinstance(first, ast.Constant):
                    found.add(str(first.value))
    return found


def test_every_raised_code_has_a_sentence() -> None:
    assert raised() - set(sentences()) == set()


def test_every_sentence_belongs_to_a_code_in_use() -> None:
    assert set(map(code_of, sentences())) - spoken() - FIXED == set()


@pytest.mark.parametrize("code", sorted(sentences()))
def test_a_sentence_speaks_three_languages_of_the_same_things(code: str) -> None:
    texts = sentences()[code]
    assert set(texts) == {"kk", "ru", "en"}
    assert all(text.strip() for text in texts.values())
    holes = {language: set(re.findall(r"\{(\w+)\}", text)) for language, text in texts.items()}
    assert holes["kk"] == holes["ru"] == holes["en"]
    assert len(set(texts.values())) == 3
