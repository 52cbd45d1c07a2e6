"""GraphQL over WebSocket, protocol ``graphql-transport-ws`` and no other.

The caller proves who they are in ``connection_init {"authorization": "Bearer ..."}`` or in the
header of the handshake. Every operation is admitted anew: a connection remembers the proof, never
what it allowed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from graphql import OperationType
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.errors import InvalidInput, NotAuthenticated
from core.messages import accepted_language
from zhoba.http.body import asked, parse_json
from zhoba.http.operation import Answer, Caller, Operations, encode
from zhoba.logs import correlation_id, log

PROTOCOL = "graphql-transport-ws"
LONGEST_ID = 200


class Closed(Exception):
    """The client broke the protocol; the socket closes with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class GraphQLSocket:
    """Accepts WebSockets on ``/graphql``."""

    operations: Operations
    default_language: str
    origins: Collection[str]
    most_operations: int
    init_seconds: float

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        if not self.welcome(socket):
            await socket.close(1008)
            return
        if PROTOCOL not in socket.scope["subprotocols"]:
            await socket.accept()
            await socket.close(4406, "Subprotocol not acceptable")
            return
        await socket.accept(PROTOCOL)
        caller = Caller(
            authorization=socket.headers.get("authorization"),
            language=accepted_language(
                socket.headers.get("accept-language"), self.default_language
            ),
            correlation_id=correlation_id.get(),
        )
        await Conversation(self, socket, caller).run()

    def welcome(self, socket: WebSocket) -> bool:
        """Whether the page that opens the socket is ours, an allowed one, or no page at all."""
        origin = socket.headers.get("origin")
        if origin is None or origin in self.origins or "*" in self.origins:
            return True
        return urlsplit(origin).netloc.lower() == socket.headers.get("host", "").lower()


@dataclass(slots=True)
class Conversation:
    """One connection: its messages, and the operations running on it."""

    door: GraphQLSocket
    socket: WebSocket
    caller: Caller
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def run(self) -> None:
        """Read messages until somebody leaves; then nothing of the connection goes on."""
        try:
            async with asyncio.timeout(self.door.init_seconds):
                await self.initialise(await self.message())
            while True:
                await self.handle(await self.message())
        except TimeoutError:
            await self.close(4408, "Connection initialisation timeout")
        except Closed as closed:
            await self.close(closed.code, closed.reason)
        except WebSocketDisconnect:
            log.info("client left", path=self.socket.url.path)
        finally:
            tasks = list(self.running.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def message(self) -> dict[str, Any]:
        """The next message; 4400 for anything that is not an object with a type."""
        received = await self.socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1000))
        text = received.get("text")
        if text is None:
            raise Closed(4400, "WebSocket message type must be text")
        try:
            value = parse_json(text)
        except InvalidInput as error:
            raise Closed(4400, "WebSocket message must be valid JSON") from error
        if not isinstance(value, dict) or not isinstance(value.get("type"), str):
            raise Closed(4400, "Invalid message")
        return value

    async def initialise(self, message: dict[str, Any]) -> None:
        """The first message but for pings: who the caller is."""
        while message["type"] in ("ping", "pong"):
            await self.handle(message)
            message = await self.message()
        payload = message.get("payload") or {}
        if message["type"] != "connection_init":
            raise Closed(4401, "Unauthorized")
        if not isinstance(payload, dict):
            raise Closed(4400, "Invalid connection init payload")
        given = payload.get("authorization") or payload.get("Authorization")
        if given is not None:
            if not isinstance(given, str):
                raise Closed(4400, "Invalid connection init payload")
            self.caller = replace(self.caller, authorization=given)
        try:
            await self.door.operations.admit(self.caller)
        except NotAuthenticated as error:
            raise Closed(4403, "Forbidden") from error
        await self.send({"type": "connection_ack"})

    async def handle(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "ping":
            await self.send({"type": "pong"})
        elif kind == "subscribe":
            self.subscribe(self.identifier(message), message.get("payload"))
        elif kind == "complete":
            task = self.running.pop(self.identifier(message), None)
            if task is not None:
                task.cancel()
        elif kind == "connection_init":
            raise Closed(4429, "Too many initialisation requests")
        elif kind != "pong":
            raise Closed(4400, "Unknown message type")

    def identifier(self, message: dict[str, Any]) -> str:
        value = message.get("id")
        if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
            raise Closed(4400, "Invalid message id")
        return value

    def subscribe(self, identifier: str, payload: object) -> None:
        if identifier in self.running:
            raise Closed(4409, f"Subscriber for {identifier} already exists")
        task = asyncio.create_task(self.operate(identifier, payload))
        self.running[identifier] = task
        task.add_done_callback(lambda done: self.forget(identifier, done))

    def forget(self, identifier: str, done: asyncio.Task[None]) -> None:
        if self.running.get(identifier) is done:
            del self.running[identifier]
        if not done.cancelled() and done.exception() is not None:
            log.error("failed", exc_info=done.exception())

    async def operate(self, identifier: str, payload: object) -> None:
        """Run one operation and send what comes of it."""
        with suppress(WebSocketDisconnect):
            operations = self.door.operations
            try:
                if len(self.running) > self.door.most_operations:
                    raise InvalidInput("TOO_MANY_OPERATIONS", limit=self.door.most_operations)
                wanted = asked(payload, operations.limits)
                subscribing = operations.kind(wanted) is OperationType.SUBSCRIPTION
            except Exception as error:
                await self.answer(identifier, operations.refusal(error, self.caller))
                return
            if not subscribing:
                once = (OperationType.QUERY, OperationType.MUTATION)
                answer = await operations.answer(wanted, self.caller, once)
                if await self.answer(identifier, answer):
                    await self.complete(identifier)
                return
            async for answer in operations.events(wanted, self.caller):
                if not await self.answer(identifier, answer):
                    return
            await self.complete(identifier)

    async def answer(self, identifier: str, answer: Answer) -> bool:
        """Send one answer; false when it ended the operation."""
        answer, text = self.door.operations.encode(answer, self.caller)
        head = '{"id":%s,"type":"%s","payload":'
        kind, body = "next", text.decode()
        if not answer.executed:
            kind, body = "error", encode(answer.body["errors"]).decode()
            self.running.pop(identifier, None)
        await self.socket.send_text(head % (encode(identifier).decode(), kind) + body + "}")
        return answer.executed

    async def complete(self, identifier: str) -> None:
        # Forgotten first: the client may use the identifier again as soon as it reads this.
        self.running.pop(identifier, None)
        await self.send({"id": identifier, "type": "complete"})

    async def send(self, message: dict[str, Any]) -> None:
        await self.socket.send_text(encode(message).decode())

    async def close(self, code: int, reason: str) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):
            await self.socket.close(code, reason)
