"""Reads that go to the driver itself."""

from __future__ import annotations

import pytest
from sqlalchemy import column, select, table
from sqlalchemy.exc import DBAPIError

from core.db.direct import Direct, any_key
from core.db.engine import Database
from core.people.person import Person
from tests import factories as make
from tests.acting import arranging

NAMES = Direct(
    lambda dialect: (
        select(Person.id, Person.post).where(any_key(Person.id, dialect)).order_by(Person.id)
    )
)


async def test_a_direct_read_sees_what_its_session_has_not_flushed(database: Database) -> None:
    async with arranging(database) as session:
        one, two = await make.make_person(session), await make.make_person(session)
    async with database.session() as session, session.begin():
        first = await NAMES.fetch(session, keys=[one.id, two.id, two.id + 1])
        found = await session.get_one(Person, two.id)
        found.post = "head"
        second = await NAMES.fetch(session, keys=[two.id])
    assert [tuple(row) for row in first] == [(one.id, None), (two.id, None)]
    assert [tuple(row) for row in second] == [(two.id, "head")]


async def test_what_the_driver_raises_is_an_error_of_the_database(database: Database) -> None:
    nowhere = Direct(lambda _: select(column("x")).select_from(table("nowhere")))
    async with database.session() as session:
        await session.get(Person, 1)
        with pytest.raises(DBAPIError):
            await nowhere.fetch(session)
