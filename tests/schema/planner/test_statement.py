"""Levels of a statement."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite

from core.places.region import Region
from schema.planner.level import CommonTable
from schema.planner.row import BaseRow, table_of
from schema.planner.statement import Derived


@pytest.mark.parametrize("made", [SQLiteDialect_aiosqlite, PGDialect_asyncpg])
def test_rows_of_which_no_column_is_asked_are_still_rows(made: type[sa.Dialect]) -> None:
    dialect = made()
    levels: list[CommonTable] = []
    named = Derived("f2", BaseRow(1, dialect.identifier_preparer, table_of(Region)), levels)
    assert str(named.source()) == "f2"
    (level,) = levels
    text = " ".join(str(level.compile(dialect=dialect)).split())
    assert text == "f2 AS NOT MATERIALIZED (SELECT 1 AS o FROM region AS t1)"
