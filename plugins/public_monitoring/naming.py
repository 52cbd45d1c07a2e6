"""Names that stand in for an object or a person the reader need not see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from zhoba.api import Person, Row


def full_name_of(attribute: Any) -> Any:
    """The full name of the person whose key a column holds."""

    def sql(row: Row) -> ColumnElement[Any]:
        found: Any = aliased(Person)
        return (
            select(found.full_name)
            .where(found.id == row[attribute])
            .correlate(None)
            .scalar_subquery()
        )

    return sql


def name_of(model: Any, attribute: Any) -> Any:
    """The name of the object whose key a column holds: in Kazakh, or what there is."""

    def sql(row: Row) -> ColumnElement[Any]:
        found: Any = aliased(model)
        return (
            select(func.coalesce(found.name_kk, found.name_ru, found.name_en))
            .where(found.id == row[attribute])
            .correlate(None)
            .scalar_subquery()
        )

    return sql
