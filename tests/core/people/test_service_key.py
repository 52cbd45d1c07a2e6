"""Service keys: made once, shown once, good for a year at most."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from core.audit.entry import AuditEntry
from core.db.engine import Database
from core.errors import InvalidInput, NotFound, RuleRefused
from core.events.outbox import OutboxEvent
from core.people.account import Account, AccountKind
from core.people.service_key import (
    LONGEST,
    ServiceKey,
    create_service_key,
    prefix_of,
    revoke_service_key,
)
from core.transaction import transact
from core.tree.node import NodeKind
from core.work import OPERATOR, OperatorAuthority
from tests.factories import make_node, make_person

TODAY = date(2026, 3, 2)


@pytest.fixture
async def owner(database: Database) -> int:
    async with database.session() as session, session.begin():
        country = await make_node(session, NodeKind.COUNTRY, None)
        body = await make_node(session, NodeKind.STATE_BODY, country)
        return (await make_person(session, state_body_id=body.id)).id


async def make(
    database: Database,
    owner: int,
    now: datetime,
    *,
    scopes: tuple[str, ...] = ("project.read",),
    expires_on: date = TODAY,
) -> tuple[int, str]:
    async with transact(database, actor=OPERATOR, authority=OperatorAuthority(), now=now) as work:
        key, text = await create_service_key(
            work, owner, label="treasury", scopes=list(scopes), expires_on=expires_on
        )
        return key.id, text


async def test_create_service_key_opens_a_system_account_of_its_owner(
    database: Database, owner: int, now: datetime
) -> None:
    key_id, text = await make(database, owner, now, scopes=("task.read", "project.read"))
    async with database.reading_session() as session:
        key = await session.get_one(ServiceKey, key_id)
        account = await session.get_one(Account, key.account_id)
    assert (account.kind, account.person_id, account.label) == (
        AccountKind.SYSTEM,
        owner,
        "treasury",
    )
    assert (key.prefix, key.scopes, key.expires_on) == (
        prefix_of(text),
        ["project.read", "task.read"],
        TODAY,
    )


async def test_secret_of_a_service_key_is_nowhere_in_the_database(
    database: Database, owner: int, now: datetime
) -> None:
    _, text = await make(database, owner, now)
    secret = text.split("_", 2)[2]
    async with database.reading_session() as session:
        stored = [
            json.dumps({c.key: getattr(row, c.key) for c in row.__table__.columns}, default=str)
            for table in (ServiceKey, Account, AuditEntry, OutboxEvent)
            for row in await session.scalars(select(table))
        ]
    assert len(stored) == 1 + 1 + 2 + 2
    assert [row for row in stored if secret in row] == []


@pytest.mark.parametrize("scopes", [(), ("",), ("read",), ("Project.read",), ("project.read", "*")])
async def test_create_service_key_refuses_scopes_that_are_no_actions(
    database: Database, owner: int, now: datetime, scopes: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInput, match="SERVICE_KEY_SCOPES"):
        await make(database, owner, now, scopes=scopes)


async def test_create_service_key_refuses_actions_that_nothing_defines(
    database: Database, owner: int, now: datetime
) -> None:
    class Knowing(OperatorAuthority):
        actions = frozenset({"project.read"})

    async with transact(database, actor=OPERATOR, authority=Knowing(), now=now) as work:
        await create_service_key(
            work, owner, label="treasury", scopes=["project.read"], expires_on=TODAY
        )
        with pytest.raises(InvalidInput, match="SERVICE_KEY_SCOPE_UNKNOWN") as refused:
            await create_service_key(
                work, owner, label="t", scopes=["project.read", "project.raed"], expires_on=TODAY
            )
    assert refused.value.params["scopes"] == ["project.raed"]


@pytest.mark.parametrize(("days", "allowed"), [(-1, False), (0, True), (366, True), (367, False)])
async def test_create_service_key_for_today_up_to_a_year(
    database: Database, owner: int, now: datetime, days: int, allowed: bool
) -> None:
    assert timedelta(days=366) == LONGEST
    last = TODAY + timedelta(days=days)
    if allowed:
        await make(database, owner, now, expires_on=last)
        return
    with pytest.raises(RuleRefused, match="SERVICE_KEY_EXPIRY"):
        await make(database, owner, now, expires_on=last)


async def test_two_service_keys_have_nothing_in_common(
    database: Database, owner: int, now: datetime
) -> None:
    _, one = await make(database, owner, now)
    _, other = await make(database, owner, now)
    assert one.split("_", 2)[0] == other.split("_", 2)[0] == "zsk"
    assert one.split("_", 2)[1] != other.split("_", 2)[1]
    assert one.split("_", 2)[2] != other.split("_", 2)[2]
    assert len(one.split("_", 2)[2]) == 43  # 256 bits in base64


async def test_revoke_service_key_once(database: Database, owner: int, now: datetime) -> None:
    key_id, _ = await make(database, owner, now)
    async with transact(database, actor=OPERATOR, authority=OperatorAuthority(), now=now) as work:
        assert (await revoke_service_key(work, key_id)).revoked_at == now
    with pytest.raises(RuleRefused, match="SERVICE_KEY_REVOKED"):
        async with transact(
            database, actor=OPERATOR, authority=OperatorAuthority(), now=now
        ) as work:
            await revoke_service_key(work, key_id)
    with pytest.raises(NotFound):
        async with transact(
            database, actor=OPERATOR, authority=OperatorAuthority(), now=now
        ) as work:
            await revoke_service_key(work, key_id + 1)
