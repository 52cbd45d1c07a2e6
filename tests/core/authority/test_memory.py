"""What a unit of work remembers about authority, and what makes it ask again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.appointment import Appointment, Employment
from core.authority.memory import KEY
from core.db.engine import Database
from core.people.person import Person
from core.tree.lock import hold_tree
from core.tree.node import Node, NodeKind
from tests import factories as make
from tests.acting import arranging
from tests.core.authority.cases import TODAY, as_person
from tests.core.authority.test_policy import counted, selects


async def test_the_second_question_of_a_unit_of_work_asks_nothing(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        curator = await make.make_person(session)
        await make.make_appointment(session, curator, "pg_curator", world.group)
    async with as_person(database, curator) as work:
        with counted(database) as sent:
            first = await work.may("project.propose_stop_start", world.project.id)
        assert selects(sent) == 4
        with counted(database) as sent:
            again = await work.may("project.propose_stop_start", world.project.id)
            other = await work.may("project.read", world.project.id)
        assert selects(sent) == 0
        with counted(database) as sent:
            elsewhere = await work.may("project.read", world.task.id)
        assert selects(sent) == 1
    assert first == again
    assert (other.allowed, elsewhere.allowed) == (True, True)


async def test_an_appointment_of_this_unit_of_work_counts_in_it_and_not_beside_it(
    database: Database,
) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        person = await make.make_person(session)
    async with as_person(database, person) as work:
        assert not (await work.may("project.read", world.project.id)).allowed
        await make.make_appointment(work.session, person, "project_manager", world.project)
        assert (await work.may("project.read", world.project.id)).allowed
        held = await work.session.scalar(select(Appointment))
        assert held is not None
        await work.session.delete(held)
        await work.session.flush()
        assert not (await work.may("project.read", world.project.id)).allowed


async def test_a_condition_is_asked_again_after_a_write(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        curator, head = await make.make_person(session), await make.make_person(session)
        await make.make_appointment(session, curator, "pg_curator", world.group)
    async with as_person(database, curator) as work:
        assert not (await work.may("project.propose_stop_start", world.project.id)).allowed
        await work.session.execute(
            insert(Appointment),
            [
                {
                    "person_id": head.id, "role": "bd_head", "node_id": world.direction.id,
                    "employment": Employment.COMBINED, "valid_from": TODAY, "attachment": "STAFF",
                }
            ],
        )  # fmt: skip
        assert (await work.may("project.propose_stop_start", world.project.id)).allowed


async def savepoint(session: AsyncSession, _person: Person) -> None:
    async with session.begin_nested():
        pass


async def locks(session: AsyncSession, person: Person) -> None:
    await session.get(Person, person.id, with_for_update=True, populate_existing=True)


async def updates(session: AsyncSession, person: Person) -> None:
    await session.execute(update(Person).where(Person.id == person.id).values(post="x"))


async def flushes(session: AsyncSession, person: Person) -> None:
    found = await session.get_one(Person, person.id)
    found.post = "y"
    await session.flush()


async def runs_text(session: AsyncSession, _person: Person) -> None:
    await session.execute(text("UPDATE person SET post = 'z'"))


@pytest.mark.parametrize("change", [savepoint, locks, updates, flushes, runs_text])
async def test_writing_and_waiting_make_it_ask_again(
    database: Database, change: Callable[[AsyncSession, Person], Awaitable[None]]
) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        person = await make.make_person(session)
    async with as_person(database, person) as work:
        await work.may("project.read", world.project.id)
        assert KEY in work.session.info
        await work.session.scalar(select(Node.id).where(Node.kind == NodeKind.TASK))
        assert KEY in work.session.info
        await change(work.session, person)
        assert KEY not in work.session.info


async def test_an_advisory_lock_makes_it_ask_again(database: Database) -> None:
    if database.dialect == "sqlite":
        return  # one writer at a time, no such lock
    async with arranging(database) as session:
        world = await make.make_world(session)
    async with as_person(database, None) as work:
        await work.may("project.read", world.project.id)
        await hold_tree(work.session)
        assert KEY not in work.session.info


async def test_no_unit_of_work_answers_from_another(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        person = await make.make_person(session)
    async with as_person(database, person) as work:
        await work.may("project.read", world.project.id)
    async with as_person(database, person) as work:
        assert KEY not in work.session.info
