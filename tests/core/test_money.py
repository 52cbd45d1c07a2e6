"""Amounts are whole minor units of a currency we know."""

from __future__ import annotations

import pytest

from core.money import MAX_MINOR, MINOR_DIGITS, check_amount, check_currency
from tests.acting import refuses


@pytest.mark.parametrize("currency", ["KZT", "EUR", "USD", "RUB", "JPY"])
def test_check_currency_knows_the_common_ones(currency: str) -> None:
    check_currency(currency)


@pytest.mark.parametrize("currency", ["", "kzt", "XXX", "KZ"])
def test_check_currency_refuses_others(currency: str) -> None:
    with refuses("CURRENCY_UNKNOWN", "product default", "currency"):
        check_currency(currency)


def test_a_minor_unit_has_the_places_of_its_currency() -> None:
    assert [MINOR_DIGITS[each] for each in ("KZT", "EUR", "JPY", "KWD")] == [2, 2, 0, 3]


@pytest.mark.parametrize("minor", [0, 1, MAX_MINOR])
def test_check_amount_lets_pass_up_to_the_largest(minor: int) -> None:
    check_amount(minor, field="budget")


@pytest.mark.parametrize(
    ("minor", "code"), [(-1, "AMOUNT_NEGATIVE"), (MAX_MINOR + 1, "AMOUNT_TOO_LARGE")]
)
def test_check_amount_refuses_beyond_either_limit(minor: int, code: str) -> None:
    with refuses(code, "product default", "budget"):
        check_amount(minor, field="budget")
