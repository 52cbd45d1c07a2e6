"""The express lane itself: an ASGI layer in front of the application."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import InvalidInput
from core.messages import accepted_language
from schema.compose import ZhobaSchema
from schema.limits import Admitted
from schema.planner.plan import Asker, Ready
from schema.planner.whole import WholeQuery, whole_query
from zhoba.express.answers import Answers
from zhoba.express.sign_ins import Remembered, SignIns
from zhoba.express.snapshots import Snapshots
from zhoba.http.answers import preferred_type
from zhoba.http.body import Asked, check_content_type, parse_post
from zhoba.http.correlation import HEADER, request_number
from zhoba.http.operation import Caller, Operations
from zhoba.logs import correlation_id, log

PATH = "/graphql"
MOST_BODY = 64 * 1024
"""Bytes of a request that may take the lane."""

KNOWN = 1000
"""Documents remembered as fit for the lane, or as unfit."""

TRIES = 3
"""How often a read is repeated because something was committed meanwhile that touches the
caller's sign-in, before the long way takes over."""


@dataclass(frozen=True, slots=True)
class Known:
    """A document fit for the lane."""

    query: WholeQuery
    admitted: Admitted


@dataclass(slots=True)
class Express:
    """What the lane of one process works with."""

    operations: Operations
    snapshots: Snapshots
    answers: Answers | None
    sign_ins: SignIns = field(init=False)
    documents: dict[tuple[str, str | None], Known | None] = field(default_factory=dict)
    flights: dict[Any, asyncio.Future[None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sign_ins = SignIns(self.operations)

    async def close(self) -> None:
        await self.snapshots.close()

    async def answer(self, asked: Asked, caller: Caller) -> bytes | None:
        """The answer as JSON text in UTF-8; none: it has to go the long way.

        Raises what signing in and planning raise, which the long way raises again.
        """
        query = self.whole(asked)
        if query is None:
            return None
        now = self.operations.clock()
        if self.answers is None:
            return await self.fresh(query, asked, caller, now)
        snapshot = await self.snapshots.now()
        signed_in = await self.sign_ins.at(caller, snapshot, now)
        found = self.ready(query, asked, caller, signed_in)
        if found is None:
            return None
        key = tuple((one.plan.sql, one.positional) for one in found), asked.query
        kept = self.answers.find(key, snapshot)
        if kept is not None:
            return kept
        flight = self.flights.get(key)
        if flight is not None:
            # Somebody reads the same: their answer counts if it is of this snapshot.
            await asyncio.shield(flight)
            kept = self.answers.find(key, snapshot)
            if kept is not None:
                return kept
        landed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.flights[key] = landed
        try:
            text, read_at = await self.read(query, found)
            if text is not None:
                self.answers.keep(key, read_at or snapshot, text)
            return text
        finally:
            if self.flights.get(key) is landed:
                del self.flights[key]
            landed.set_result(None)

    async def fresh(
        self, query: WholeQuery, asked: Asked, caller: Caller, now: datetime
    ) -> bytes | None:
        """An answer read for this request alone.

        The statement runs on the strength of the last sign-in; the snapshot it reports says
        whether that still holds. If not, the caller is signed in again, and the answer counts if
        nothing about them has changed.
        """
        signed_in = self.sign_ins.latest(caller)
        if signed_in is None:
            signed_in = await self.sign_ins.at(caller, await self.snapshots.now(), now)
        for _ in range(TRIES):
            found = self.ready(query, asked, caller, signed_in)
            if found is None:
                return None
            before = None
            if self.operations.services.database.dialect == "sqlite":
                before = await self.snapshots.now()
            text, read_at = await self.read(query, found)
            snapshot = read_at or before or ""
            if signed_in.holds(snapshot, now):
                return text
            again = await self.sign_ins.at(caller, await self.snapshots.now(), now)
            same = again.reader == signed_in.reader and again.policy is signed_in.policy
            if same and again.today == signed_in.today:
                return text
            signed_in = again
        return None

    def ready(
        self, query: WholeQuery, asked: Asked, caller: Caller, signed_in: Remembered
    ) -> list[Ready] | None:
        """The finished plans of a query for a caller; none where one is not, or costs too much."""
        services = self.operations.services
        assert services.planner is not None
        asker = Asker(signed_in.reader, signed_in.today, caller.language)
        found = query.ready(services.planner, signed_in.policy, asker, asked.variables)
        if found is None or sum(one.plan.cost for one in found) > services.most_objects:
            return None
        if any(one.plan.personal for one in found):
            return None  # Such reads are written down, which the long way does.
        return found

    async def read(
        self, query: WholeQuery, found: Sequence[Ready]
    ) -> tuple[bytes | None, str | None]:
        """The answer, and the snapshot the database says it was read under."""
        reads = self.operations.services.reads
        assert reads is not None
        async with asyncio.timeout(self.operations.limits.seconds):
            texts, snapshot = await reads.run_under(found)
        text = query.answer(texts)
        if text is None:
            return None, snapshot
        encoded = text.encode()
        if len(encoded) > self.operations.limits.response_bytes:
            return None, snapshot
        return encoded, snapshot

    def whole(self, asked: Asked) -> WholeQuery | None:
        """The document, if it fits the lane. Raises for one that is not admitted."""
        key = (asked.query, asked.operation_name)
        if key not in self.documents:
            if len(self.documents) >= KNOWN:
                self.documents.pop(next(iter(self.documents)))
            self.documents[key] = self.judge(asked)
        known = self.documents[key]
        if known is None:
            return None
        self.operations.admission.check_pages(
            known.admitted, known.query.operation.node, asked.variables
        )
        return known.query

    def judge(self, asked: Asked) -> Known | None:
        """Whether a document that was not met before fits the lane."""
        admitted = self.operations.admission.admit(asked.query)
        schema = self.operations.schema
        if not isinstance(schema, ZhobaSchema):
            return None
        node = admitted.operation(asked.operation_name)
        query = whole_query(schema.graphql, schema.catalogue, admitted.document, node, asked.query)
        return None if query is None else Known(query, admitted)


class ExpressLane:
    """ASGI: answers what it can, and hands everything else on as if it had not looked."""

    def __init__(self, app: ASGIApp, *, default_language: str, cors_origins: Sequence[str]) -> None:
        self.app = app
        self.default_language = default_language
        self.cors = bool(cors_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        express: Express | None = None
        if scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "POST":
            express = getattr(scope["app"].state, "express", None)
        if express is None:
            await self.app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if len(headers) != len(scope["headers"]) or (self.cors and b"origin" in headers):
            await self.app(scope, receive, send)
            return
        body, complete = await small_body(receive)
        started = time.perf_counter()
        text = media_type = None
        number = request_number(headers.get(HEADER.lower().encode()))
        if complete and len(body) <= MOST_BODY:
            media_type = preferred_type(headers.get(b"accept"))
            if media_type is not None:
                token = correlation_id.set(number)
                try:
                    text = await self.try_answer(express, headers, body, number)
                finally:
                    correlation_id.reset(token)
        if text is None or media_type is None:
            await self.app(scope, replaying(body, complete, receive), send)
            return
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-length", str(len(text)).encode()),
                    (b"content-type", media_type.encode()),
                    (b"cache-control", b"no-store"),
                    (b"vary", b"Origin"),
                    (HEADER.lower().encode(), number.encode()),
                ],
            }
        )
        await send({"type": "http.response.body", "body": text})
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        log.info(
            "http", method="POST", path=PATH, status=200, milliseconds=milliseconds,
            correlation_id=number,
        )  # fmt: skip

    async def try_answer(
        self, express: Express, headers: dict[bytes, str], body: bytes, number: str
    ) -> bytes | None:
        """The answer, unless anything at all is unusual: the long way says what."""
        try:
            check_content_type(headers.get(b"content-type"))
            asked = parse_post(body, express.operations.limits)
            caller = Caller(
                authorization=headers.get(b"authorization"),
                language=accepted_language(headers.get(b"accept-language"), self.default_language),
                correlation_id=number,
            )
            return await express.answer(asked, caller)
        except InvalidInput:
            return None
        except Exception as error:
            log.info("express lane left", error=type(error).__qualname__)
            return None


async def small_body(receive: Receive) -> tuple[bytes, bool]:
    """The body, and whether that was all of it."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return body, False
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body, True
        if len(body) > MOST_BODY:
            return body, False


def replaying(body: bytes, complete: bool, receive: Receive) -> Receive:
    """What the application receives: first what was read already."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": not complete}

    return replay
