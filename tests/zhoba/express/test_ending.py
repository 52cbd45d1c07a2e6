"""Requests that end early: nobody waits, too late, too large, or somebody else reads the same."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy.engine import make_url
from starlette.applications import Starlette

from core.messages import Messages
from schema.planner import run as planner_run
from schema.planner.plan import Ready
from schema.planner.run import SqliteReads, read_sqlite, statements
from tests.zhoba.conftest import Client, client_of
from tests.zhoba.express.place import Place, bearer, change_by_hand, express_of
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token

LIST = "{ projects { totalCount nodes { number } } }"
"""Read in a thread on SQLite, since it may scan a long list."""


class Held:
    """A database that lets no read of projects end before it is told to."""

    async def begun(self) -> None:
        """Wait until a read is under way."""

    async def stopped(self) -> None:
        """Wait until it has been ended from outside."""

    async def release(self) -> None:
        """Let reads go on."""


class HeldPostgres(Held):
    """A lock on the table, which reads wait for; the server says who waits."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    async def waiting(self) -> int:
        found: int = await self.connection.fetchval(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return found

    async def begun(self) -> None:
        async with asyncio.timeout(10):
            while await self.waiting() == 0:
                pass

    async def stopped(self) -> None:
        async with asyncio.timeout(10):
            while await self.waiting() > 0:
                pass

    async def release(self) -> None:
        await self.connection.execute("ROLLBACK")


class Interruptible(sqlite3.Connection):
    """A connection that tells when it is interrupted."""

    go: threading.Event

    def interrupt(self) -> None:
        super().interrupt()
        self.go.set()


class HeldSqlite(Held):
    """A connection that waits in the middle of its first statement."""

    def __init__(self, reads: SqliteReads) -> None:
        loop = asyncio.get_running_loop()
        self.reading = asyncio.Event()
        self.go = threading.Event()
        path = make_url(reads.url).database
        connection = sqlite3.connect(
            f"file:{path}?mode=ro", uri=True, check_same_thread=False, isolation_level=None,
            factory=Interruptible,
        )  # fmt: skip
        connection.text_factory = bytes
        connection.go = self.go

        def wait() -> int:
            loop.call_soon_threadsafe(self.reading.set)
            self.go.wait(10)
            return 0

        connection.set_progress_handler(wait, 1)
        reads.opened.append(connection)
        reads.far.put(connection)

    async def begun(self) -> None:
        await asyncio.wait_for(self.reading.wait(), 10)

    async def stopped(self) -> None:
        assert await asyncio.to_thread(self.go.wait, 10)

    async def release(self) -> None:
        self.go.set()


@asynccontextmanager
async def held(app: Starlette, url: str) -> AsyncIterator[Held]:
    reads = app.state.operations.services.reads
    if isinstance(reads, SqliteReads):
        holding = HeldSqlite(reads)
        yield holding
        holding.go.set()
        return
    connection = await asyncpg.connect(url)
    await connection.execute("BEGIN; LOCK TABLE project IN ACCESS EXCLUSIVE MODE")
    try:
        yield HeldPostgres(connection)
    finally:
        await connection.close()


async def request_until_left(app: Starlette, left: asyncio.Event, token: str) -> list[Any]:
    """What the application sends to a client that hangs up when ``left`` is set."""
    body = json.dumps({"query": LIST}).encode()
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])
    sent: list[Any] = []

    async def receive() -> Any:
        for message in messages:
            return message
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/graphql", "query_string": b"",
        "headers": [(b"content-type", b"application/json"),
                    (b"authorization", f"Bearer {token}".encode())],
    }  # fmt: skip
    await asyncio.wait_for(app(scope, receive, send), 10)
    return sent


async def test_a_read_ends_when_its_client_hangs_up(
    app: Starlette, settings: Settings, place: Place, database_url: str
) -> None:
    account = place.accounts["office"]
    assert account is not None
    token = own_token(settings, account, datetime.now(UTC))
    left = asyncio.Event()
    async with held(app, database_url) as database:
        request = asyncio.create_task(request_until_left(app, left, token))
        await database.begun()
        left.set()
        assert await request == []
        await database.stopped()
    # Nothing is left of it: the next client is answered.
    left.clear()
    answer = await request_until_left(app, left, token)
    assert json.loads(answer[1]["body"])["data"]["projects"]["totalCount"] == 1


async def test_who_reads_the_same_waits_for_one_read(
    app: Starlette, client: Client, settings: Settings, place: Place, database_url: str,
    dialect: str,
) -> None:  # fmt: skip
    account = place.accounts["office"]
    assert account is not None
    token = own_token(settings, account, datetime.now(UTC))
    left = asyncio.Event()
    flights = app.state.express.flights
    with statements() as ran:
        async with held(app, database_url) as database:
            first = asyncio.create_task(request_until_left(app, left, token))
            await database.begun()
            others = [asyncio.create_task(client.query(LIST, account=account)) for _ in range(4)]
            async with asyncio.timeout(10):
                while flights.shared < 4:  # noqa: ASYNC110 - nobody but this test asks
                    await asyncio.sleep(0)
            left.set()
            assert await first == []
            await database.release()
            answers = await asyncio.gather(*others)
    assert [answer["data"]["projects"]["totalCount"] for answer in answers] == [1] * 4
    # The snapshot of a server that others use as well may move, and with it one read more is due.
    assert len(ran) == 1 if dialect == "sqlite" else len(ran) < 4


async def test_a_read_from_before_a_change_is_not_shared_after_it(
    app: Starlette,
    client: Client,
    place: Place,
    database_url: str,
    dialect: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The statement has ended in its thread; before anybody hears of it, somebody commits and asks.

    SQLite tells only the snapshot after a read: it is that of who asks, and not that of the read.
    """
    if dialect != "sqlite":
        pytest.skip("a statement of PostgreSQL tells its own snapshot")
    proof, loop = bearer(client, place.accounts["office"]), asyncio.get_running_loop()
    await client.query(LIST, headers=proof)
    await change_by_hand(database_url, "UPDATE project SET number = 'BEFORE'")
    read, go, reads = asyncio.Event(), threading.Event(), []

    def slow(connection: sqlite3.Connection, ready: Sequence[Ready]) -> list[bytes]:
        found = read_sqlite(connection, ready)
        reads.append(found)
        if len(reads) == 1:
            loop.call_soon_threadsafe(read.set)
            go.wait(10)
        return found

    monkeypatch.setattr(planner_run, "read_sqlite", slow)
    early = asyncio.create_task(client.query(LIST, headers=proof))
    await asyncio.wait_for(read.wait(), 10)
    await change_by_hand(database_url, "UPDATE project SET number = 'AFTER'")
    late = asyncio.create_task(client.query(LIST, headers=proof))
    flights = express_of(app).flights
    async with asyncio.timeout(10):
        while flights.shared == 0:  # noqa: ASYNC110 - nobody is told who waits
            await asyncio.sleep(0)
    go.set()
    await early
    assert (await late)["data"]["projects"]["nodes"] == [{"number": "AFTER"}]
    assert len(reads) == 2


@pytest.mark.parametrize("lane", [True, False])
async def test_an_operation_is_stopped_at_the_time_limit(
    open_app: Callable[[Settings], Any], settings: Settings, database_url: str, lane: bool
) -> None:
    chosen = settings.model_copy(update={"request_seconds": 0.2, "express": lane})
    app = await open_app(chosen)
    async with client_of(app, chosen) as client, held(app, database_url) as database:
        response = await client.send_query(LIST, headers={"X-Correlation-Id": "n"})
        await database.stopped()
    assert response.status_code == 504
    assert response.json() == {
        "errors": [
            {
                "message": "The operation did not end within 0.2 seconds and was stopped.",
                "extensions": {
                    "code": "TIMED_OUT",
                    "params": {"seconds": 0.2},
                    "clause": None,
                    "correlationId": "n",
                },
            }
        ]
    }


async def test_an_answer_over_the_cap_is_refused_after_one_read(
    open_app: Callable[[Settings], Any], settings: Settings
) -> None:
    size = len('{"data":{"regions":{"totalCount":0}}}')
    for most, expected in ((size, 200), (size - 1, 400)):
        chosen = settings.model_copy(update={"max_response_bytes": most})
        app = await open_app(chosen)
        async with client_of(app, chosen) as client:
            responses: list[httpx.Response] = []
            for lane in (app.state.express, None):
                app.state.express = lane
                with statements() as ran:
                    responses.append(
                        await client.send_query(
                            "{ regions { totalCount } }", headers={"X-Correlation-Id": "n"}
                        )
                    )
                assert len(ran) == 1
        quick, slow = responses
        assert quick.status_code == expected
        assert quick.content == slow.content
    (error,) = quick.json()["errors"]
    assert error["extensions"]["code"] == "RESPONSE_TOO_LARGE"
    assert set(Messages.load().sentences["RESPONSE_TOO_LARGE"]) == {"kk", "ru", "en"}


async def test_what_an_answer_costs_is_told_on_request(
    open_app: Callable[[Settings], Any], settings: Settings
) -> None:
    document = "{ regions(first: 7) { nodes { code } } country { name } }"
    limits = {}
    for most in (8, 7):
        chosen = settings.model_copy(update={"max_cost": most})
        app = await open_app(chosen)
        async with client_of(app, chosen) as client:
            for lane in (app.state.express, None):
                app.state.express = lane
                plain = (await client.post("/graphql", json={"query": document})).json()
                asked = {"query": document, "extensions": {"cost": True}}
                by_body = (await client.post("/graphql", json=asked)).json()
                by_header = await client.query(document, headers={"X-Zhoba-Cost": "1"})
                assert by_body.get("extensions") == by_header.get("extensions")
                assert "extensions" not in plain
                limits[most, lane is None] = by_body
    for executor in (True, False):
        assert limits[8, executor]["extensions"] == {"cost": {"objects": 8, "limit": 8}}
        (error,) = limits[7, executor]["errors"]
        assert error["extensions"]["code"] == "QUERY_TOO_COSTLY"
        assert error["extensions"]["params"] == {"limit": 7, "cost": 8}


async def test_counts_are_served_for_prometheus(
    open_app: Callable[[Settings], Any], settings: Settings, dialect: str
) -> None:
    app = await open_app(settings)
    async with client_of(app, settings) as client:
        for _ in range(3):
            await client.query("{ regions { totalCount } }")
        await client.query("{ roles { code } }")
        response = await client.get("/metrics")
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    counts = dict(
        line.split(" ") for line in response.text.splitlines() if not line.startswith("#")
    )
    assert counts["zhoba_express_answers_total"] == "3"
    assert counts["zhoba_express_left_total"] == "1"
    found = (int(counts[f"zhoba_answer_cache_{what}_total"]) for what in ("hits", "misses"))
    hits, misses = found
    assert hits + misses >= 3
    if dialect == "sqlite":
        assert (hits, misses) == (2, 1)
    silent = settings.model_copy(update={"metrics": False})
    async with client_of(await open_app(silent), silent) as client:
        assert (await client.get("/metrics")).status_code == 404
