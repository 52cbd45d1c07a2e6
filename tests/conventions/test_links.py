"""Links between the pages lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def test_every_link_between_pages_leads_somewhere() -> None:
    pages = [
        page
        for page in ROOT.rglob("*.md")
        if not any(part.startswith(".") or part == "node_modules" for part in page.parts)
    ]
    links = [(page, target) for page in pages for target in LINK.findall(page.read_text("utf-8"))]
    assert len(links) > 10
    assert [
        (page.name, target) for page, target in links if not (page.parent / target).exists()
    ] == []
