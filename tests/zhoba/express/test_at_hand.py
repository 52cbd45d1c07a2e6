"""Answers at hand, over real connections: sent without the application; nobody can tell."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from starlette.applications import Starlette

from core.people.account import Account
from core.people.session import SignInSession
from core.tokens import new_token
from tests.zhoba.conftest import Client
from tests.zhoba.express.place import TREE, Place, alone, bearer, change_by_hand, express_of
from tests.zhoba.express.serving import DOCUMENT, OTHER, Held, Line, Served, body_of, told
from zhoba.express.head import Heads
from zhoba.http.browser import CSRF_HEADER, SECURE_COOKIE

pytestmark = alone


async def test_nobody_can_tell_whether_the_application_was_asked(
    app: Starlette, served: Served, line: Line
) -> None:
    quick = await line.ask(served.request())
    assert served.calls == []
    assert b'"number":"PRJ-' in quick
    express, app.state.express = express_of(app), None
    assert told(quick) == told(await line.ask(served.request()))
    app.state.express = express
    assert served.calls == ["/graphql?"]
    counted = express.answered
    assert quick == await line.ask(served.request())
    assert express.answered == counted + 1
    assert served.state.total_requests >= 9


@pytest.mark.parametrize(
    "unusual",
    [
        {"connection": "close"},
        {"version": "1.0"},
        {"url": "/graphql?a=b"},
        {"expect": "100-continue"},
        {"accept": "text/html"},
        {"cookie": f"{SECURE_COOKIE}=a", "authorization": None},
    ],
    ids=str,
)
async def test_what_is_unusual_goes_the_applications_way(
    served: Served, line: Line, unusual: dict[str, Any]
) -> None:
    usual = await line.ask(served.request())
    sent = await line.ask(served.request(**unusual))
    assert [call.partition("?")[0] for call in served.calls] == ["/graphql"]
    if not unusual.keys() & {"cookie", "accept"}:
        assert body_of(sent) == body_of(usual)
    if unusual.keys() & {"connection", "version"}:
        assert await line.ended()


async def test_headers_are_read_once_until_others_come(
    client: Client, place: Place, served: Served, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[Any] = []
    read = Heads.read

    def noted(self: Heads, given: Any) -> Any:
        reads.append(given)
        return read(self, given)

    monkeypatch.setattr(Heads, "read", noted)
    usual = await line.ask(served.request())
    other = await line.ask(served.request(accept="application/graphql-response+json"))
    assert b"content-type: application/json\r\n" in usual
    assert b"content-type: application/graphql-response+json\r\n" in other
    assert body_of(other) == body_of(usual)
    assert served.calls == []
    assert len(reads) == 2
    for _ in range(3):
        assert await line.ask(served.request(accept="application/graphql-response+json")) == other
    assert len(reads) == 2
    office, served.proof = served.proof, {"Authorization": "Bearer nobody"}
    assert b'"NOT_AUTHENTICATED"' in await line.ask(served.request())
    served.proof = bearer(client, place.accounts["manager"])
    assert b'"data"' in await line.ask(served.request(TREE))
    served.proof = office
    assert await line.ask(served.request()) == usual


async def session_of(app: Starlette, account: int) -> str:
    """What the browser of an account holds."""
    text, kept = new_token()
    now = datetime.now(UTC)
    async with app.state.operations.services.database.session() as session, session.begin():
        session.add(
            SignInSession(account_id=account, hash=kept, created_at=now, last_seen_at=now,
                          expires_at=now + timedelta(hours=1))
        )  # fmt: skip
    return text


async def test_sessions_of_browsers_are_told_apart_on_one_connection(
    app: Starlette, place: Place, served: Served, line: Line
) -> None:
    """As behind a proxy, which sends what many browsers ask over a few connections."""
    served.proof = {}
    office, manager = [
        f"{SECURE_COOKIE}={await session_of(app, place.accounts[name] or 0)}"
        for name in ("office", "manager")
    ]

    async def ask(cookie: str, csrf: str | None = "1") -> bytes:
        return body_of(
            await line.ask(served.request(TREE, cookie=cookie, **{CSRF_HEADER.lower(): csrf}))
        )

    whole, denied = [await ask(each) for each in (office, manager)]
    assert b'"FORBIDDEN"' not in whole
    assert b'"FORBIDDEN"' in denied
    for _ in range(3):
        assert [await ask(each) for each in (office, manager)] == [whole, denied]
        assert b'"CSRF_HEADER_MISSING"' in await ask(office, None)
    assert served.calls.count("/graphql?") == 3  # the requests without our header
    async with app.state.operations.services.database.session() as session, session.begin():
        await session.execute(update(SignInSession).values(ended_at=datetime.now(UTC)))
    assert b'"NOT_AUTHENTICATED"' in await ask(office)
    assert b'"NOT_AUTHENTICATED"' in await ask(manager)


async def test_a_header_twice_goes_the_applications_way(served: Served, line: Line) -> None:
    usual = await line.ask(served.request())
    again = b"\r\nAccept-Language: en" * 2 + b"\r\n\r\n"
    twice = served.request().replace(b"\r\n\r\n", again, 1)
    assert body_of(await line.ask(twice)) == body_of(usual)
    assert served.calls == ["/graphql?"]


async def test_a_body_in_chunks_is_a_body(served: Served, line: Line) -> None:
    usual = await line.ask(served.request())
    head, _, body = served.request().partition(b"\r\n\r\n")
    head = re.sub(rb"Content-Length: \d+", b"Transfer-Encoding: chunked", head)
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:9], body[9:]))
    assert usual == await line.ask(head + b"\r\n\r\n" + chunks + b"0\r\n\r\n")
    assert served.calls == []


async def test_what_is_no_request_behind_a_good_one_ends_the_connection(
    served: Served, line: Line
) -> None:
    line.writer.write(served.request() + b"\0\0\0\0\r\n\r\n")
    async with asyncio.timeout(10):
        heard = await line.reader.read()
    assert b"HTTP/1.1 400" in heard
    assert served.calls == []


async def test_what_is_to_be_logged_is_a_task_each_time(
    client: Client, place: Place, served: Served, line: Line
) -> None:
    """An answer in which something is denied."""
    served.proof = bearer(client, place.accounts["manager"])
    denied = served.request(TREE)
    answers = [body_of(await line.ask(denied)) for _ in range(4)]
    assert b'"FORBIDDEN"' in answers[0]
    assert answers == [answers[0]] * 4
    assert served.calls == ["lane"] * 4


async def test_a_locked_account_is_refused_at_once(
    app: Starlette, place: Place, served: Served, line: Line
) -> None:
    assert b'"data"' in await line.ask(served.request())
    async with app.state.operations.services.database.session() as session, session.begin():
        account = await session.get_one(Account, place.accounts["office"])
        account.locked_at = datetime.now(UTC)
    for _ in range(3):
        assert b'"NOT_AUTHENTICATED"' in await line.ask(served.request())


@pytest.mark.parametrize("cut", [10, -10])
async def test_a_request_in_pieces_is_waited_for(served: Served, line: Line, cut: int) -> None:
    usual, whole = await line.ask(served.request()), served.request()
    assert usual == await line.ask(whole[:cut], whole[cut:])
    assert len(served.calls) == (0 if cut > 0 else 1)
    assert usual == await line.ask(whole)


async def test_answers_come_in_the_order_of_their_requests(served: Served, line: Line) -> None:
    one, other = [await line.ask(served.request(each)) for each in (DOCUMENT, OTHER)]
    assert one != other
    long_way = served.request("{ regions { totalCount } }")
    known, met = served.request(), served.request(OTHER)
    line.writer.write(known + met + long_way + known + long_way + met)
    answers = [await line.answer() for _ in range(6)]
    assert [answers[0], answers[1], answers[3], answers[5]] == [one, other, one, other]
    assert answers[2] == answers[4]
    assert b'{"regions":{"totalCount":1}}' in answers[2]


async def test_a_change_is_in_the_next_answer(
    served: Served, line: Line, database_url: str
) -> None:
    for number in ("PRJ-2026-000017", "PRJ-2026-000018"):
        await change_by_hand(database_url, f"UPDATE project SET number = '{number}'")
        for _ in range(3):
            assert f'"number":"{number}"'.encode() in await line.ask(served.request())


async def test_who_hangs_up_is_forgotten(app: Starlette, served: Served, line: Line) -> None:
    held = Held(app)
    line.writer.write(served.request())
    await held.asked.wait()
    line.writer.transport.abort()
    async with asyncio.timeout(10):
        while served.state.connections:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0)
    (listener,) = held.listeners
    before = express_of(app).answered, served.state.total_requests
    listener(await held.now())
    assert served.calls == []
    assert (express_of(app).answered, served.state.total_requests) == before


@pytest.mark.parametrize("moved", [False, True])
async def test_an_answer_that_is_not_at_hand_after_all_is_read(
    app: Starlette, served: Served, line: Line, moved: bool
) -> None:
    """The database is away, or something was committed; what was sent behind it still waits."""
    usual, other = await line.ask(served.request()), await line.ask(served.request(OTHER))
    held = Held(app)
    line.writer.write(served.request() + served.request(OTHER))
    await held.asked.wait()
    (listener,) = held.listeners
    listener("another" if moved else None)
    assert await line.answer() == usual
    assert await line.answer() == other
    assert served.calls == ["lane", "/graphql?"]


async def test_a_server_that_ends_sends_what_is_under_way(
    app: Starlette, served: Served, line: Line
) -> None:
    usual = await line.ask(served.request())
    held = Held(app)
    line.writer.write(served.request())
    await held.asked.wait()
    served.protocol.shutdown()
    (listener,) = held.listeners
    listener(await held.now())
    last = await line.answer()
    assert last == usual.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n", 1)
    assert await line.ended()


async def test_who_does_not_read_is_not_sent_more(served: Served, line: Line) -> None:
    usual = await line.ask(served.request())
    served.protocol.pause_writing()
    line.writer.write(served.request())
    async with asyncio.timeout(10):
        while not served.calls:  # noqa: ASYNC110 - nor does the lane
            await asyncio.sleep(0)
    served.protocol.resume_writing()
    assert await line.answer() == usual


async def test_what_is_too_large_is_refused_as_ever(
    app: Starlette, served: Served, line: Line
) -> None:
    limits = express_of(app).operations.limits  # of this application alone
    await line.ask(served.request())
    object.__setattr__(limits, "response_bytes", 20)
    refused = await line.ask(served.request())
    assert b'"code":"RESPONSE_TOO_LARGE"' in refused
    assert served.calls == ["lane"]
