"""Two server processes on one database: what is done on one is told by the other."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from sqlalchemy import update

from core.db.engine import Database
from core.hierarchy.country import Country, rename_country
from core.people.account import Account
from core.texts import Names
from core.transaction import transact
from core.work import OPERATOR, OperatorAuthority
from tests.stories.serving import server
from zhoba.admin import grant_administration
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token

WATCH = "subscription ($under: ID) { nodeChanged(under: $under) { act node { __typename name } } }"
REGISTER = """
  mutation ($name: String!) {
    registerStateBody(input: {names: {en: $name}, kind: CENTRAL}) { userErrors { code } }
  }
"""


class Watcher:
    """A subscriber."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def say(self, message: dict[str, Any]) -> None:
        await self.connection.send(json.dumps(message))

    async def hear(self) -> Any:
        """The next message, but for knocks."""
        while True:
            message = json.loads(await asyncio.wait_for(self.connection.recv(), 60))
            if "knock" not in json.dumps(message):
                return message

    async def watch(self, database: Database, identifier: str) -> None:
        """Subscribe, and wait until it is heard: the protocol has no message that says so."""
        payload = {"query": WATCH, "variables": {"under": identifier}}
        await self.say({"type": "subscribe", "id": "1", "payload": payload})
        for _ in range(60):
            await knock(database)
            with suppress(TimeoutError):
                heard = await asyncio.wait_for(self.connection.recv(), 1)
                assert "knock" in heard
                return
        raise AssertionError("nothing was heard")


async def knock(database: Database) -> None:
    """Something done to the country that everyone may hear of."""
    async with transact(
        database, actor=OPERATOR, authority=OperatorAuthority(), now=datetime.now(UTC)
    ) as work:
        country = await work.session.get_one(Country, 1)
        work.record("knock", country, node_id=1)


@asynccontextmanager
async def connected(port: int, token: str | None) -> AsyncIterator[Watcher]:
    address = f"ws://127.0.0.1:{port}/graphql"
    async with websockets.connect(address, subprotocols=["graphql-transport-ws"]) as connection:  # type: ignore[list-item]
        watcher = Watcher(connection)
        payload = {"authorization": f"Bearer {token}"} if token else {}
        await watcher.say({"type": "connection_init", "payload": payload})
        assert await watcher.hear() == {"type": "connection_ack"}
        yield watcher


async def register(port: int, token: str, name: str) -> None:
    async with httpx.AsyncClient(timeout=60) as client:
        response = await client.post(
            f"http://127.0.0.1:{port}/graphql",
            json={"query": REGISTER, "variables": {"name": name}},
            headers={"authorization": f"Bearer {token}"},
            timeout=60,
        )
    assert response.json() == {"data": {"registerStateBody": {"userErrors": []}}}


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    (tmp_path / "data").mkdir()
    return Settings(database_url=database_url, data_dir=tmp_path / "data")


@pytest.fixture
async def administrator(database: Database, settings: Settings) -> int:
    return await grant_administration(
        database,
        family_name="Омаров",
        given_name="Айдар",
        now=datetime.now(UTC),
        rules=settings.rules(),
    )


def told(act: str, kind: str, name: str) -> dict[str, Any]:
    change = {"act": act, "node": {"__typename": kind, "name": name}}
    return {"id": "1", "type": "next", "payload": {"data": {"nodeChanged": change}}}


@pytest.mark.early
async def test_subscriber_on_one_server_hears_what_it_may_see_of_acts_on_the_other(
    database: Database, settings: Settings, administrator: int
) -> None:
    token = own_token(settings, administrator, datetime.now(UTC))
    async with server(settings) as one, server(settings) as other:
        async with connected(one.port, token) as watcher, connected(one.port, None) as stranger:
            await watcher.watch(database, "Country:1")
            await stranger.watch(database, "Country:1")
            await register(other.port, token, "Ministry of Water")
            assert await watcher.hear() == told(
                "stateBodyRegistered", "StateBody", "Ministry of Water"
            )
            await lock(database, administrator)
            await rename(database, "Kazakhstan renamed")
            # Whoever is not signed in sees the country and nothing of the body before it.
            assert await stranger.hear() == told("countryRenamed", "Country", "Kazakhstan renamed")
            while (heard := await watcher.hear())["type"] == "next":
                assert heard["payload"]["data"]["nodeChanged"]["act"].startswith("standard")
            assert heard["payload"][0]["extensions"]["code"] == "NOT_AUTHENTICATED"
        assert await other.stop() == -signal.SIGTERM  # ended in order, then by the signal it got


async def lock(database: Database, account: int) -> None:
    async with database.session() as session, session.begin():
        await session.execute(
            update(Account).where(Account.id == account).values(locked_at=datetime.now(UTC))
        )


async def rename(database: Database, name: str) -> None:
    async with transact(
        database, actor=OPERATOR, authority=OperatorAuthority(), now=datetime.now(UTC)
    ) as work:
        await rename_country(work, 1, expected_version=1, names=Names(en=name))
