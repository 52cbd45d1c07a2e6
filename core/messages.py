"""The sentences people read, by code, in Kazakh, Russian and English: the ``messages.toml`` files.

Every package that refuses something keeps its sentences beside its code, in a ``messages.toml``::

    [PROJECT_ENDS_AFTER_PORTFOLIO]
    kk = "..."
    ru = "..."
    en = "The project would end on {ends_on}, after its portfolio's deadline {deadline}."

Placeholders are the parameters of the refusal. A code may have other sentences beside its own,
``PROJECT_ENDS_AFTER_PORTFOLIO__TODAY``, which a refusal chooses by its ``wording``.
"""

from __future__ import annotations

import enum
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from string import Formatter
from typing import Any

from core.db.base import FALLBACK, LANGUAGES
from core.errors import PlatformError

CORE_PACKAGES = ("core", "schema", "zhoba")
"""Packages of the platform itself; a plugin adds its own."""


class Messages:
    """All sentences of an installation, by code and language."""

    def __init__(self, sentences: Mapping[str, Mapping[str, str]]) -> None:
        self.sentences = sentences

    @classmethod
    def load(cls, packages: Iterable[str] = CORE_PACKAGES) -> Messages:
        """Read every ``*messages.toml`` below these packages.

        Raises :class:`ValueError` when a code is defined twice or lacks a language: two meanings
        under one code would surface only in front of a user.
        """
        return cls(sentences_below(tuple(packages)))

    def joined(self, sentences: Mapping[str, Mapping[str, str]]) -> Messages:
        """These and more. Raises :class:`ValueError` when a code is defined in both."""
        twice = sorted(self.sentences.keys() & sentences.keys())
        if twice:
            raise ValueError(f"{', '.join(twice)} defined already")
        return Messages({**self.sentences, **sentences})

    def sentence(self, error: PlatformError, language: str) -> str:
        """The sentence of a refusal in ``language``; the bare code when nobody wrote one."""
        return self.text(error.wording or error.code, language, error.params)

    def text(self, code: str, language: str, params: Mapping[str, Any] | None = None) -> str:
        """The sentence of ``code``; a parameter that is missing shows as its own name."""
        texts = self.sentences.get(code)
        if texts is None:
            return code
        template = next(texts[lang] for lang in FALLBACK[language] if lang in texts)
        shown = {name: spoken(value) for name, value in (params or {}).items()}
        return template.format_map(_Shown(shown))


@cache
def sentences_below(packages: tuple[str, ...]) -> Mapping[str, Mapping[str, str]]:
    """The sentences of installed packages, read once in a process."""
    return read_sentences(
        path
        for package in packages
        for path in sorted(package_folder(package).rglob("*messages.toml"))
    )


def read_sentences(paths: Iterable[Path]) -> dict[str, dict[str, str]]:
    """The sentences in these files.

    Raises :class:`ValueError` for a file that is no TOML, a code that is defined twice, lacks a
    language, or whose languages speak of different things.
    """
    sentences: dict[str, dict[str, str]] = {}
    for path in paths:
        for code, texts in tomllib.loads(path.read_text("utf-8")).items():
            if code in sentences:
                raise ValueError(f"{path}: {code} is defined already")
            if not isinstance(texts, dict) or set(texts) != set(LANGUAGES):
                raise ValueError(f"{path}: {code} needs exactly {', '.join(LANGUAGES)}")
            if len({parameters(text) for text in texts.values()}) > 1:
                raise ValueError(f"{path}: the languages of {code} name different parameters")
            sentences[code] = texts
    return sentences


def code_of(name: str) -> str:
    """The code whose sentence, or one of whose sentences, has this name."""
    return name.partition("__")[0]


def parameters(sentence: str) -> frozenset[str]:
    """The names of what a sentence leaves open."""
    return frozenset(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)


class _Shown(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


def spoken(value: object) -> str:
    """A parameter as it stands in a sentence: enumerations by name, days as YYYY-MM-DD, "—" for
    what there is none of."""
    if value is None:
        return "—"
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return ", ".join(spoken(item) for item in items)
    return str(value)


def package_folder(package: str) -> Path:
    """Where the files of an installed package lie."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"{package} is not an installed package")
    return Path(spec.submodule_search_locations[0])


def accepted_language(header: str | None, default: str = "kk") -> str:
    """The language of ours an ``Accept-Language`` header likes best, else ``default``.

    The first of equal weights wins; ``*`` and languages we do not speak are passed over.
    """
    return best_language(header[:500], default) if header else default


@lru_cache(maxsize=500)
def best_language(header: str, default: str) -> str:
    """The same, remembered: the clients of a server send few different headers."""
    best, best_weight = default, 0.0
    for part in header.split(","):
        tag, _, options = part.strip().partition(";")
        language = tag.split("-")[0].strip().lower()
        name, _, value = options.strip().partition("=")
        try:
            weight = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and best_weight < weight <= 1.0:
            best, best_weight = language, weight
    return best
