"""Orders and cursors."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
import sqlalchemy as sa

from core.db.engine import Database
from core.errors import InvalidInput
from schema.compose import ZhobaSchema
from schema.planner.order import OrderShape, SortKey, beyond, read_cursor, read_order, tag
from schema.planner.registry import Catalogue
from schema.types import Direction


@pytest.fixture
def catalogue(bound_schema: ZhobaSchema) -> Catalogue:
    return bound_schema.catalogue


def hexed(value: Any) -> str:
    return json.dumps(value).encode().hex()


def test_no_order_is_the_default_one(catalogue: Catalogue) -> None:
    assert read_order(catalogue.target("Program"), None) == (("name", True),)
    assert read_order(catalogue.target("Program"), []) == (("name", True),)
    assert read_order(catalogue.target("TreeNode"), None) == ()


def test_a_field_counts_where_it_comes_first(
    catalogue: Catalogue, bound_schema: ZhobaSchema
) -> None:
    values: Any = bound_schema.graphql.type_map["ProjectOrderField"]
    name, starts = (values.coerce_input_value(each) for each in ("NAME", "STARTS_ON"))
    given = [
        {"field": name, "direction": Direction.DESC},
        {"field": starts, "direction": Direction.ASC},
        {"field": name, "direction": Direction.ASC},
    ]
    assert read_order(catalogue.target("Project"), given) == (("name", True), ("startsOn", False))


def test_every_order_has_a_tag_of_its_own(catalogue: Catalogue) -> None:
    project, task = catalogue.target("Project"), catalogue.target("Task")
    tags = [
        tag(project, (("name", False),), "kk"),
        tag(project, (("name", True),), "kk"),
        tag(project, (("name", False),), "ru"),
        tag(project, (("startsOn", False),), "kk"),
        tag(project, (("name", False), ("startsOn", False)), "kk"),
        tag(project, (), "kk"),
        tag(task, (("name", False),), "kk"),
    ]
    assert len(set(tags)) == len(tags)
    assert tag(project, (("startsOn", False),), "kk") == tag(project, (("startsOn", False),), "ru")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda parts: "zz",
        lambda parts: "",
        lambda parts: "7b7d",
        lambda parts: hexed({}),
        lambda parts: hexed([]),
        lambda parts: hexed(None),
        lambda parts: "ff" * 20,
        lambda parts: hexed(["00000000", *parts[1:]]),
        lambda parts: hexed(parts[:-1]),
        lambda parts: hexed([*parts, 1]),
        lambda parts: hexed([parts[0], 5, 1]),
        lambda parts: hexed([parts[0], "2026-02-30", 1]),
        lambda parts: hexed([parts[0], "2026-01-01", "1"]),
        lambda parts: hexed([parts[0], "2026-01-01", None]),
        lambda parts: hexed([parts[0], "2026-01-01", True]),
        lambda parts: hexed([parts[0], "2026-01-01", 2**63]),
        lambda parts: ("[" * 100_000).encode().hex(),
    ],
)
def test_anything_that_is_no_cursor_of_the_order_is_refused(
    catalogue: Catalogue, spoil: Any
) -> None:
    project = catalogue.target("Project")
    order: OrderShape = (("startsOn", False),)
    good = [tag(project, order, "kk"), "2026-01-01", 1]
    assert len(read_cursor(hexed(good), project, order, "kk", field="after")) == 2
    with pytest.raises(InvalidInput) as refused:
        read_cursor(spoil(good), project, order, "kk", field="after")
    assert (refused.value.code, refused.value.field) == ("BAD_CURSOR", "after")


def test_a_text_no_database_holds_is_refused(catalogue: Catalogue) -> None:
    project = catalogue.target("Project")
    order: OrderShape = (("number", False),)
    for text in ("a\0", "\ud800"):
        given = hexed([tag(project, order, "kk"), text, 1])
        with pytest.raises(InvalidInput, match="BAD_CURSOR"):
            read_cursor(given, project, order, "kk", field="before")


def key(name: str, *, nullable: bool = False, descending: bool = False) -> SortKey:
    return SortKey(sa.column(name, sa.Integer()), sa.Integer(), nullable, descending)


def test_keys_without_nulls_compare_as_one_row() -> None:
    values = [sa.literal_column("1"), sa.literal_column("2")]
    keys = [key("a"), key("id")]
    assert str(beyond(keys, [False, False], values, before=False)) == "(a, id) > (1, 2)"
    assert str(beyond(keys, [False, False], values, before=True)) == "(a, id) < (1, 2)"
    falling = [key("a", descending=True), key("id", descending=True)]
    assert str(beyond(falling, [False, False], values, before=False)) == "(a, id) < (1, 2)"


ROWS = [
    (number, *values)
    for number, values in enumerate(itertools.product([None, 1, 2], [None, 1, 2]), 1)
]


@pytest.mark.parametrize("falls", list(itertools.product([False, True], repeat=2)))
async def test_every_row_divides_an_order_into_before_and_after(
    database: Database, falls: tuple[bool, bool]
) -> None:
    """Over all patterns of nulls and directions; the database itself sorts the rows."""
    table = sa.union_all(
        *(
            sa.select(
                *(
                    sa.cast(sa.literal(value, sa.Integer()), sa.Integer()).label(name)
                    for name, value in zip(("id", "a", "b"), row, strict=True)
                )
            )
            for row in ROWS
        )
    ).subquery("t")
    keys = [
        key("a", nullable=True, descending=falls[0]),
        key("b", nullable=True, descending=falls[1]),
        key("id", descending=falls[1]),
    ]
    async with database.engine.connect() as connection:

        async def ids(*conditions: Any) -> list[int]:
            statement = sa.select(sa.column("id")).select_from(table)
            ordered = statement.where(*conditions).order_by(*(each.clause() for each in keys))
            return list((await connection.execute(ordered)).scalars())

        every = await ids()
        backward = sa.select(sa.column("id")).select_from(table)
        backward = backward.order_by(*(each.clause(backward=True) for each in keys))
        assert list((await connection.execute(backward)).scalars()) == every[::-1]
        for number, a, b in ROWS:
            nulls = [a is None, b is None, False]
            values = [sa.literal(value, sa.Integer()) for value in (a, b, number)]
            place = every.index(number)
            assert await ids(beyond(keys, nulls, values, before=False)) == every[place + 1 :]
            assert await ids(beyond(keys, nulls, values, before=True)) == every[:place]


@pytest.mark.parametrize("falls", [False, True])
async def test_a_cursor_may_stand_at_a_null_of_another_filter(
    database: Database, falls: bool
) -> None:
    """Where nothing of a list is null, all of it lies before a null, and nothing behind."""
    one = sa.select(sa.literal(1).label("a"), sa.literal(7).label("id")).subquery("t")
    keys = [key("a", descending=falls), key("id", descending=falls)]
    values = [sa.literal(None, sa.Integer()), sa.literal(3)]
    async with database.engine.connect() as connection:
        for before, found in ((True, [7]), (False, [])):
            condition = beyond(keys, [True, False], values, before=before)
            statement = sa.select(sa.column("id")).select_from(one).where(condition)
            assert list((await connection.execute(statement)).scalars()) == found
