"""A server killed in the middle of writing: what it acknowledged is there, and nothing twice."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from core.audit.chain import verify_chain
from core.audit.entry import AuditEntry
from core.db.engine import Database
from core.events.outbox import OutboxEvent
from core.people.person import Person
from core.transaction import NO_BODY
from tests.stories.serving import Server, server
from zhoba.admin import grant_administration
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token

REGISTER = """
  mutation ($name: String!, $key: String!) {
    registerPerson(input: {familyName: $name, givenName: "Killed", idempotencyKey: $key}) {
      person { id fullName } userErrors { code }
    }
  }
"""

ACTS = 60
"""Acts in one attempt; the server is killed when a third of them is acknowledged."""


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    (tmp_path / "data").mkdir()
    return Settings(database_url=database_url, data_dir=tmp_path / "data")


class Clerk:
    """Registers persons, each with a key of its own, and remembers what was acknowledged."""

    def __init__(self, token: str) -> None:
        self.headers = {"authorization": f"Bearer {token}"}
        self.acknowledged: dict[int, Any] = {}

    async def register(self, client: httpx.AsyncClient, running: Server, number: int) -> None:
        variables = {"name": f"Person{number:03d}", "key": f"key-{number}"}
        try:
            response = await client.post(
                f"http://127.0.0.1:{running.port}/graphql",
                json={"query": REGISTER, "variables": variables},
                headers=self.headers,
            )
        except httpx.TransportError:
            return
        payload = response.json()["data"]["registerPerson"]
        assert payload["userErrors"] == []
        known = self.acknowledged.setdefault(number, payload["person"])
        assert payload["person"] == known, "a replay answered something else"

    async def register_all(self, running: Server, *, kill_after: int | None = None) -> None:
        places = asyncio.Semaphore(8)

        async def one(number: int) -> None:
            async with places:
                await self.register(client, running, number)
            if kill_after is not None and len(self.acknowledged) >= kill_after:
                await running.kill()

        async with httpx.AsyncClient(timeout=60) as client:
            await asyncio.gather(*(one(number) for number in range(ACTS)))


@pytest.mark.early
async def test_a_killed_server_loses_nothing_and_does_nothing_twice(
    database: Database, settings: Settings
) -> None:
    now = datetime.now(UTC)
    account = await grant_administration(
        database, family_name="Омаров", given_name="Айдар", now=now, rules=settings.rules()
    )
    clerk = Clerk(own_token(settings, account, now))
    async with server(settings) as running:
        await clerk.register_all(running, kill_after=ACTS // 3)
    survived = dict(clerk.acknowledged)
    assert ACTS // 3 <= len(survived) < ACTS
    async with server(settings) as running:
        await clerk.register_all(running)

    assert len(clerk.acknowledged) == ACTS
    assert {number: clerk.acknowledged[number] for number in survived} == survived
    async with database.session() as session:
        names = (
            await session.scalars(select(Person.family_name).where(Person.given_name == "Killed"))
        ).all()
        assert sorted(names) == [f"Person{number:03d}" for number in range(ACTS)]
        entries = await session.scalar(
            select(func.count()).where(
                AuditEntry.act == "personRegistered", AuditEntry.actor != "operator"
            )
        )
        events = await session.scalar(
            select(func.count()).where(OutboxEvent.act == "personRegistered")
        )
        assert entries == ACTS
        assert events is not None
        assert events >= ACTS
        assert await verify_chain(session, NO_BODY) is None
