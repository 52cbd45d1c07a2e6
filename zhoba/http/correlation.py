"""Around every request: its correlation id, one line in the log, and no exception let through."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.messages import Messages
from zhoba.http.answers import refuse_request
from zhoba.logs import correlation_id, log

HEADER = "X-Correlation-Id"
LINKS = "/files/"
ACCEPTED = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
"""A client may bring its own id; anything else could write into our logs."""


@dataclass(frozen=True, slots=True)
class Correlated:
    """The outermost layer of the application."""

    app: ASGIApp
    messages: Messages
    default_language: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        number = request_number(Headers(scope=scope).get(HEADER))
        token = correlation_id.set(number)
        try:
            await self.serve(scope, receive, send, number)
        finally:
            correlation_id.reset(token)

    async def serve(self, scope: Scope, receive: Receive, send: Send, number: str) -> None:
        started = time.perf_counter()
        status = 0

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] in ("http.response.start", "websocket.accept"):
                status = message.get("status", 101)
                MutableHeaders(scope=message)[HEADER] = number
            await send(message)

        try:
            await self.app(scope, receive, numbered)
        except Exception as error:
            if scope["type"] == "websocket" or status:
                log.error("failed", exc_info=error)
                if scope["type"] == "websocket":
                    await send({"type": "websocket.close", "code": 1011})
                return
            response = refuse_request(Request(scope), error, self.messages, self.default_language)
            await response(scope, receive, numbered)
        finally:
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            log.info(
                scope["type"],
                method=scope.get("method"),
                path=shown_path(scope["path"]),
                status=status,
                milliseconds=milliseconds,
            )


def shown_path(path: str) -> str:
    """A path as it may be logged: a link to a file is a secret as long as nobody used it."""
    if path.startswith(LINKS) and path != LINKS + "tickets":
        return LINKS + "..."
    return path[:200]


def request_number(brought: str | None) -> str:
    """The client's own correlation id when it is harmless, else a new one."""
    if brought is not None and ACCEPTED.fullmatch(brought):
        return brought
    return os.urandom(16).hex()
