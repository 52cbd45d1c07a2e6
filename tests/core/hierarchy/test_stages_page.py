"""The page that shows the stage machine."""

from __future__ import annotations

from pathlib import Path

from core.hierarchy.stages import TRANSITIONS
from core.hierarchy.stages_page import stages_page

PAGE = Path(__file__).parents[3] / "docs" / "stages.md"


def test_the_page_in_docs_is_the_one_drawn_from_the_table() -> None:
    assert PAGE.read_text("utf-8") == stages_page()


def test_the_page_has_one_row_per_move() -> None:
    rows = [
        tuple(cell.strip(" `") for cell in line.split("|")[1:5])
        for line in stages_page().splitlines()
        if line.startswith("| ") and not line.startswith("| From")
    ]
    assert rows == [
        (move.source.name, move.target.name, move.propose, move.decide)
        for move in TRANSITIONS.values()
    ]
