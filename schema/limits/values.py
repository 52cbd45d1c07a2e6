"""Bounds on values a client sends beside the document: variables and extensions."""

from __future__ import annotations

from typing import Any

from core.errors import InvalidInput
from schema.limits.bounds import Limits


def check_variables(variables: dict[str, Any], limits: Limits) -> None:
    """Raise :class:`~core.errors.InvalidInput` for variables too deep or too many."""
    count = 0
    level: list[Any] = [variables]
    depth = 0
    while level:
        if depth > limits.variables_depth:
            raise InvalidInput("VARIABLES_TOO_DEEP", limit=limits.variables_depth)
        count += len(level)
        if count > limits.variables_values:
            raise InvalidInput("VARIABLES_TOO_MANY", limit=limits.variables_values)
        level = [
            inner
            for value in level
            if isinstance(value, (dict, list))
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
        depth += 1


def forbidden_character(text: str) -> bool:
    """Whether ``text`` holds what no database column can: NUL, or half of a surrogate pair."""
    if "\0" in text:
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
