"""Answers over real connections: sent without the application, and told apart by nobody."""

from __future__ import annotations

import asyncio
import io
import json
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import uvicorn
from sqlalchemy import update
from starlette.applications import Starlette
from uvicorn.server import ServerState

from core.decisions.log import DecisionLog
from core.people.account import Account
from core.people.session import SignInSession
from core.tokens import new_token
from schema.planner import run
from schema.planner.run import SqliteReads
from tests.zhoba.conftest import Client
from tests.zhoba.express.conftest import Place
from tests.zhoba.express.test_lane import TREE, alone, bearer, change_by_hand, express_of
from zhoba.express.express import Express
from zhoba.express.head import Heads
from zhoba.express.lane import ExpressLane
from zhoba.express.protocol import ExpressProtocol
from zhoba.express.snapshots import Listener, SqliteSnapshots
from zhoba.http.body import Asked
from zhoba.http.browser import CSRF_HEADER, SECURE_COOKIE

DOCUMENT = "{ projects { nodes { number } } }"
OTHER = "{ programs { totalCount } }"

pytestmark = alone


@dataclass
class Served:
    """The application behind a port, and how often it was called, or the lane was without it."""

    port: int
    state: ServerState
    proof: dict[str, str]
    calls: list[str]

    @property
    def protocol(self) -> ExpressProtocol:
        (found,) = self.state.connections
        assert isinstance(found, ExpressProtocol)
        return found

    def request(self, document: str = DOCUMENT, *, version: str = "1.1", url: str = "/graphql",
                **headers: str | None) -> bytes:  # fmt: skip
        body = json.dumps({"query": document}).encode()
        told = {
            "Host": "zhoba.test",
            "Content-Type": "application/json",
            "X-Correlation-Id": "same",
            "Content-Length": str(len(body)),
            **self.proof,
            **{name.replace("_", "-").title(): value for name, value in headers.items()},
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value is not None)
        return f"POST {url} HTTP/{version}\r\n{lines}\r\n".encode() + body


class Line:
    """A client's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, served: Served) -> Line:
        return cls(*await asyncio.open_connection("127.0.0.1", served.port))

    async def ask(self, *parts: bytes) -> bytes:
        """Send a request, each part in a packet of its own, and hear the answer."""
        for number, part in enumerate(parts):
            if number:
                await asyncio.sleep(0.05)  # or both would arrive as one
            self.writer.write(part)
            await self.writer.drain()
        return await self.answer()

    async def answer(self) -> bytes:
        async with asyncio.timeout(10):
            head = await self.reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"HTTP/1.1 100"):
                return await self.answer()
            (length,) = [
                int(line.partition(b":")[2])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            ]
            return head + await self.reader.readexactly(length)

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()

    async def ended(self) -> bool:
        async with asyncio.timeout(10):
            return await self.reader.read(1) == b""


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def told(answer: bytes) -> list[bytes]:
    """What an answer says, in whichever order its headers come."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return [*sorted(head.split(b"\r\n")), body]


@pytest.fixture
async def served(
    app: Starlette, client: Client, place: Place, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Served]:
    """The document and another one have been asked for so often that they are at hand. SQLite's
    answers wait for the snapshot as well; that they need not has tests of its own below."""
    express_of(app).near = None
    calls: list[str] = []
    call = ExpressLane.__call__

    async def noted(self: ExpressLane, scope: Any, receive: Any, send: Any) -> None:
        calls.append(scope["raw_path"].decode() + "?" + scope["query_string"].decode())
        await call(self, scope, receive, send)

    def begun(self: ExpressProtocol, work: Any) -> None:
        calls.append("lane")
        begin(self, work)

    begin = ExpressProtocol.begin
    monkeypatch.setattr(ExpressLane, "__call__", noted)
    monkeypatch.setattr(ExpressProtocol, "begin", begun)
    config = uvicorn.Config(app, http=ExpressProtocol, lifespan="off", log_config=None,
                            access_log=False, proxy_headers=False)  # fmt: skip
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: ExpressProtocol(config, state, {}), "127.0.0.1", 0
    )
    proof = bearer(client, place.accounts["office"])
    found = Served(server.sockets[0].getsockname()[1], state, proof, calls)
    line = await Line.open(found)
    for document in (DOCUMENT, OTHER):
        for _ in range(3):
            await line.ask(found.request(document))
    await line.close()
    assert calls == ["lane"] * 4  # the third time of each there was nothing left to find out
    calls.clear()
    yield found
    server.close()
    await server.wait_closed()


@pytest.fixture
async def line(served: Served) -> AsyncIterator[Line]:
    opened = await Line.open(served)
    yield opened
    await opened.close()


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


class Held:
    """Snapshots that are told when a test says so."""

    def __init__(self, app: Starlette) -> None:
        self.real = express_of(app).snapshots
        self.listeners: list[Listener] = []
        self.asked = asyncio.Event()
        express_of(app).snapshots = self

    def now(self) -> Any:
        return self.real.now()

    def tell(self, listener: Listener) -> None:
        self.listeners.append(listener)
        self.asked.set()

    async def close(self) -> None:
        await self.real.close()


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


class Gate:
    """Reads in the lane wait here until a test opens it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked, self.open = asyncio.Event(), asyncio.Event()
        self.ended: list[str] = []
        real = Express.answer

        async def answer(*given: Any, **named: Any) -> bytes | None:
            self.asked.set()
            try:
                await self.open.wait()
                return await real(*given, **named)
            except BaseException as error:
                self.ended.append(type(error).__name__)
                raise

        monkeypatch.setattr(Express, "answer", answer)


@pytest.fixture
def gate(served: Served, monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(monkeypatch)


async def no_tasks(served: Served) -> None:
    async with asyncio.timeout(10):
        while served.state.tasks:  # noqa: ASYNC110 - the server looks for them as well
            await asyncio.sleep(0)


@pytest.mark.parametrize("kept", [True, False])
async def test_a_read_that_is_waited_for_needs_no_application(
    app: Starlette, served: Served, line: Line, kept: bool
) -> None:
    express = express_of(app)
    if not kept:
        express.answers = None
    document = "{ projects { nodes { id number stage } } }"
    first = await line.ask(served.request(document))
    assert served.calls == ["lane"]
    app.state.express = None
    assert told(first) == told(await line.ask(served.request(document)))
    assert served.calls == ["lane", "/graphql?"]
    assert b'"stage"' in first


async def test_what_the_lane_leaves_is_looked_at_by_it_once(
    app: Starlette, served: Served, line: Line
) -> None:
    express = express_of(app)
    left, answered = express.left, express.answered
    refused = await line.ask(served.request("{ nothing }"))
    assert served.calls == ["lane", "/graphql?"]
    assert (express.left, express.answered) == (left + 1, answered)
    app.state.express = None
    assert told(refused) == told(await line.ask(served.request("{ nothing }")))


@pytest.mark.parametrize("behind", [0, 1, 2])
async def test_who_hangs_up_ends_the_read(
    served: Served, line: Line, gate: Gate, log_lines: io.StringIO, behind: int
) -> None:
    """Whatever was sent behind it, which nobody waits for either."""
    line.writer.write(served.request("{ regions { totalCount } }") + served.request() * behind)
    await gate.asked.wait()
    line.writer.transport.abort()
    await no_tasks(served)
    assert gate.ended == ["CancelledError"]
    assert served.calls == ["lane"]
    assert "client left" in log_lines.getvalue()
    assert "failed" not in log_lines.getvalue()


async def test_an_answer_for_nobody_is_not_sent(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client hangs up when the answer is there, but before it is sent."""
    answer = ExpressLane.answer

    async def late(*given: Any, **named: Any) -> Any:
        found = await answer(*given, **named)
        line.writer.transport.abort()
        while served.state.connections:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0)
        return found

    before = served.state.total_requests
    monkeypatch.setattr(ExpressLane, "answer", late)
    for document in ("{ regions { totalCount } }", "{ nothing }"):
        line = await Line.open(served)
        line.writer.write(served.request(document))
        assert await line.ended()
        await no_tasks(served)
    assert served.state.total_requests == before
    assert served.calls == ["lane"] * 2


@pytest.mark.parametrize("at_hand", [True, False])
async def test_a_fault_while_an_answer_is_sent_ends_the_connection(
    served: Served, line: Line, monkeypatch: pytest.MonkeyPatch, at_hand: bool
) -> None:
    def failing(*_given: Any) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(ExpressProtocol, "send", failing)
    line.writer.write(served.request(DOCUMENT if at_hand else "{ regions { totalCount } }"))
    assert await line.ended()
    await no_tasks(served)
    assert served.calls == ([] if at_hand else ["lane"])


async def test_what_takes_too_long_is_refused_without_the_application(
    app: Starlette, served: Served, line: Line, gate: Gate
) -> None:
    limits = express_of(app).operations.limits  # of this application alone
    object.__setattr__(limits, "seconds", 0.01)
    refused = await line.ask(served.request("{ regions { totalCount } }"))
    assert b'"code":"TIMED_OUT"' in refused
    assert refused.startswith(b"HTTP/1.1 504")
    assert (gate.ended, served.calls) == (["CancelledError"], ["lane"])
    gate.open.set()
    object.__setattr__(limits, "seconds", 10)
    assert b'"totalCount":1' in await line.ask(served.request("{ regions { totalCount } }"))


async def test_what_comes_behind_a_read_waits_for_it(
    served: Served, line: Line, gate: Gate
) -> None:
    line.writer.write(served.request("{ regions { totalCount } }") + served.request())
    await gate.asked.wait()
    assert served.calls == ["lane"]
    gate.open.set()
    assert b'"regions"' in await line.answer()
    assert b'"projects"' in await line.answer()


async def test_a_server_that_ends_sends_what_is_being_read(
    served: Served, line: Line, gate: Gate
) -> None:
    line.writer.write(served.request("{ regions { totalCount } }"))
    await gate.asked.wait()
    served.protocol.shutdown()
    gate.open.set()
    last = await line.answer()
    assert b'"totalCount":1' in last
    assert b"\r\nconnection: close\r\n" in last
    assert await line.ended()


async def test_a_server_that_waits_no_longer_hangs_up(
    served: Served, line: Line, gate: Gate
) -> None:
    line.writer.write(served.request("{ regions { totalCount } }"))
    await gate.asked.wait()
    (task,) = served.state.tasks
    task.cancel()
    assert await line.ended()
    await no_tasks(served)
    assert served.calls == ["lane"]


async def test_a_fault_of_the_lane_leaves_the_request_to_the_application(
    served: Served, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = await line.ask(served.request("{ regions { totalCount } }"))
    served.calls.clear()

    async def failing(*_given: Any, **_named: Any) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(ExpressLane, "answer", failing)
    assert told(usual) == told(await line.ask(served.request("{ regions { totalCount  } }")))
    assert served.calls == ["lane", "/graphql?"]


@pytest.fixture
def here(app: Starlette, served: Served) -> Served:
    """The same, where short reads are done before there is a task; what was kept is gone."""
    express, reads = express_of(app), app.state.operations.services.reads
    if not isinstance(reads, SqliteReads):
        pytest.skip("answers of PostgreSQL are waited for")
    assert isinstance(express.snapshots, SqliteSnapshots)
    express.near = reads, express.snapshots
    if express.answers is not None:
        express.answers.kept.clear()
    return served


@pytest.fixture
def new(app: Starlette, place: Place) -> str:
    """What nobody has asked, though the document was met, as were two like it."""
    document = f'{{ project(id: "Project:{place.world.project.id}") {{ number name }} }}'
    for field in ("name", "id", "stage"):
        express_of(app).documents.whole(Asked(document.replace("name", field), {}, None))
    return document


@pytest.mark.parametrize("kept", [True, False])
async def test_a_short_read_needs_no_application(
    app: Starlette, here: Served, line: Line, new: str, kept: bool
) -> None:
    express = express_of(app)
    hits = express.answers.hits
    if not kept:
        express.answers = None
    first, again = [await line.ask(here.request(new)) for _ in range(2)]
    assert here.calls == []
    assert first == again
    app.state.express = None
    assert told(first) == told(await line.ask(here.request(new)))
    assert here.calls == ["/graphql?"]
    if kept:
        assert (express.answers.hits - hits, len(express.answers.kept)) == (1, 1)


async def test_what_is_missing_from_a_short_read_is_said_and_logged_each_time(
    client: Client,
    place: Place,
    here: Served,
    line: Line,
    new: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here.proof = bearer(client, place.accounts["manager"])
    unit = "parent { ... on ProjectGroup { responsibleUnit { name } } }"
    denied = new.replace("name", unit)
    usual = body_of(await line.ask(here.request(denied)))  # signs in
    here.calls.clear()
    noted: list[Any] = []
    monkeypatch.setattr(DecisionLog, "note", lambda _, *lines: noted.append(len(lines)))
    for _ in range(3):
        assert body_of(await line.ask(here.request(denied))) == usual
    assert b'"FORBIDDEN"' in usual
    assert here.calls == []
    assert noted == [noted[0]] * 3
    assert noted[0] > 0


async def test_a_document_that_was_not_met_is_judged_in_a_task(
    here: Served, line: Line, new: str
) -> None:
    document = new.replace("name", "goal")
    answers = [await line.ask(here.request(document)) for _ in range(2)]
    assert answers == [answers[0]] * 2
    assert here.calls == ["lane"]


async def test_a_longer_read_takes_a_task(
    here: Served, line: Line, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = await line.ask(here.request(new))
    monkeypatch.setattr(run, "SHORT_COST", 0)
    other = here.request(new.replace("name", "stage"))
    assert b'"stage"' in await line.ask(other)
    assert here.calls == ["lane"]
    assert usual == await line.ask(here.request(new))


async def test_a_write_beside_a_short_read_leaves_it_to_a_task(
    app: Starlette, here: Served, line: Line, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    express = express_of(app)
    usual = await line.ask(here.request(new))
    express.answers.kept.clear()
    real, looks = express.snapshots.look, []

    def look() -> str:
        looks.append(real())
        return looks[-1] if len(looks) != 2 else "another"

    monkeypatch.setattr(express.snapshots, "look", look)
    assert usual == await line.ask(here.request(new))
    assert here.calls == ["lane"]
    assert {kept.snapshot for kept in express.answers.kept.values()} == {real()}


@pytest.mark.parametrize(
    "refused",
    ["{ nothing }", "{ programs(first: 0) { nodes { id } } }", "{", "mutation { nothing }"],
)
async def test_what_is_refused_is_refused_by_the_application(
    app: Starlette, here: Served, line: Line, new: str, refused: str
) -> None:
    answer = await line.ask(here.request(refused))
    assert here.calls == ["lane", "/graphql?"]
    app.state.express = None
    assert told(answer) == told(await line.ask(here.request(refused)))


async def test_a_change_is_in_the_next_short_read(
    here: Served, line: Line, new: str, database_url: str
) -> None:
    for number in ("PRJ-2026-000017", "PRJ-2026-000018"):
        await change_by_hand(database_url, f"UPDATE project SET number = '{number}'")
        for document in (DOCUMENT, "{ projects { nodes { number id } } }", DOCUMENT):
            assert f'"number":"{number}"'.encode() in await line.ask(here.request(document))


async def test_a_locked_account_reads_nothing(
    app: Starlette, place: Place, here: Served, line: Line, new: str
) -> None:
    assert b'"data"' in await line.ask(here.request(new))
    async with app.state.operations.services.database.session() as session, session.begin():
        account = await session.get_one(Account, place.accounts["office"])
        account.locked_at = datetime.now(UTC)
    for _ in range(3):
        assert b'"NOT_AUTHENTICATED"' in await line.ask(here.request(new))


async def test_a_database_that_is_away_is_the_applications_to_tell(
    app: Starlette, here: Served, line: Line, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> str:
        raise sqlite3.OperationalError("unable to open database file")

    usual = await line.ask(here.request(new))
    with monkeypatch.context() as patch:
        patch.setattr(express_of(app).snapshots, "look", away)
        assert b'"data"' in await line.ask(here.request(new))  # without the lane
    assert here.calls == ["lane", "/graphql?"]
    assert usual == await line.ask(here.request(new))


async def test_of_many_reads_in_one_packet_the_first_is_done_at_once(
    here: Served, line: Line, new: str
) -> None:
    documents = [new, new.replace("name", "id"), new.replace("name", "stage")]
    line.writer.write(b"".join(here.request(each) for each in documents))
    together = [await line.answer() for _ in documents]
    assert here.calls == ["lane", "/graphql?"]
    assert together == [await line.ask(here.request(each)) for each in documents]
    assert here.calls == ["lane", "/graphql?"]


async def test_what_is_too_large_to_be_read_at_once_is_refused_once(
    app: Starlette, here: Served, line: Line, new: str
) -> None:
    limits = express_of(app).operations.limits  # of this application alone
    object.__setattr__(limits, "response_bytes", 20)
    refused = [await line.ask(here.request(new)) for _ in range(2)]
    assert here.calls == []
    app.state.express = None
    refused.append(await line.ask(here.request(new)))
    assert b'"code":"RESPONSE_TOO_LARGE"' in refused[0]
    assert [told(each) for each in refused] == [told(refused[0])] * 3
