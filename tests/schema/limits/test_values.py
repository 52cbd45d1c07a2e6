"""Bounds on variables."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import InvalidInput
from schema.limits import Limits, check_variables
from schema.limits.values import forbidden_character

LIMITS = Limits(variables_depth=3, variables_values=10)


def nest(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_variables_as_deep_as_allowed_pass_and_deeper_are_refused() -> None:
    check_variables({"a": nest(2)}, LIMITS)
    with pytest.raises(InvalidInput) as refused:
        check_variables({"a": nest(3)}, LIMITS)
    assert refused.value.code == "VARIABLES_TOO_DEEP"


def test_as_many_values_as_allowed_pass_and_more_are_refused() -> None:
    check_variables({"a": [0] * 8}, LIMITS)
    with pytest.raises(InvalidInput) as refused:
        check_variables({"a": [0] * 9}, LIMITS)
    assert refused.value.code == "VARIABLES_TOO_MANY"


@pytest.mark.parametrize(
    ("text", "forbidden"),
    [("қазақша 😀\n", False), ("", False), ("a\0b", True), ("\ud83d", True), ("\ude00x", True)],
)
def test_forbidden_characters_are_nul_and_half_surrogates(text: str, forbidden: bool) -> None:
    assert forbidden_character(text) is forbidden
