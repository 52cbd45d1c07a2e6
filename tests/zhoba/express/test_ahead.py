"""Reads that begin while who asks again signs in again, and what becomes of them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete
from starlette.applications import Starlette

from core.authority.appointment import Appointment
from core.people.account import Account
from tests.zhoba.conftest import Client
from tests.zhoba.express.place import TREE, Place, alone, bearer, change_by_hand, express_of
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
    app: Starlette, served: Served, line: Line, slow: Slow, database_url: str
) -> None:
    answers = express_of(app).answers
    counted = answers.hits, answers.misses
    await change_by_hand(database_url, "UPDATE project SET number = 'PRJ-2026-000017'")
    assert b'"number":"PRJ-2026-000017"' in await line.ask(served.request())
    assert slow.done == ["read", "sign-in"]
    assert (answers.hits, answers.misses) == (counted[0], counted[1] + 1)
    await line.ask(served.request())
    assert slow.done == ["read", "sign-in"]
    assert (answers.hits, answers.misses) == (counted[0] + 1, counted[1] + 1)


async def test_what_is_outdated_is_read_before_the_snapshot_is_told(
    app: Starlette, served: Served, line: Line, slow: Slow
) -> None:
    usual, express = await line.ask(served.request()), express_of(app)
    answers = express.answers
    answers.kept.clear()
    counted = answers.hits, answers.misses
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
    assert (answers.hits, answers.misses) == (counted[0], counted[1] + 1)


@pytest.mark.parametrize("told", [True, False])
async def test_what_is_read_for_who_hangs_up_ends(
    app: Starlette, served: Served, line: Line, monkeypatch: pytest.MonkeyPatch, told: bool
) -> None:
    """Before the snapshot is told, or while its sender signs in again."""
    express, ended = express_of(app), asyncio.Event()

    async def endless(*_given: Any) -> Any:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def unheard(*_given: Any) -> Any:
        await asyncio.Event().wait()

    express.answers.kept.clear()
    monkeypatch.setattr(Express, "read", endless)
    monkeypatch.setattr(SignIns, "anew", unheard)
    held = Held(app)
    held.latest = "a snapshot of which there is no answer"
    line.writer.write(served.request())
    await held.asked.wait()
    (listener,) = held.listeners
    if told:
        listener("a snapshot under which nobody has signed in")
    line.writer.transport.abort()
    async with asyncio.timeout(10):
        while served.state.connections:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0)
        if not told:
            listener("a snapshot under which nobody has signed in")
        await ended.wait()
    assert express.flights.inside == {}
    for flight in express.sign_ins.flights.values():
        flight.cancel()


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


async def test_a_read_that_fails_is_the_applications_to_tell(
    served: Served, line: Line, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_given: Any) -> None:
        raise OSError("the database is away")

    monkeypatch.setattr(Express, "read", failing)
    await change_by_hand(database_url, "UPDATE project SET number = 'PRJ-2026-000017'")
    assert b'"number":"PRJ-2026-000017"' in await line.ask(served.request())
    assert served.calls == ["lane", "/graphql?"]


@pytest.mark.parametrize("may", [True, False])
async def test_what_was_read_under_another_snapshot_counts_if_the_sender_may_still_read(
    app: Starlette, place: Place, served: Served, line: Line, slow: Slow, database_url: str,
    monkeypatch: pytest.MonkeyPatch, may: bool,
) -> None:  # fmt: skip
    """Something is committed between the read and the sign-in, which it may have been about."""
    read = Express.read

    async def followed(self: Express, *given: Any) -> Any:
        found = await read(self, *given)
        if slow.done == ["read"]:
            change = "UPDATE project SET goal = 'x'" if may else "DELETE FROM appointment"
            await change_by_hand(database_url, change)
        return found

    monkeypatch.setattr(Express, "read", followed)
    await change_by_hand(database_url, "UPDATE project SET number = 'PRJ-2026-000017'")
    answer = body_of(await line.ask(served.request()))
    if may:
        assert b'"number":"PRJ-2026-000017"' in answer
    else:
        assert answer == b'{"data":{"projects":{"nodes":[]}}}'
    assert slow.done.count("read") == (1 if may else 2)


async def test_what_is_kept_for_others_is_not_read_again(
    client: Client, place: Place, served: Served, line: Line, slow: Slow, database_url: str
) -> None:
    """Nor what is kept with errors, which are told by a task each time."""
    office, served.proof = served.proof, bearer(client, place.accounts["colleague"])
    for _ in range(2):
        await line.ask(served.request())
    slow.done.clear()
    await change_by_hand(database_url, "UPDATE project SET number = 'PRJ-2026-000017'")
    answers = [await line.ask(served.request())]
    served.proof = office
    answers += [await line.ask(served.request()) for _ in range(2)]
    assert answers == [answers[0]] * 3
    assert slow.done == ["read", "sign-in", "sign-in"]
    served.proof = bearer(client, place.accounts["manager"])
    denied = [body_of(await line.ask(served.request(TREE))) for _ in range(4)]
    assert denied == [denied[0]] * 4
    assert slow.done == ["read", "sign-in", "sign-in", "sign-in", "read"]
