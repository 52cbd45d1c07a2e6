"""Conditions that are compiled once say the same wherever they are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import ColumnElement, and_, case, exists, literal_column, not_, or_, select
from sqlalchemy.orm import aliased

from core.authority.appointment import Appointment
from core.authority.reader import READER_PERSON, Reader
from core.db.engine import Database
from schema.planner import fragment
from schema.planner.access import Access, both
from schema.planner.binding import Level
from schema.planner.fragment import Build, Fragments
from schema.planner.plan import sql_dialect
from schema.planner.registry import Bound
from tests.schema.planner.conftest import Ask
from tests.schema.planner.world import POLICY

YES, NO = literal_column("1"), literal_column("0")

READER = Reader(1)


def access(fragments: Fragments | None, reader: Reader = READER, policy: Any = POLICY) -> Access:
    return Access(policy, reader, fragments)


def row(person: ColumnElement[Any], node: ColumnElement[Any]) -> dict[Any, ColumnElement[Any]]:
    return {Appointment.person_id: person, Appointment.node_id: node}


def is_one(row: Any) -> ColumnElement[bool]:
    return row[Appointment.person_id] == literal_column("1")


def either_is_one(row: Any) -> ColumnElement[bool]:
    return or_(is_one(row), row[Appointment.node_id] == literal_column("1"))


def both_are_one(row: Any) -> ColumnElement[bool]:
    return and_(is_one(row), row[Appointment.node_id] == literal_column("1"))


def there_is_one(row: Any) -> ColumnElement[bool]:
    return exists(select(literal_column("1")).where(either_is_one(row)))


AROUND: list[Callable[[ColumnElement[bool]], ColumnElement[bool]]] = [
    lambda it: it,
    not_,
    lambda it: and_(it, YES == NO),
    lambda it: and_(YES == YES, not_(it)),
    lambda it: or_(it, YES == NO),
    lambda it: not_(or_(it, YES == NO)),
]


@pytest.mark.parametrize("build", [is_one, either_is_one, both_are_one, there_is_one])
async def test_it_is_in_parentheses_where_the_operator_around_it_binds_closer(
    database: Database, build: Build
) -> None:
    asks = access(Fragments(sql_dialect(database.dialect, 0)))
    rows = [row(one, other) for one in (YES, NO) for other in (YES, NO)]
    columns = [
        case((around(condition), "yes"), else_="no")
        for around in AROUND
        for each in rows
        for condition in (
            asks.once("one", each, build),
            asks.once("in another", each, lambda it: asks.once("one", it, build)),
            build(each),
        )
    ]
    async with database.engine.connect() as connection:
        found = list((await connection.execute(select(*columns))).one())
    assert found[::3] == found[1::3] == found[2::3]
    assert set(found) == {"yes", "no"}


@pytest.mark.parametrize("spelling", ["sqlite", "postgresql"])
def test_parameters_stay_parameters(spelling: Any) -> None:
    asks = access(Fragments(sql_dialect(spelling, 0)))

    def build(row: Any) -> ColumnElement[bool]:
        return and_(row[Appointment.person_id] == READER_PERSON, row[Appointment.role] == "x")

    for name in ("t1", "t2"):
        columns = {
            Appointment.person_id: literal_column(f"{name}.p"),
            Appointment.role: literal_column(f"{name}.r"),
        }
        twice = and_(asks.once("?", columns, build), asks.once("?", columns, build))
        compiled = twice.compile(dialect=sql_dialect(spelling, 0))
        assert compiled.params == {"reader_person": None, "param_1": "x"}
        assert re.sub(r"[:$]\w+(::\w+)?", "?", str(compiled)) == " AND ".join(
            [f"{name}.p = ? AND {name}.r = ?"] * 2
        )


@pytest.mark.parametrize("spelling", ["sqlite", "postgresql"])
def test_its_own_tables_are_never_taken_for_those_around_it(spelling: Any) -> None:
    """The column that fills a hole belongs to an alias of the same table."""
    asks = access(Fragments(sql_dialect(spelling, 0)))
    around: Any = aliased(Appointment)
    held = asks.holds("project.read", around.node_id)
    statement = select(around.id).where(held)
    plain = select(around.id).where(access(None).holds("project.read", around.node_id))
    text = str(statement.compile(dialect=sql_dialect(spelling, 0)))
    assert "descendant_id = appointment_1.node_id" in text
    assert text.count("appointment AS appointment_1") == 1
    assert text.count("appointment AS ") == str(plain).count("appointment AS ") > 1


def test_only_columns_that_are_written_are_asked_for() -> None:
    fragments = Fragments(sql_dialect("sqlite", 0))
    nothing: dict[Any, ColumnElement[Any]] = {}
    asks = access(fragments)
    true = asks.once("?", nothing, lambda row: or_(is_one(row), sa.true()))
    assert isinstance(true, sa.True_)
    with pytest.raises(KeyError):
        asks.once("!", nothing, is_one)


async def test_it_is_built_once_for_all_who_have_the_same_rights(ask: Ask) -> None:
    fragments = Fragments(sql_dialect(ask.reads.dialect, 0))
    noun: Bound = ask.schema.catalogue.nouns["Project"]
    asked: list[str] = []

    class Counting:
        version = "1"

        def predicate(self, action: str, *args: Any, **options: Any) -> Any:
            asked.append(action)
            return POLICY.predicate(action, *args, **options)

    def ask_all(reader: Reader, policy: Any) -> list[str]:
        asked.clear()
        asks = access(fragments, reader, policy)
        asks.visible(noun, {noun.key: YES})
        asks.readable(noun, Level.FULL, {noun.key: YES})
        return sorted(asked)

    both_levels = ["project.read", "project.read_basic"]
    assert ask_all(Reader(1), Counting()) == both_levels
    assert ask_all(Reader(2), Counting()) == []
    for other in (Reader(1, frozenset({"office_member"})), Reader(1, scopes=frozenset({"x.y"}))):
        assert ask_all(other, Counting()) == both_levels
        assert ask_all(other, Counting()) == []
    newer = Counting()
    newer.version = "2"
    assert ask_all(Reader(1), newer) == both_levels


def test_expressions_of_bindings_are_built_once_for_everybody() -> None:
    fragments = Fragments(sql_dialect("sqlite", 0))
    built: list[Any] = []

    def doubled(row: Any) -> ColumnElement[Any]:
        built.append(row)
        return row[Appointment.node_id] * literal_column("2")

    for reader in (Reader(1), Reader(2, frozenset({"office_member"}))):
        columns = row(YES, literal_column(f"t{reader.person_id}.n"))
        found = access(fragments, reader).sql(doubled, columns)
        assert str(found) == f"t{reader.person_id}.n * 2"
        assert isinstance(found.type, sa.BigInteger)
    assert len(built) == 1
    assert access(fragments).sql(Appointment.node_id, columns) is columns[Appointment.node_id]


def test_few_sets_of_rights_are_remembered() -> None:
    fragments = Fragments(sql_dialect("sqlite", 0))
    first = fragments.of("first")
    for place in range(fragment.KEPT_READERS - 1):
        fragments.of(place)
    assert fragments.of("first") is first
    fragments.of("one more")
    assert len(fragments.kept) == fragment.KEPT_READERS
    assert fragments.of("first") is first
    assert 0 not in fragments.kept


async def test_constants_drop_out(ask: Ask) -> None:
    asks = access(
        Fragments(sql_dialect(ask.reads.dialect, 0)), Reader(1, frozenset({"office_member"}))
    )
    noun = ask.schema.catalogue.nouns["Project"]
    assert isinstance(both(asks.visible(noun, {}), sa.true()), sa.True_)
