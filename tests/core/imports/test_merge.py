"""What the source says, what stands here, what was imported last: which wins."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.imports.merge import merge
from core.tree.node import Stage

SOME, OTHER, THIRD = Stage.PLANNING, Stage.CLOSED, Stage.STOPPED


@pytest.mark.parametrize(
    ("source", "here", "last", "changes", "kept"),
    [
        (SOME, SOME, "PLANNING", {}, ()),
        (OTHER, SOME, "PLANNING", {"c": OTHER}, ()),
        (SOME, OTHER, "PLANNING", {}, ()),
        (THIRD, OTHER, "PLANNING", {}, ("c",)),
        (None, SOME, "PLANNING", {"c": None}, ()),
        (SOME, None, None, {"c": SOME}, ()),
        (None, SOME, None, {}, ()),
        (date(2024, 1, 2), date(2024, 1, 1), "2024-01-01", {"c": date(2024, 1, 2)}, ()),
    ],
    ids=["same", "source", "here", "both", "emptied", "first", "filled-here", "day"],
)
def test_merge(
    source: Any, here: Any, last: Any, changes: dict[str, Any], kept: tuple[str, ...]
) -> None:
    known = {} if last is None else {"c": last}
    assert merge({"c": source}, {"c": here}, known) == (changes, kept)
