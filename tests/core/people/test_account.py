"""Accounts: who may open, link and lock them."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from sqlalchemy import func, select

from core.audit.entry import AuditEntry
from core.db.engine import Database
from core.errors import InvalidInput, NotAllowed, NotFound, RuleRefused, StaleVersion
from core.people.account import (
    Account,
    AccountKind,
    Identity,
    create_account,
    link_identity,
    lock_account,
    unlock_account,
)
from core.people.person import Person
from core.transaction import transact
from core.tree.node import Node, NodeKind
from core.work import OPERATOR, Actor, Decision, OperatorAuthority, Work
from tests.factories import make_appointment, make_node, make_person


@dataclass
class At:
    """Allows everything at some nodes and hides the others."""

    nodes: set[int]
    version: str = "at"

    async def check(self, work: Work, action: str, node_id: int) -> Decision:
        return Decision(action == "account.manage" and node_id in self.nodes, action, "admin")

    async def sees(self, work: Work, node_id: int) -> bool:
        return node_id in self.nodes


@dataclass
class World:
    country: int
    body: int
    other_body: int
    person: int


@pytest.fixture
async def world(database: Database) -> World:
    async with database.session() as session, session.begin():
        country = await make_node(session, NodeKind.COUNTRY, None)
        body = await make_node(session, NodeKind.STATE_BODY, country)
        other = await make_node(session, NodeKind.STATE_BODY, country)
        person = await make_person(session, state_body_id=body.id)
        return World(country.id, body.id, other.id, person.id)


def working(
    database: Database, now: datetime, authority: At | None = None
) -> AbstractAsyncContextManager[Work]:
    actor = Actor(person_id=1, account_id=1, label="admin") if authority else OPERATOR
    return transact(database, actor=actor, authority=authority or OperatorAuthority(), now=now)


async def open_account(database: Database, world: World, now: datetime) -> Account:
    async with working(database, now) as work:
        return await create_account(work, world.person, label="Aigul")


async def acts(database: Database) -> list[str]:
    async with database.reading_session() as session:
        return list(await session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


async def test_create_account_by_the_administrator_of_the_body(
    database: Database, world: World, now: datetime
) -> None:
    async with working(database, now, At({world.body})) as work:
        account = await create_account(work, world.person, label="  Aigul ")
    assert (account.person_id, account.label, account.kind, account.created_at) == (
        world.person,
        "Aigul",
        AccountKind.PERSON,
        now,
    )
    async with database.reading_session() as session:
        entry = await session.scalar(select(AuditEntry))
        assert entry is not None
        assert (entry.act, entry.node_id, entry.acting_as) == (
            "accountCreated", world.body, "admin",
        )  # fmt: skip


async def test_create_account_of_a_person_of_another_body_is_hidden(
    database: Database, world: World, now: datetime
) -> None:
    with pytest.raises(NotFound):
        async with working(database, now, At({world.other_body})) as work:
            await create_account(work, world.person, label="Aigul")
    assert await acts(database) == []


async def test_create_account_of_a_person_with_a_role_above_is_refused(
    database: Database, world: World, now: datetime
) -> None:
    async with database.session() as session, session.begin():
        person = await session.get_one(Person, world.person)
        country = await session.get_one(Node, world.country)
        await make_appointment(session, person, "office_head", country, valid_to=date(2026, 3, 2))
    with pytest.raises(NotAllowed):
        async with working(database, now, At({world.body})) as work:
            await create_account(work, world.person, label="Aigul")
    tomorrow = datetime.fromisoformat("2026-03-03T06:30:00+00:00")
    async with working(database, tomorrow, At({world.body})) as work:
        await create_account(work, world.person, label="Aigul")
    assert await acts(database) == ["accountCreated"]


async def test_create_account_needs_a_label_and_a_person_not_archived(
    database: Database, world: World, now: datetime
) -> None:
    with pytest.raises(InvalidInput, match="ACCOUNT_LABEL_EMPTY"):
        async with working(database, now) as work:
            await create_account(work, world.person, label=" ")
    with pytest.raises(NotFound):
        async with working(database, now) as work:
            await create_account(work, 10**30, label="x")
    async with database.session() as session, session.begin():
        (await session.get_one(Person, world.person)).archived_on = date(2026, 3, 1)
    with pytest.raises(RuleRefused, match="PERSON_ARCHIVED"):
        async with working(database, now) as work:
            await create_account(work, world.person, label="x")


async def test_link_identity_once_per_subject_of_an_issuer(
    database: Database, world: World, now: datetime
) -> None:
    account = await open_account(database, world, now)
    async with working(database, now) as work:
        await link_identity(work, account.id, issuer="https://idp.test", subject="u7")
        await link_identity(work, account.id, issuer="https://other.test", subject="u7")
    with pytest.raises(RuleRefused, match="IDENTITY_TAKEN"):
        async with working(database, now) as work:
            await link_identity(work, account.id, issuer="https://idp.test", subject="u7")
    with pytest.raises(InvalidInput, match="IDENTITY_EMPTY"):
        async with working(database, now) as work:
            await link_identity(work, account.id, issuer="https://idp.test", subject=" ")
    async with database.reading_session() as session:
        assert await session.scalar(select(func.count(Identity.id))) == 2
        entry = await session.scalar(select(AuditEntry).where(AuditEntry.act == "identityLinked"))
        assert entry is not None
        assert entry.after == {
            "accountId": account.id, "issuer": "https://idp.test", "subject": "changed",
        }  # fmt: skip


async def test_lock_and_unlock_account_once_each_with_the_version_read(
    database: Database, world: World, now: datetime
) -> None:
    account = await open_account(database, world, now)
    with pytest.raises(RuleRefused, match="ACCOUNT_NOT_LOCKED"):
        async with working(database, now) as work:
            await unlock_account(work, account.id, expected_version=1)
    async with working(database, now) as work:
        locked = await lock_account(work, account.id, expected_version=1)
        assert (locked.locked_at, locked.version) == (now, 2)
    with pytest.raises(RuleRefused, match="ACCOUNT_LOCKED"):
        async with working(database, now) as work:
            await lock_account(work, account.id, expected_version=2)
    with pytest.raises(StaleVersion):
        async with working(database, now) as work:
            await unlock_account(work, account.id, expected_version=1)
    async with working(database, now) as work:
        opened = await unlock_account(work, account.id, expected_version=2)
        assert (opened.locked_at, opened.version) == (None, 3)
    assert await acts(database) == ["accountCreated", "accountLocked", "accountUnlocked"]
