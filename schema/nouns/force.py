"""Which appointments hold on the reader's day, as SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from core.authority.reader import READER_TODAY


def in_force(valid_from: Any, valid_to: Any) -> ColumnElement[bool]:
    """Whether an appointment with these days holds on the reader's day."""
    return and_(
        valid_from <= READER_TODAY,
        or_(valid_to.is_(None), valid_to >= READER_TODAY),
    )
