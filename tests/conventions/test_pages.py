"""Pages that list things are those that are drawn from the things."""

from __future__ import annotations

import pytest

from zhoba.pages import DOCS, PAGES


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == PAGES[name](), "run: make docs"
