"""Questions put to the driver itself answer as they do in a session."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, column, func, literal, select, table, text
from sqlalchemy.exc import DBAPIError

from core.db.engine import Database
from core.db.lookup import Look, Lookup
from core.errors import NotAuthenticated
from core.people.account import Account, AccountKind
from core.people.person import Person
from core.people.service_key import ServiceKey
from tests import factories as make
from tests.acting import arranging

NOW = datetime(2026, 3, 2, 6, 30, 0, 123456, tzinfo=UTC)

KEYS = Lookup(
    select(
        ServiceKey.id,
        ServiceKey.scopes,
        ServiceKey.expires_on,
        ServiceKey.created_at,
        ServiceKey.revoked_at,
        Account.kind,
        Account.label,
    )
    .join(Account, Account.id == ServiceKey.account_id)
    .where(
        Account.kind == AccountKind.SYSTEM,
        ServiceKey.expires_on >= bindparam("day"),
        ServiceKey.created_at <= bindparam("moment"),
    )
    .order_by(ServiceKey.id)
)


async def make_key(database: Database, expires_on: date) -> int:
    async with arranging(database) as session:
        person = await make.make_person(session)
        account = Account(
            kind=AccountKind.SYSTEM, label="жүйе", person_id=person.id, created_at=NOW
        )
        session.add(account)
        await session.flush()
        key = ServiceKey(
            account_id=account.id, prefix=f"p{account.id}", hash=f"h{account.id}",
            scopes=["project.read"], expires_on=expires_on, created_at=NOW,
        )  # fmt: skip
        session.add(key)
        await session.flush()
        return key.id


async def both_ways(database: Database, lookup: Lookup, **values: Any) -> list[tuple[Any, ...]]:
    """The rows, which are the same in a session and in none."""
    async with database.reading_session() as session:
        inside = [tuple(row) for row in await lookup.rows(session, **values)]
    async with database.lookups.looking() as look:
        outside = [tuple(row) for row in await lookup.rows(look, **values)]
    assert outside == inside
    return outside


async def test_values_are_those_of_the_columns_types(database: Database) -> None:
    await make_key(database, date(2026, 3, 1))
    key = await make_key(database, date(2026, 3, 2))
    rows = await both_ways(database, KEYS, day=date(2026, 3, 2), moment=NOW)
    assert rows == [
        (key, ["project.read"], date(2026, 3, 2), NOW, None, AccountKind.SYSTEM, "жүйе")
    ]
    assert await both_ways(database, KEYS, day=date(2026, 3, 3), moment=NOW) == []


async def test_a_look_sees_what_was_committed_meanwhile_and_a_session_what_it_wrote(
    database: Database,
) -> None:
    names = Lookup(select(Person.full_name).order_by(Person.id))
    async with database.lookups.looking() as look:
        assert list(await names.rows(look)) == []
        async with database.session() as session, session.begin():
            await make.make_person(session, "Aigul")
            assert [tuple(row) for row in await names.rows(session)] == [("Aigul",)]
            assert list(await names.rows(look)) == []
        assert list(await names.rows(look)) == [("Aigul",)]


async def test_what_the_driver_raises_is_an_error_of_the_database(database: Database) -> None:
    nowhere = Lookup(select(column("x")).select_from(table("nowhere")))
    async with database.lookups.looking() as look:
        with pytest.raises(DBAPIError):
            await nowhere.rows(look)


async def test_a_connection_that_was_lost_is_opened_anew(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("nothing is lost between SQLite and us")
    mine = Lookup(select(func.pg_backend_pid()))

    async def two() -> set[Any]:
        async with database.lookups.looking() as first, database.lookups.looking() as second:
            return {*await mine.rows(first), *await mine.rows(second)}

    before = await two()
    async with database.session() as session:
        await session.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    after: list[set[Any]] = []
    for _ in range(50):
        try:
            after.append(await two())
        except DBAPIError:
            assert not after, "what works goes on working"
    assert len(after) > 20
    assert {len(before & each) for each in after} == {1}


async def test_a_parameter_that_is_missing_is_not_null(database: Database) -> None:
    async with database.lookups.looking() as look:
        with pytest.raises(KeyError, match="moment"):
            await KEYS.rows(look, day=date(2026, 3, 2))


async def test_nothing_is_borrowed_before_the_first_question_or_kept_after_the_last(
    database: Database,
) -> None:
    if database.dialect == "sqlite":
        pytest.skip("nothing is borrowed")
    pool: Any = database.engine.pool
    slow = Lookup(select(func.pg_sleep(60)))
    async with database.lookups.looking() as look:
        assert pool.checkedout() == 0
        await Lookup(select(func.pg_sleep(0))).rows(look)
        assert pool.checkedout() == 1
        asked = asyncio.ensure_future(slow.rows(look))
        await asyncio.sleep(0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
    assert pool.checkedout() == 0
    async with asyncio.timeout(10), database.lookups.looking() as look:
        assert len(await Lookup(select(func.pg_sleep(0))).rows(look)) == 1


async def test_questions_that_need_no_other_are_put_side_by_side(database: Database) -> None:
    """On SQLite one after the other: there is nothing to wait for."""
    both = asyncio.Barrier(2 if database.dialect == "postgresql" else 1)
    one, two = Lookup(select(literal(1))), Lookup(select(literal(2)))

    def question(lookup: Lookup) -> Callable[[Look], Awaitable[Any]]:
        async def ask(look: Look) -> Any:
            await both.wait()
            ((found,),) = await lookup.rows(look)
            return found

        return ask

    async with asyncio.timeout(10):
        assert [*await database.lookups.asked(question(one), question(two))] == [1, 2]


async def test_a_question_that_fails_is_the_answer_and_nothing_stays_borrowed(
    database: Database,
) -> None:
    async def refused(_look: Look) -> None:
        raise NotAuthenticated

    async def counted(look: Look) -> Any:
        return await Lookup(select(literal(1))).rows(look)

    with pytest.raises(NotAuthenticated):
        await database.lookups.asked(counted, refused)
    pool: Any = database.engine.pool
    async with asyncio.timeout(10):
        while pool.checkedout():  # noqa: ASYNC110 - the other question is nobody's any more
            await asyncio.sleep(0)
    assert [list(each) for each in await database.lookups.asked(counted, counted)] == [[(1,)]] * 2
