"""Bounds on values a client sends beside the document: variables and extensions."""

from __future__ import annotations

from typing import Any

from core.errors import InvalidInput
from schema.limits.bounds import Limits

NESTED = frozenset((dict, list))
"""Types of JSON values that hold others."""


def check_variables(variables: dict[str, Any], limits: Limits) -> None:
    """Raise :class:`~core.errors.InvalidInput` for variables too deep or too many."""
    few = limits.variables_depth > 0 and len(variables) < limits.variables_values
    if few and NESTED.isdisjoint(map(type, variables.values())):
        return  # as nearly always
    count, depth = 1, 0
    level: list[Any] = [variables]
    while level:
        inner = [
            value for each in level for value in (each.values() if isinstance(each, dict) else each)
        ]
        depth += 1
        if inner and depth > limits.variables_depth:
            raise InvalidInput("VARIABLES_TOO_DEEP", limit=limits.variables_depth)
        count += len(inner)
        if count > limits.variables_values:
            raise InvalidInput("VARIABLES_TOO_MANY", limit=limits.variables_values)
        if NESTED.isdisjoint(map(type, inner)):
            return
        level = [value for value in inner if isinstance(value, (dict, list))]


def forbidden_character(text: str) -> bool:
    """Whether ``text`` holds what no database column can: NUL, or half of a surrogate pair."""
    if "\0" in text:
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
