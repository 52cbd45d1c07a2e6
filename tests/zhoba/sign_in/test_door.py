"""An Authorization header in, an actor out."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from sqlalchemy import update

from core.db.engine import Database
from core.errors import NotAuthenticated
from core.people.account import Account, AccountKind, Identity
from core.people.person import Person
from core.people.service_key import ServiceKey, create_service_key, revoke_service_key
from core.transaction import transact
from core.tree.node import NodeKind
from core.work import ANONYMOUS, OPERATOR, Actor, OperatorAuthority
from tests.factories import make_node, make_person
from zhoba.settings import IssuerSettings, Settings
from zhoba.sign_in.door import Door, SignedIn, account_key, own_token

NOW = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
KEY = RSAKey.generate_key(2048, {"kid": "k"}, auto_kid=False)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps(KeySet([KEY]).as_dict(private=False)))
    idp = IssuerSettings(issuer="https://idp.test", audience="zhoba", jwks=str(jwks))
    return Settings(database_url=database_url, data_dir=tmp_path / "data", issuers=(idp,))


async def make_account(database: Database) -> tuple[int, int]:
    """The keys of an account and of its person."""
    async with database.session() as session, session.begin():
        person = await make_person(session)
        account = Account(
            kind=AccountKind.PERSON, label="Aigul", person_id=person.id, created_at=NOW
        )
        session.add(account)
        await session.flush()
        identity = Identity(
            account_id=account.id, issuer="https://idp.test", subject="u7", created_at=NOW
        )
        session.add(identity)
        return account.id, person.id


async def admit(
    database: Database, settings: Settings, header: str | None, now: datetime = NOW
) -> SignedIn:
    async with database.reading_session() as session:
        return await Door.build(settings).admit(session, header, now)


async def refused(database: Database, settings: Settings, header: str, now: datetime = NOW) -> bool:
    with pytest.raises(NotAuthenticated):
        await admit(database, settings, header, now)
    return True


def foreign(**claims: Any) -> str:
    at = int(NOW.timestamp())
    content = {"iss": "https://idp.test", "aud": "zhoba", "sub": "u7", "iat": at, "exp": at + 600}
    return "Bearer " + jwt.encode({"alg": "RS256", "kid": "k"}, content | claims, KEY, ["RS256"])


async def test_no_header_is_anonymous(database: Database, settings: Settings) -> None:
    assert (await admit(database, settings, None)).actor == ANONYMOUS


async def test_own_token_admits_its_account(database: Database, settings: Settings) -> None:
    account, person = await make_account(database)
    token = own_token(settings, account, NOW)
    admitted = await admit(database, settings, f"bearer   {token} ")
    assert admitted.actor == Actor(person_id=person, account_id=account, label="Aigul")
    assert admitted.expires_at == NOW + timedelta(minutes=10)


async def test_foreign_token_admits_the_account_of_its_identity(
    database: Database, settings: Settings
) -> None:
    account, person = await make_account(database)
    admitted = await admit(database, settings, foreign())
    assert admitted.actor == Actor(person_id=person, account_id=account, label="Aigul")
    assert await refused(database, settings, foreign(sub="u8"))


async def test_foreign_issuer_cannot_name_accounts_directly(
    database: Database, settings: Settings
) -> None:
    account, _ = await make_account(database)
    assert await refused(database, settings, foreign(sub=f"Account:{account}"))


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic dTpw", "Bearer x", "zsk_a_b", "Bearer zsk_", "\x00"]
)
async def test_header_that_proves_nothing_is_refused(
    database: Database, settings: Settings, header: str
) -> None:
    assert await refused(database, settings, header)


async def test_token_ends_after_ten_minutes(database: Database, settings: Settings) -> None:
    account, _ = await make_account(database)
    header = f"Bearer {own_token(settings, account, NOW)}"
    last = NOW + timedelta(minutes=10, seconds=29)
    assert (await admit(database, settings, header, last)).actor.account_id == account
    assert await refused(database, settings, header, last + timedelta(seconds=1))


async def test_demo_token_holds_twelve_hours_and_only_in_the_demo(
    database: Database, settings: Settings
) -> None:
    account, _ = await make_account(database)
    demo = settings.model_copy(update={"demo": True})
    header = f"Bearer {own_token(demo, account, NOW)}"
    last = NOW + timedelta(hours=12)
    assert (await admit(database, demo, header, last)).actor.account_id == account
    assert await refused(database, demo, header, last + timedelta(minutes=1))
    assert await refused(database, settings, header)


@pytest.mark.parametrize(
    "change",
    [update(Account).values(locked_at=NOW), update(Person).values(archived_on=date(2026, 3, 1))],
    ids=["locked account", "archived person"],
)
async def test_closed_account_lets_nobody_in(
    database: Database, settings: Settings, change: Any
) -> None:
    account, _ = await make_account(database)
    ways = [f"Bearer {own_token(settings, account, NOW)}", foreign()]
    for header in ways:
        assert (await admit(database, settings, header)).actor.account_id == account
    async with database.session() as session, session.begin():
        await session.execute(change)
    for header in ways:
        assert await refused(database, settings, header)


@pytest.mark.parametrize("subject", ["Account:", "Account:-1", "Account:٣", "Person:1", "1"])
def test_own_token_of_a_strange_subject_is_refused(subject: str) -> None:
    with pytest.raises(NotAuthenticated):
        account_key(subject)


async def make_key(database: Database) -> tuple[str, int, int]:
    """A service key's text, and the keys of its row and of its owner."""
    async with database.session() as session, session.begin():
        await make_node(session, NodeKind.COUNTRY, None)
        owner = await make_person(session)
    async with transact(database, actor=OPERATOR, authority=OperatorAuthority(), now=NOW) as work:
        key, text = await create_service_key(
            work,
            owner.id,
            label="treasury",
            scopes=["project.read", "program.read"],
            expires_on=date(2026, 3, 2),
        )
    return text, key.id, owner.id


async def test_service_key_admits_its_owner_within_its_scopes(
    database: Database, settings: Settings
) -> None:
    text, _, owner = await make_key(database)
    actor = (await admit(database, settings, f"Bearer {text}")).actor
    assert (actor.person_id, actor.label) == (owner, "treasury")
    assert actor.scopes == frozenset({"project.read", "program.read"})


async def test_service_key_is_good_on_its_last_day_in_almaty(
    database: Database, settings: Settings
) -> None:
    text, _, _ = await make_key(database)
    midnight = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)  # Almaty is five hours ahead
    assert await admit(database, settings, f"Bearer {text}", midnight - timedelta(seconds=1))
    assert await refused(database, settings, f"Bearer {text}", midnight)


async def test_service_key_with_another_secret_or_prefix_is_refused(
    database: Database, settings: Settings
) -> None:
    text, _, _ = await make_key(database)
    _, prefix, secret = text.split("_", 2)
    for forged in (f"zsk_{prefix}_{secret[:-1]}", f"zsk_{prefix}", f"zsk_0000_{secret}", text[:8]):
        assert await refused(database, settings, f"Bearer {forged}")


async def test_revoked_service_key_is_refused(database: Database, settings: Settings) -> None:
    text, key, _ = await make_key(database)
    async with transact(database, actor=OPERATOR, authority=OperatorAuthority(), now=NOW) as work:
        await revoke_service_key(work, key)
    assert await refused(database, settings, f"Bearer {text}")


async def test_stored_service_key_does_not_hold_the_secret(database: Database) -> None:
    text, key_id, _ = await make_key(database)
    async with database.reading_session() as session:
        row = await session.get_one(ServiceKey, key_id)
        stored = json.dumps([row.hash, row.prefix, row.scopes])
    assert text.rpartition("_")[2] not in stored
    assert len(row.hash) == 64
