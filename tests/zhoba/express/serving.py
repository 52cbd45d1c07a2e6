"""The application behind a port of its own, and clients' connections to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from uvicorn.server import ServerState

from tests.zhoba.conftest import Client
from tests.zhoba.express.place import Place, bearer, express_of
from zhoba.express.lane import ExpressLane
from zhoba.express.protocol import ExpressProtocol
from zhoba.express.snapshots import Listener

DOCUMENT = "{ projects { nodes { number } } }"
OTHER = "{ programs { totalCount } }"


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


class Held:
    """Snapshots that are told when a test says so."""

    def __init__(self, app: Starlette) -> None:
        self.real = express_of(app).snapshots
        self.latest = self.real.latest
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
    answers wait for the snapshot as well; that they need not has tests of its own
    (``test_short_reads``)."""
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
