"""Money: whole minor units and the currency they are of."""

from __future__ import annotations

from decimal import Decimal

from core.errors import PRODUCT_DEFAULT, InvalidInput

MINOR_DIGITS = {
    "AED": 2, "AZN": 2, "BYN": 2, "CHF": 2, "CNY": 2, "EUR": 2, "GBP": 2, "INR": 2, "JPY": 0,
    "KGS": 2, "KRW": 0, "KWD": 3, "KZT": 2, "RUB": 2, "SAR": 2, "SEK": 2, "TJS": 2, "TMT": 2,
    "TRY": 2, "USD": 2, "UZS": 2, "XDR": 2,
}  # fmt: skip
"""Currencies Zhoba knows, with the decimal places of their minor unit (ISO 4217).

Special drawing rights have no minor unit there; they are kept to two places.
"""

TENGE = "KZT"

MAX_MINOR = 10**16
"""No single amount is larger: 100 trillion tenge, and sums of hundreds still fit 64 bits."""


def check_currency(currency: str, *, field: str = "currency") -> None:
    """Raise unless ``currency`` is one of :data:`MINOR_DIGITS`."""
    if currency not in MINOR_DIGITS:
        raise InvalidInput(
            "CURRENCY_UNKNOWN", clause=PRODUCT_DEFAULT, field=field, currency=currency
        )


def check_amount(minor: int, *, field: str) -> None:
    """Raise unless ``minor`` lies between nothing and :data:`MAX_MINOR`."""
    if minor < 0:
        raise InvalidInput("AMOUNT_NEGATIVE", clause=PRODUCT_DEFAULT, field=field)
    if minor > MAX_MINOR:
        raise InvalidInput(
            "AMOUNT_TOO_LARGE", clause=PRODUCT_DEFAULT, field=field, largest=MAX_MINOR
        )


def minor_units(amount: Decimal, currency: str, *, field: str) -> int:
    """An amount of a currency in its minor units, exactly.

    Raises :class:`InvalidInput` ``AMOUNT_INVALID`` for what is no number or is finer than the
    minor unit, and what :func:`check_currency` and :func:`check_amount` raise.
    """
    check_currency(currency, field=field)
    digits = MINOR_DIGITS[currency]
    if not amount.is_finite() or amount.copy_abs() > MAX_MINOR:
        raise InvalidInput("AMOUNT_INVALID", clause=PRODUCT_DEFAULT, field=field, digits=digits)
    minor = amount.scaleb(digits)
    if minor != minor.to_integral_value():
        raise InvalidInput("AMOUNT_INVALID", clause=PRODUCT_DEFAULT, field=field, digits=digits)
    check_amount(int(minor), field=field)
    return int(minor)


def major_units(minor: int, currency: str) -> Decimal:
    """Whole minor units as an amount of their currency, exactly."""
    return Decimal(minor).scaleb(-MINOR_DIGITS.get(currency, 2))
