"""Reads that begin while who asks again signs in again, and what becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete
from starlette.applications import Starlette

from core.authority.appointment import Appointment
from core.people.account import Account
from tests.zhoba.conftest import Client
from tests.zhoba.express.place import Place, alone, bearer, change_by_hand, express_of
from tests.zhoba.express.serving import Held, Line, Served, body_of
from zhoba.express.express import Express
from zhoba.express.sign_ins import SignIns

pytestmark = alone

PHONES = "{ persons { nodes { phone } } }"


class Slow:
    """Who signs in waits for the reads that have begun; what was read, and before which sign-in."""

    def __init__(self, express: Express, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[str] = []
        anew, read = SignIns.anew, Express.read

        async def late(signing: SignIns, *given: Any) -> Any:
            begun = [flight.task for flight in express.flights.inside.values()]
            async with asyncio.timeout(10):
                await asyncio.gather(*begun)
            self.done.append("sign-in")
            return await anew(signing, *given)

        async def noted(reading: Express, *given: Any) -> Any:
            self.done.append("read")
            return await read(reading, *given)

        monkeypatch.setattr(SignIns, "anew", late)
        monkeypatch.setattr(Express, "read", noted)


@pytest.fixture
def slow(app: Starlette, served: Served, monkeypatch: pytest.MonkeyPatch) -> Slow:
    return Slow(express_of(app), monkeypatch)


async def test_the_read_begins_before_the_sender_has_signed_in_again(
    served: Served, line: Line, slow: Slow, database_url: str
) -> None:
    await change_by_hand(database_url, "UPDATE project SET number = 'PRJ-2026-000017'")
    assert b'"number":"PRJ-2026-000017"' in await line.ask(served.request())
    assert slow.done == ["read", "sign-in"]
    await line.ask(served.request())
    assert slow.done == ["read", "sign-in"]


async def test_what_is_outdated_is_read_before_the_snapshot_is_told(
    app: Starlette, served: Served, line: Line, slow: Slow
) -> None:
    usual, express = await line.ask(served.request()), express_of(app)
    express.answers.kept.clear()
    held = Held(app)
    held.latest = "a snapshot of which there is no answer"
    line.writer.write(served.request())
    await held.asked.wait()
    async with asyncio.timeout(10):
        while not slow.done or express.flights.inside:  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0)
    (listener,) = held.listeners
    listener(await held.now())
    assert await line.answer() == usual
    assert slow.done == ["read"]
    assert served.calls == []


async def test_what_was_read_ahead_is_kept_for_who_still_may_read_it(
    app: Starlette, client: Client, place: Place, served: Served, line: Line, slow: Slow
) -> None:
    """And told to nobody else: he asks again who may read it no more."""
    usual = body_of(await line.ask(served.request()))
    assert b'"number"' in usual
    async with app.state.operations.services.database.session() as session, session.begin():
        person = (await session.get_one(Account, place.accounts["office"])).person_id
        await session.execute(delete(Appointment).where(Appointment.person_id == person))
    assert body_of(await line.ask(served.request())) == b'{"data":{"projects":{"nodes":[]}}}'
    assert slow.done == ["read", "sign-in", "read"]
    served.proof = bearer(client, place.accounts["colleague"])
    assert body_of(await line.ask(served.request())) == usual
    assert slow.done == ["read", "sign-in", "read", "sign-in"]


async def test_for_who_is_refused_nothing_is_read_the_next_time(
    app: Starlette, place: Place, served: Served, line: Line, slow: Slow
) -> None:
    async with app.state.operations.services.database.session() as session, session.begin():
        account = await session.get_one(Account, place.accounts["office"])
        account.locked_at = datetime.now(UTC)
    for _ in range(3):
        assert b'"NOT_AUTHENTICATED"' in await line.ask(served.request())
    assert slow.done == ["read", *["sign-in"] * 3]


async def test_personal_data_is_read_for_those_only_who_are_told(
    client: Client, place: Place, served: Served, line: Line, slow: Slow, database_url: str
) -> None:
    served.proof = bearer(client, place.accounts["hr"])
    for _ in range(2):
        assert b'"+7 701"' in await line.ask(served.request(PHONES))
    slow.done.clear()
    await change_by_hand(database_url, "UPDATE project SET number = 'PRJ-2026-000017'")
    assert b'"+7 701"' in await line.ask(served.request(PHONES))
    assert slow.done == ["sign-in", "read"]


@pytest.mark.parametrize("fails", [True, False])
async def test_a_read_that_fails_is_the_applications_to_tell(
    served: Served,
    line: Line,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    fails: bool,
) -> None:
    """Or, if it is of a later moment than the request's, told once the sender has signed in."""
    real, number = Express.read, "PRJ-2026-000017"
    tried: list[str] = []

    async def noted(self: Express, *given: Any) -> Sequence[Any]:
        tried.append("read")
        if fails:
            raise OSError("the database is away")
        text, _, exact = await real(self, *given)
        return text, "another", exact

    monkeypatch.setattr(Express, "read", noted)
    await change_by_hand(database_url, f"UPDATE project SET number = '{number}'")
    answer = await line.ask(served.request())
    assert f'"number":"{number}"'.encode() in answer
    assert served.calls == (["lane", "/graphql?"] if fails else ["lane"])
    assert len(tried) <= 2
