"""What a person typed, made fit to store: trimmed, readable, of a bounded length."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from core.db.base import LANGUAGES, name_columns
from core.errors import PRODUCT_DEFAULT, InvalidInput

NAME_LIMIT = 500
"""Letters of a name. Names are indexed by sort keys of up to 3 bytes a letter, and an index entry
of PostgreSQL holds about 2 700 bytes."""

CODE_LIMIT = 100
"""Letters of a code or number."""

TEXT_LIMIT = 20_000
"""Letters of any other text."""

LAYOUT = frozenset("\n\r\t")


@dataclass(frozen=True, slots=True)
class Names:
    """A name in one to three languages."""

    kk: str | None = None
    ru: str | None = None
    en: str | None = None


def clean(text: str | None, field: str, *, limit: int = TEXT_LIMIT) -> str | None:
    """``text`` without blanks around it; ``None`` when nothing is left.

    Raises :class:`InvalidInput` ``TEXT_UNREADABLE`` for control characters and halves of
    surrogate pairs, which PostgreSQL cannot store, and ``TEXT_TOO_LONG``.
    """
    text = (text or "").strip()
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text if letter not in LAYOUT):
        raise InvalidInput("TEXT_UNREADABLE", clause=PRODUCT_DEFAULT, field=field)
    if len(text) > limit:
        raise InvalidInput("TEXT_TOO_LONG", clause=PRODUCT_DEFAULT, field=field, limit=limit)
    return text or None


def required(text: str | None, field: str, *, limit: int = TEXT_LIMIT) -> str:
    """:func:`clean` text that must not be empty; ``TEXT_REQUIRED`` when it is."""
    cleaned = clean(text, field, limit=limit)
    if cleaned is None:
        raise InvalidInput("TEXT_REQUIRED", clause=PRODUCT_DEFAULT, field=field)
    return cleaned


def cleaned_names(names: Names, field: str = "names") -> dict[str, str | None]:
    """The columns of :class:`core.db.base.Named` for ``names``.

    Raises :class:`InvalidInput` ``NAME_REQUIRED`` when all three languages are blank, and what
    :func:`clean` raises, with the field ``names.kk``, ``names.ru`` or ``names.en``.
    """
    given = {
        language: clean(getattr(names, language), f"{field}.{language}", limit=NAME_LIMIT)
        for language in LANGUAGES
    }
    if not any(given.values()):
        raise InvalidInput("NAME_REQUIRED", clause=PRODUCT_DEFAULT, field=field)
    return name_columns(**given)
