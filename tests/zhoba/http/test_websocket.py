"""GraphQL over WebSocket, spoken to the application message by message."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import strawberry
from sqlalchemy import update
from starlette.applications import Starlette

from core.people.account import Account
from tests.zhoba.people import make_account
from tests.zhoba.small_schema import Trace, small_schema
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token

trace = Trace()


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Nothing here depends on the database."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'zhoba.db')}"


@pytest.fixture
def schema() -> strawberry.Schema:
    global trace
    trace = Trace()
    return small_schema(trace)


class Socket:
    """The client's end of a WebSocket."""

    def __init__(self) -> None:
        self.to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def say(self, message: object) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        await self.to_app.put({"type": "websocket.receive", "text": text})

    async def hear(self) -> Any:
        event = await asyncio.wait_for(self.from_app.get(), 60)
        return json.loads(event["text"]) if event["type"] == "websocket.send" else event

    async def init(self, payload: object = None) -> Any:
        await self.say({"type": "connection_init", "payload": payload})
        return await self.hear()

    async def leave(self) -> None:
        await self.to_app.put({"type": "websocket.disconnect", "code": 1001})


@asynccontextmanager
async def connect(
    app: Starlette,
    *,
    protocols: tuple[str, ...] = ("graphql-transport-ws",),
    headers: dict[str, str] | None = None,
) -> AsyncIterator[Socket]:
    socket = Socket()
    scope = {
        "type": "websocket",
        "path": "/graphql",
        "query_string": b"",
        "subprotocols": list(protocols),
        "headers": [
            (name.encode(), value.encode())
            for name, value in {"host": "zhoba.test", **(headers or {})}.items()
        ],
    }
    await socket.to_app.put({"type": "websocket.connect"})
    serving = asyncio.create_task(app(scope, socket.to_app.get, socket.from_app.put))
    try:
        yield socket
    finally:
        await socket.leave()
        await asyncio.wait_for(serving, 60)


def closed(code: int, reason: str) -> dict[str, Any]:
    return {"type": "websocket.close", "code": code, "reason": reason}


async def accepted(socket: Socket) -> Any:
    return (await socket.hear())["subprotocol"]


def subscribe(query: str, identifier: str = "1") -> dict[str, Any]:
    return {"type": "subscribe", "id": identifier, "payload": {"query": query}}


async def test_subscription_sends_each_event_and_completes(app: Starlette) -> None:
    async with connect(app) as socket:
        assert await accepted(socket) == "graphql-transport-ws"
        assert await socket.init() == {"type": "connection_ack"}
        await socket.say(subscribe("subscription { count(to: 2) }"))
        heard = [await socket.hear() for _ in range(3)]
    assert heard == [
        {"id": "1", "type": "next", "payload": {"data": {"count": 0}}},
        {"id": "1", "type": "next", "payload": {"data": {"count": 1}}},
        {"id": "1", "type": "complete"},
    ]


async def test_query_and_mutation_are_answered_once(app: Starlette) -> None:
    async with connect(app) as socket:
        await accepted(socket)
        await socket.init()
        for query, data in (
            ("{ hello }", {"hello": "Сәлем, Zhoba!"}),
            ('mutation { rename(name: "x") }', {"rename": "x"}),
        ):
            await socket.say(subscribe(query))
            assert await socket.hear() == {"id": "1", "type": "next", "payload": {"data": data}}
            assert await socket.hear() == {"id": "1", "type": "complete"}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "{ hello"}, "GRAPHQL_INVALID"),
        ({"query": "{ absent }"}, "GRAPHQL_INVALID"),
        ({"query": "subscription { count }"}, "GRAPHQL_INVALID"),
        ({"query": "subscription ($n: Int!) { count(to: $n) }"}, "GRAPHQL_INVALID"),
        ({"query": "query A { hello } query B { hello }"}, "OPERATION_NOT_CHOSEN"),
        ({"query": 7}, "BAD_PARAMETER"),
        ({}, "QUERY_MISSING"),
        (None, "BAD_REQUEST_BODY"),
        ([], "BAD_REQUEST_BODY"),
        ("{ hello }", "BAD_REQUEST_BODY"),
    ],
)
async def test_bad_operation_ends_alone_and_the_socket_lives(
    app: Starlette, payload: object, code: str
) -> None:
    async with connect(app) as socket:
        await accepted(socket)
        await socket.init()
        await socket.say({"type": "subscribe", "id": "1", "payload": payload})
        error = await socket.hear()
        await socket.say(subscribe("{ hello }"))
        answer = await socket.hear()
    [problem] = error["payload"]
    assert (error["id"], error["type"], problem["extensions"]["code"]) == ("1", "error", code)
    assert answer == {"id": "1", "type": "next", "payload": {"data": {"hello": "Сәлем, Zhoba!"}}}


@pytest.mark.parametrize("protocols", [("graphql-ws",), ()])
async def test_other_subprotocols_are_refused(app: Starlette, protocols: tuple[str, ...]) -> None:
    async with connect(app, protocols=protocols) as socket:
        assert await accepted(socket) is None
        assert await socket.hear() == closed(4406, "Subprotocol not acceptable")


@pytest.mark.parametrize(
    "text",
    ["", "null", "7", "[]", "{}", '{"type": 7}', "{", '{"type": "connection_init", "type": "x"}',
     "[" * 100_000, '{"type": "connection_init", "payload": [1]}',
     '{"type": "connection_init", "payload": {"authorization": 7}}'],
)  # fmt: skip
async def test_malformed_first_message_closes_with_4400(app: Starlette, text: str) -> None:
    async with connect(app) as socket:
        await accepted(socket)
        await socket.say(text)
        assert (await socket.hear())["code"] == 4400


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"type": "start"}, closed(4400, "Unknown message type")),
        ({"type": "subscribe", "payload": {}}, closed(4400, "Invalid message id")),
        ({"type": "complete", "id": "a" * 201}, closed(4400, "Invalid message id")),
        ({"type": "connection_init"}, closed(4429, "Too many initialisation requests")),
    ],
)
async def test_breach_of_the_protocol_closes_the_socket(
    app: Starlette, message: dict[str, Any], expected: dict[str, Any]
) -> None:
    async with connect(app) as socket:
        await accepted(socket)
        await socket.init()
        await socket.say(message)
        assert await socket.hear() == expected


async def test_binary_message_closes_the_socket(app: Starlette) -> None:
    async with connect(app) as socket:
        await accepted(socket)
        await socket.to_app.put({"type": "websocket.receive", "bytes": b"{}"})
        assert await socket.hear() == closed(4400, "WebSocket message type must be text")


async def test_operation_before_the_handshake_closes_the_socket(app: Starlette) -> None:
    async with connect(app) as socket:
        await accepted(socket)
        await socket.say({"type": "ping"})
        assert await socket.hear() == {"type": "pong"}
        await socket.say(subscribe("{ hello }"))
        assert await socket.hear() == closed(4401, "Unauthorized")


async def test_socket_that_never_says_who_it_is_is_closed(
    open_app: Callable[[Settings], Any], settings: Settings
) -> None:
    app = await open_app(settings.model_copy(update={"websocket_init_seconds": 0.01}))
    async with connect(app) as socket:
        await accepted(socket)
        assert await socket.hear() == closed(4408, "Connection initialisation timeout")


async def test_same_identifier_twice_closes_the_socket(app: Starlette) -> None:
    async with connect(app) as socket:
        await accepted(socket)
        await socket.init()
        await socket.say(subscribe("subscription { forever }"))
        await socket.hear()
        await socket.say(subscribe("{ hello }"))
        assert await socket.hear() == closed(4409, "Subscriber for 1 already exists")
    assert trace.cancelled.is_set()


async def test_complete_from_the_client_ends_the_subscription(app: Starlette) -> None:
    async with connect(app) as socket:
        await accepted(socket)
        await socket.init()
        await socket.say(subscribe("subscription { forever }"))
        await socket.hear()
        await socket.say({"type": "complete", "id": "1"})
        await asyncio.wait_for(trace.cancelled.wait(), 60)
        await socket.say(subscribe("{ hello }"))
        assert (await socket.hear())["type"] == "next"


async def test_leaving_ends_every_operation(app: Starlette) -> None:
    async with connect(app) as socket:
        await accepted(socket)
        await socket.init()
        await socket.say(subscribe("{ slow }"))
        await asyncio.wait_for(trace.started.wait(), 60)
        assert not trace.cancelled.is_set()
    assert trace.cancelled.is_set()


async def test_more_operations_than_allowed_are_refused(
    open_app: Callable[[Settings], Any], settings: Settings
) -> None:
    app = await open_app(settings.model_copy(update={"websocket_operations": 1}))
    async with connect(app) as socket:
        await accepted(socket)
        await socket.init()
        await socket.say(subscribe("subscription { forever }", "1"))
        assert (await socket.hear())["type"] == "next"
        await socket.say(subscribe("{ hello }", "2"))
        refused = await socket.hear()
    assert refused["payload"][0]["extensions"]["code"] == "TOO_MANY_OPERATIONS"


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("http://zhoba.test", True),
        ("https://ours.test", True),
        ("https://theirs.test", False),
        ("null", False),
    ],
)
async def test_pages_of_other_origins_may_not_open_a_socket(
    open_app: Callable[[Settings], Any], settings: Settings, origin: str | None, allowed: bool
) -> None:
    app = await open_app(settings.model_copy(update={"cors_origins": ("https://ours.test",)}))
    async with connect(app, headers={"origin": origin} if origin else {}) as socket:
        answer = await socket.hear()
    assert answer["type"] == ("websocket.accept" if allowed else "websocket.close")


async def test_who_calls_is_told_by_the_first_message_or_the_header(
    app: Starlette, settings: Settings
) -> None:
    account = await make_account(app, label="Aigul")
    proof = {"authorization": f"Bearer {own_token(settings, account, datetime.now(UTC))}"}
    for headers, payload in ((proof, None), ({}, proof)):
        async with connect(app, headers=headers) as socket:
            await accepted(socket)
            await socket.init(payload)
            await socket.say(subscribe("{ whoami }"))
            assert (await socket.hear())["payload"] == {"data": {"whoami": "Aigul en"}}


async def test_bad_token_closes_the_socket(app: Starlette) -> None:
    async with connect(app) as socket:
        await accepted(socket)
        assert await socket.init({"authorization": "Bearer x"}) == closed(4403, "Forbidden")


async def test_locking_the_account_ends_its_operations_on_an_open_socket(
    app: Starlette, settings: Settings
) -> None:
    account = await make_account(app, label="Aigul")
    token = own_token(settings, account, datetime.now(UTC))
    async with connect(app) as socket:
        await accepted(socket)
        await socket.init({"authorization": f"Bearer {token}"})
        await socket.say(subscribe("{ whoami }"))
        assert (await socket.hear())["type"] == "next"
        assert (await socket.hear())["type"] == "complete"
        async with app.state.operations.services.database.session() as session, session.begin():
            await session.execute(update(Account).values(locked_at=datetime.now(UTC)))
        for query in ("{ whoami }", "subscription { count(to: 1) }"):
            await socket.say(subscribe(query))
            refused = await socket.hear()
            assert refused["payload"][0]["extensions"]["code"] == "NOT_AUTHENTICATED"
