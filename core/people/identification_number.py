"""Identification numbers of Kazakhstan: twelve digits, the last of which checks the others."""

from __future__ import annotations

import re

TWELVE_DIGITS = re.compile(r"[0-9]{12}")
WEIGHTS = (range(1, 12), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2))
"""Weights of the first eleven digits, and those tried when the first give ten."""


def is_identification_number(text: str) -> bool:
    """Whether ``text`` can be an IIN (of a person) or a BIN (of an organisation).

    The Rules give no format; the control digit is that of the national registers of
    identification numbers (the law of 12.01.2007 No. 223).
    """
    if not TWELVE_DIGITS.fullmatch(text):
        return False
    digits = [int(digit) for digit in text]
    for weights in WEIGHTS:
        control = sum(w * d for w, d in zip(weights, digits[:11], strict=True)) % 11
        if control != 10:
            return control == digits[11]
    return False
