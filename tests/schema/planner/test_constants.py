"""Constants stand in the text of a statement; what came from outside never does."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Enum as EnumType

from core.db.engine import Database
from schema.planner.constants import is_constant
from schema.planner.plan import COMPILERS, sql_dialect


class Kind(Enum):
    PROJECT = "PROJECT"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    ("value", "type_", "written"),
    [
        ("KZT", sa.Text(), "'KZT'"),
        (Kind.PROJECT, EnumType(Kind), "'PROJECT'"),
        (-3, sa.Integer(), "-3"),
        (0, sa.BigInteger(), "0"),
    ],
)
def test_names_and_numbers_are_written(kind: Any, value: object, type_: Any, written: str) -> None:
    condition = sa.column("a", type_) == sa.literal(value, type_)
    compiled = COMPILERS[kind](sql_dialect(kind, 0), condition)
    assert compiled.string.split("::")[0] == f"a = {written}"
    assert not compiled.params


async def test_a_written_text_is_a_text(database: Database) -> None:
    """PostgreSQL would not know what a bare one is where any type will do."""
    kind: Any = database.dialect
    function = sa.func.to_json if kind == "postgresql" else sa.func.json_quote
    compiled = COMPILERS[kind](
        sql_dialect(kind, 0), sa.select(function(sa.literal("abc", sa.Text())))
    )
    assert not compiled.params
    async with database.engine.connect() as connection:
        found = (await connection.exec_driver_sql(compiled.string)).scalar_one()
    assert found in ("abc", '"abc"')


@pytest.mark.parametrize("value", ["it's", "a b", "x; --", "қ", "", None, 1.5, b"a"])
def test_nothing_else_is(value: object) -> None:
    assert is_constant(sa.bindparam("a", value)) is (value == "")


def test_a_parameter_without_a_value_stays_one() -> None:
    condition = sa.column("a", sa.Text()) == sa.bindparam("given", None, sa.Text())
    compiled = COMPILERS["sqlite"](sql_dialect("sqlite", 0), condition)
    assert compiled.string == "a = :given"
