"""Pieces of SQL say the same on both databases."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import literal, select
from sqlalchemy.dialects import sqlite

from core.db.engine import Database
from core.db.types import UtcDateTime, named_enum
from core.tree.node import Stage
from schema.planner.elements import (
    BLOCK,
    amount,
    cat,
    joined,
    json_value,
    quoted,
    text_literal,
)
from schema.planner.plan import sql_dialect


async def value_of(database: Database, element: sa.ColumnElement[Any]) -> Any:
    async with database.engine.connect() as connection:
        return (await connection.execute(select(element))).scalar_one()


def column_holding(value: Any, type_: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    return select(literal(value, type_).label("x")).subquery().c.x


def spelled(element: sa.ColumnElement[Any]) -> str:
    return str(select(element).compile(dialect=sqlite.dialect()))


def test_neighbouring_literals_become_one() -> None:
    assert (
        spelled(cat(["{", '"a":', sa.column("a"), "}", "!"]))
        == """SELECT ('{"a":' || a || '}!') AS anon_1"""
    )


def test_nothing_is_an_empty_text() -> None:
    assert spelled(cat([])).startswith("SELECT ''")


@pytest.mark.parametrize("count", [1, BLOCK, BLOCK + 1, 5000])
async def test_long_texts_stay_flat_enough_for_sqlite(database: Database, count: int) -> None:
    pieces = [piece for place in range(count) for piece in (text_literal("x"), ",")]
    assert await value_of(database, cat(pieces)) == "x," * count


def test_lists_get_commas_between_them() -> None:
    assert joined([["a"], ["b", "c"], []]) == ["a", ",", "b", "c", ","]


async def test_older_servers_quote_texts_alike(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialect = database.engine.dialect
    every = "".join(map(chr, range(1, 0x250))) + 'Қала "A"\\ 🏗 </a>'
    told = [await value_of(database, text_literal(""))]  # with it the server tells its version
    for version in ((15, 9), (16, 0)):
        monkeypatch.setattr(dialect, "server_version_info", version)
        shown = json_value(column_holding(every, sa.Text()), sa.Text(), nullable=False)
        told.append(await value_of(database, shown))
    assert json.loads(told[1]) == every
    assert told[1] == told[2]


def test_each_version_of_postgresql_gets_what_it_knows() -> None:
    name = json_value(sa.column("name", sa.Text()), sa.Text(), nullable=False)
    spelled = [
        str(select(name).compile(dialect=sql_dialect("postgresql", version)))
        for version in (0, 15, 16, 18)
    ]
    assert ["to_json(" in each for each in spelled] == [True, True, False, False]
    assert ["json_scalar(" in each for each in spelled] == [False, False, True, True]


def test_a_literal_keeps_its_apostrophes() -> None:
    assert quoted("it's") == "'it''s'"


@pytest.mark.parametrize(
    ("value", "type_", "expected"),
    [
        ('Қала "A"\\\n\t\x01 көпірі', sa.Text(), 'Қала "A"\\\n\t\x01 көпірі'),
        ("", sa.Text(), ""),
        (9_007_199_254_740_993, sa.BigInteger(), 9_007_199_254_740_993),
        (-5, sa.Integer(), -5),
        (51.125, sa.Float(), 51.125),
        (True, sa.Boolean(), True),
        (False, sa.Boolean(), False),
        (date(2026, 3, 2), sa.Date(), "2026-03-02"),
        (
            datetime(2026, 3, 2, 6, 30, tzinfo=UTC),
            UtcDateTime(),
            "2026-03-02T06:30:00.000000Z",
        ),
        (Stage.PLANNING, named_enum(Stage), "PLANNING"),
        ({"a": [1, None]}, sa.JSON(), {"a": [1, None]}),
    ],
)  # fmt: skip
async def test_values_become_json(
    database: Database, value: Any, type_: sa.types.TypeEngine[Any], expected: Any
) -> None:
    for nullable in (True, False):
        shown = json_value(column_holding(value, type_), type_, nullable=nullable)
        assert json.loads(await value_of(database, shown)) == expected


@pytest.mark.parametrize("value", [0.0, 50.0, -71.0, 43.238949, -0.5, 0.00001, 100_000.0])
async def test_numbers_are_spelled_as_the_executor_spells_them(
    database: Database, value: float
) -> None:
    shown = json_value(column_holding(value, sa.Float()), sa.Float(), nullable=True)
    assert await value_of(database, shown) == repr(value)


@pytest.mark.parametrize("type_", [sa.Text(), sa.BigInteger(), sa.Boolean(), sa.Date()])
async def test_null_becomes_json_null(database: Database, type_: sa.types.TypeEngine[Any]) -> None:
    shown = json_value(column_holding(None, type_), type_, nullable=True)
    assert await value_of(database, shown) == "null"


def test_a_type_without_a_spelling_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot show"):
        json_value(literal(b""), sa.LargeBinary(), nullable=False)


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [
        (0, "KZT", "0.00"),
        (5, "KZT", "0.05"),
        (-5, "KZT", "-0.05"),
        (-12_345, "KZT", "-123.45"),
        (999_999_999_999_999_999, "KZT", "9999999999999999.99"),
        (12_345, "JPY", "12345"),
        (-1, "JPY", "-1"),
        (12_345, "KWD", "12.345"),
        (12_345, "???", "123.45"),
    ],
)
async def test_minor_units_become_exact_amounts(
    database: Database, minor: int, currency: str, expected: str
) -> None:
    shown = amount(literal(minor, sa.BigInteger()), literal(currency, sa.Text()))
    assert await value_of(database, shown) == expected
