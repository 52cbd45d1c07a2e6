"""The root of the tree, where what belongs to no body is asked about."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from core.tree.node import Node, NodeKind
from schema.planner.elements import text_literal


def country_key() -> ColumnElement[Any]:
    """The key of the country, as an expression."""
    country: Any = aliased(Node)
    return (
        select(country.id)
        .where(country.kind == text_literal(NodeKind.COUNTRY.name))
        .correlate(None)
        .scalar_subquery()
    )
