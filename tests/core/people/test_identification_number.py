"""The control digit of identification numbers."""

from __future__ import annotations

import pytest

from core.people.identification_number import is_identification_number


def control(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11


# Worked out by hand. 85010130000: 8*1 + 5*2 + 1*4 + 1*6 + 3*7 = 49, 49 mod 11 = 5.
# 10000000100: 1*1 + 1*9 = 10, so the second weights count: 1*3 + 1*11 = 14, 14 mod 11 = 3.
@pytest.mark.parametrize(
    "number",
    [
        "850101300005",
        "000000000000",
        "100000000001",
        "100000001003",
    ],
)
def test_number_with_its_control_digit(number: str) -> None:
    assert is_identification_number(number)


@pytest.mark.parametrize(
    "number",
    [
        "850101300006",
        "950101300005",
        "100000001000",
        "85010130000",
        "8501013000055",
        "85010130000a",
        "٨٥٠١٠١٣٠٠٠٠٥",
        "",
    ],
)
def test_number_without_it(number: str) -> None:
    assert not is_identification_number(number)


def test_number_that_gives_ten_twice_does_not_exist() -> None:
    first = tuple(range(1, 12))
    second = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
    never = next(
        digits
        for digits in (f"{n:011d}" for n in range(1, 10_000))
        if control(digits, first) == control(digits, second) == 10
    )
    assert not any(is_identification_number(never + str(digit)) for digit in range(10))


def test_one_control_digit_fits_each_number() -> None:
    for digits in (f"{n:011d}" for n in range(0, 10**10, 10**10 // 97 + 1)):
        fitting = sum(is_identification_number(digits + str(digit)) for digit in range(10))
        assert fitting <= 1
