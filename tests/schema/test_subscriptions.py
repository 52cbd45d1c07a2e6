"""What may be watched."""

from __future__ import annotations

import pytest

from core.errors import InvalidInput
from core.tree.node import NodeKind
from schema.subscriptions import TYPE_NAMES, Watched, watched


@pytest.mark.parametrize(
    ("id", "under", "target"),
    [("Project:7", None, Watched(7, below=False)), (None, "Country:1", Watched(1, below=True))],
)
def test_one_object_or_all_below_one_is_watched(
    id: str | None, under: str | None, target: Watched
) -> None:
    assert watched(id, under) == target


@pytest.mark.parametrize(
    ("id", "under", "code", "field"),
    [
        (None, None, "WATCH_ONE", "id"),
        ("Project:7", "Country:1", "WATCH_ONE", "id"),
        ("Person:7", None, "BAD_ID", "id"),
        (None, "Act:7", "BAD_ID", "under"),
        ("", None, "BAD_ID", "id"),
        (None, "Project:0", "BAD_ID", "under"),
    ],
)
def test_anything_else_is_refused(id: str | None, under: str | None, code: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        watched(id, under)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_every_kind_of_node_has_its_type() -> None:
    assert TYPE_NAMES[NodeKind.BASIC_DIRECTION] == "BasicDirection"
    assert set(TYPE_NAMES) == set(NodeKind)
