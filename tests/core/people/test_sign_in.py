"""From a proven identity to the actor; the rest is tested at the door (tests/zhoba/sign_in)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import update

from core.db.engine import Database
from core.errors import NotAuthenticated
from core.people.account import Account, AccountKind, Identity
from core.people.person import Person
from core.people.service_key import ServiceKey, hash_key
from core.people.sign_in import actor_of_account, actor_of_identity, actor_of_service_key
from core.work import Actor
from tests.factories import make_person

NOW = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
TODAY = date(2026, 3, 2)
KEY = "zsk_abc_secret"


@pytest.fixture
async def actor(database: Database) -> Actor:
    """A person with an account that can be reached in three ways."""
    async with database.session() as session, session.begin():
        person = await make_person(session)
        account = Account(
            kind=AccountKind.PERSON, label="Aigul", person_id=person.id, created_at=NOW
        )
        session.add(account)
        await session.flush()
        session.add(Identity(account_id=account.id, issuer="idp", subject="u7", created_at=NOW))
        session.add(
            ServiceKey(
                account_id=account.id,
                prefix="abc",
                hash=hash_key(KEY),
                scopes=["project.read"],
                expires_on=TODAY,
                created_at=NOW,
            )
        )
        return Actor(person_id=person.id, account_id=account.id, label="Aigul")


async def ways_in(database: Database, actor: Actor) -> list[Actor | None]:
    """Who comes in by account, by identity and by key."""
    assert actor.account_id is not None
    async with database.reading_session() as session:
        found: list[Actor | None] = []
        for way in (
            lambda: actor_of_account(session, actor.account_id or 0),
            lambda: actor_of_identity(session, "idp", "u7"),
            lambda: actor_of_service_key(session, KEY, TODAY),
        ):
            try:
                found.append(await way())
            except NotAuthenticated:
                found.append(None)
        return found


async def test_three_ways_lead_to_one_actor(database: Database, actor: Actor) -> None:
    limited = Actor(
        person_id=actor.person_id,
        account_id=actor.account_id,
        scopes=frozenset({"project.read"}),
        label="Aigul",
    )
    assert await ways_in(database, actor) == [actor, actor, limited]


@pytest.mark.parametrize(
    "change",
    [
        update(Account).values(locked_at=NOW),
        update(Person).values(archived_on=TODAY),
    ],
    ids=["locked", "archived"],
)
async def test_closed_account_is_closed_to_every_way(
    database: Database, actor: Actor, change: Any
) -> None:
    async with database.session() as session, session.begin():
        await session.execute(change)
    assert await ways_in(database, actor) == [None, None, None]


@pytest.mark.parametrize(
    ("issuer", "subject"), [("idp", "u8"), ("other", "u7"), ("idp", "U7"), ("", "")]
)
async def test_identity_is_both_issuer_and_subject(
    database: Database, actor: Actor, issuer: str, subject: str
) -> None:
    async with database.reading_session() as session:
        with pytest.raises(NotAuthenticated):
            await actor_of_identity(session, issuer, subject)
