"""The declarative base, and the columns that tables share."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core.db.text import fold, sort_key

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Key = BigInteger().with_variant(Integer, "sqlite")
"""Surrogate keys: bigint on PostgreSQL, rowid on SQLite (only INTEGER is one there)."""

SortText = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared by code point on both databases, so that one cursor fits both."""


class Base(DeclarativeBase):
    """Base of all mapped classes; ``Base.metadata`` is what the migrations are checked against."""

    metadata = MetaData(naming_convention=NAMING)


def plugin_metadata() -> MetaData:
    """What the base of a plugin's tables begins with: they are its own to migrate, and to remove.

    ``class Base(DeclarativeBase): metadata = plugin_metadata()``, once in a plugin. Foreign keys to
    tables of the core name the column itself: ``ForeignKey(Node.id)``.
    """
    return MetaData(naming_convention=NAMING)


class Named:
    """A name in Kazakh, Russian and English, with what sorting and searching need.

    At least one language is present. ``name_*_sort`` hold the sort key of the name in that
    language after fallback, so they are never null and an order never depends on a missing
    translation; ``name_search`` holds all three, folded (ә -> а, қ -> к), for search typed
    without Kazakh letters. Set the names with :func:`set_names` only.
    """

    name_kk: Mapped[str | None] = mapped_column(Text)
    name_ru: Mapped[str | None] = mapped_column(Text)
    name_en: Mapped[str | None] = mapped_column(Text)
    name_kk_sort: Mapped[str] = mapped_column(SortText)
    name_ru_sort: Mapped[str] = mapped_column(SortText)
    name_en_sort: Mapped[str] = mapped_column(SortText)
    name_search: Mapped[str] = mapped_column(Text)


LANGUAGES = ("kk", "ru", "en")
FALLBACK = {"kk": ("kk", "ru", "en"), "ru": ("ru", "kk", "en"), "en": ("en", "ru", "kk")}
"""Which language stands in where a name lacks one. Product default."""


def name_columns(
    kk: str | None = None, ru: str | None = None, en: str | None = None
) -> dict[str, str | None]:
    """All seven columns of :class:`Named` for a name given in one to three languages.

    Raises :class:`ValueError` when all three are missing or blank.
    """
    given = {"kk": kk, "ru": ru, "en": en}
    names = {lang: (text.strip() or None) if text else None for lang, text in given.items()}
    present = [text for text in names.values() if text]
    if not present:
        raise ValueError("a name needs at least one language")
    columns: dict[str, str | None] = {f"name_{lang}": text for lang, text in names.items()}
    keys: dict[str, str] = {}
    for lang in LANGUAGES:
        shown = next(text for code in FALLBACK[lang] if (text := names[code]))
        if shown not in keys:
            keys[shown] = sort_key(shown)
        columns[f"name_{lang}_sort"] = keys[shown]
    columns["name_search"] = fold(" ".join(dict.fromkeys(present)))
    return columns


def set_names(row: Named, *, kk: str | None, ru: str | None, en: str | None) -> None:
    """Write a name in all its columns at once."""
    for column, value in name_columns(kk, ru, en).items():
        setattr(row, column, value)
