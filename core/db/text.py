"""Kazakh text: an order every database agrees on, and search that forgives a plain keyboard."""

from __future__ import annotations

KAZAKH_ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"

# Letters become consecutive code points from U+E000, so comparing by code point is comparing by
# the alphabet. Digits and Latin letters lie below the block and keep their own order before it.
_SORT = {ord(letter): 0xE000 + place for place, letter in enumerate(KAZAKH_ALPHABET)}

_FOLD = str.maketrans(
    {
        "ә": "а", "ғ": "г", "қ": "к", "ң": "н", "ө": "о", "ұ": "у", "ү": "у",
        "һ": "х", "і": "и", "ё": "е", "й": "и", "ъ": "", "ь": "",
    }
)  # fmt: skip


def sort_key(text: str) -> str:
    """The key by which ``text`` sorts: the Kazakh alphabet, case ignored."""
    return text.lower().translate(_SORT)


def fold(text: str) -> str:
    """``text`` as someone without a Kazakh keyboard would type it: lower case, ә -> а, қ -> к."""
    return text.lower().translate(_FOLD)
