"""Rooms stay small enough to be read in one go."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 500

LARGER: dict[str, str] = {
    "migrations/versions/0001_first_tables.py": "written by the tool, one table after the other",
}
"""Files over the limit, each with the reason; an entry that is no longer needed must go."""


def test_no_module_is_longer_than_the_limit() -> None:
    packages = ("core", "schema", "zhoba", "plugins", "migrations")
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for package in packages
        for path in (ROOT / package).rglob("*.py")
    }
    assert {name for name, length in lengths.items() if length > LIMIT} == set(LARGER)
