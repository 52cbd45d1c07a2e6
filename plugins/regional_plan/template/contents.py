"""What a version of the architecture consists of, apart from any database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from zhoba.api import PRODUCT_DEFAULT, InvalidInput, Names, RuleRefused, cleaned_names

CLAUSE = "R2023 §49"
"""The architecture is a list of project groups, consolidated in standard basic directions."""

CODE = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]{0,38}[A-Z0-9])?", re.ASCII)
"""What codes of directions and groups look like (product default)."""

LANGUAGES = ("kk", "ru", "en")

MOST_DIRECTIONS, MOST_GROUPS = 200, 2_000
"""The size of a version (product default)."""


@dataclass(frozen=True, slots=True)
class Group:
    """A project group of the architecture; ``code`` stands in a version once."""

    code: str
    names: Names


@dataclass(frozen=True, slots=True)
class Direction:
    """A standard basic direction with its groups, in their order."""

    code: str
    names: Names
    groups: tuple[Group, ...] = ()


def checked_code(code: str, field: str = "code") -> str:
    """Raise ``REGIONAL_CODE_MALFORMED`` for what is no code."""
    code = code.strip().upper()
    if not CODE.fullmatch(code):
        raise InvalidInput(
            "REGIONAL_CODE_MALFORMED", clause=PRODUCT_DEFAULT, field=field, code=code[:60]
        )
    return code


def checked_names(names: Names, code: str, field: str = "names") -> dict[str, str | None]:
    """The columns of a name that is there in all three languages.

    Raises ``REGIONAL_LANGUAGE_MISSING`` (product default: plans show it in each of them).
    """
    columns = cleaned_names(names, field)
    for language in LANGUAGES:
        if columns[f"name_{language}"] is None:
            raise RuleRefused(
                "REGIONAL_LANGUAGE_MISSING",
                clause=PRODUCT_DEFAULT,
                field=f"{field}.{language}",
                code=code,
                language=language,
            )
    return columns


def checked(directions: Iterable[Direction]) -> tuple[Direction, ...]:
    """The directions, if they make a version: codes stand once, names are in three languages.

    Raises ``REGIONAL_TEMPLATE_TOO_LARGE``, ``REGIONAL_CODE_MALFORMED``, ``REGIONAL_CODE_TWICE``,
    ``REGIONAL_GROUP_IN_TWO_DIRECTIONS``, ``REGIONAL_LANGUAGE_MISSING``.
    """
    directions = tuple(directions)
    if (
        len(directions) > MOST_DIRECTIONS
        or sum(len(each.groups) for each in directions) > MOST_GROUPS
    ):
        raise too_large()
    seen: set[str] = set()
    lies_in: dict[str, str] = {}
    for direction in directions:
        checked_code(direction.code, "content")
        checked_names(direction.names, direction.code, "content")
        if direction.code in seen:
            raise code_twice(direction.code, "content")
        seen.add(direction.code)
        for group in direction.groups:
            checked_code(group.code, "content")
            checked_names(group.names, group.code, "content")
            if group.code in lies_in:
                raise group_twice(group.code, lies_in[group.code], direction.code, "content")
            lies_in[group.code] = direction.code
    return directions


def too_large() -> InvalidInput:
    return InvalidInput(
        "REGIONAL_TEMPLATE_TOO_LARGE",
        clause=PRODUCT_DEFAULT,
        field="content",
        directions=MOST_DIRECTIONS,
        groups=MOST_GROUPS,
    )


def code_twice(code: str, field: str) -> RuleRefused:
    return RuleRefused("REGIONAL_CODE_TWICE", clause=CLAUSE, field=field, code=code)


def group_twice(code: str, first: str, second: str, field: str) -> RuleRefused:
    """The refusal of a second group with a code: in another direction, or in the same."""
    if first == second:
        return code_twice(code, field)
    return RuleRefused(
        "REGIONAL_GROUP_IN_TWO_DIRECTIONS",
        clause=CLAUSE,
        field=field,
        code=code,
        first=first,
        second=second,
    )


def unreadable(place: str, reason: str) -> InvalidInput:
    """The refusal of a file; ``place`` is where in it, ``reason`` what stands in the way."""
    return InvalidInput(
        "REGIONAL_CONTENT_UNREADABLE",
        clause=PRODUCT_DEFAULT,
        field="content",
        place=place,
        reason=reason,
    )


def names_from(texts: Any, place: str) -> Names:
    """Names given as ``{kk: ..., ru: ..., en: ...}``; blank ones are missing ones."""
    if not isinstance(texts, Mapping) or not set(texts) <= set(LANGUAGES):
        raise unreadable(place, "names {kk, ru, en}")
    found = {language: texts.get(language) for language in LANGUAGES}
    if not all(text is None or isinstance(text, str) for text in found.values()):
        raise unreadable(place, "names {kk, ru, en}")
    return Names(**{language: text or None for language, text in found.items()})
