"""The express lane itself: an ASGI layer in front of the application."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import InvalidInput
from zhoba.express.express import Express, TooLarge
from zhoba.express.head import NUMBER, Head, Heads, Terms
from zhoba.express.prepared import Prepared
from zhoba.express.request import Ahead
from zhoba.express.watch import ClientLeft, TimeIsUp, Watch
from zhoba.http.answers import status_of
from zhoba.http.correlation import request_number
from zhoba.http.operation import Caller, encode
from zhoba.logs import correlation_id, log

PATH = "/graphql"

LOGGER = logging.getLogger("zhoba")
"""Says at once that nobody wants a line; structlog finds out when it has made one."""

LEFT = "zhoba.left"
"""Where the protocol says that the lane has looked at a request already, and left it."""


@dataclass(slots=True)
class Reply:
    """What goes back: an answer, or a refusal that the long way would come to as well."""

    text: bytes
    status: int = 200


@dataclass(slots=True)
class Coming:
    """A body as far as it has come, and whether that is all of it."""

    receive: Receive
    body: bytes = b""
    complete: bool = False

    async def read(self, most: int) -> None:
        """Wait for the rest, unless that is more than ``most`` bytes or the client leaves."""
        while not self.complete and len(self.body) <= most:
            message = await self.receive()
            if message["type"] != "http.request":
                return
            self.body += message.get("body", b"")
            self.complete = not message.get("more_body", False)


@dataclass(slots=True)
class Repeated:
    """A request that came before, what was prepared for it, and when it came now: the time, and the
    last read that had begun. ``ahead`` is how far it got when its answer was not at hand."""

    prepared: Prepared
    head: Head
    started: float
    begun: int
    ahead: Ahead | None = None


Sent = tuple[int, list[tuple[bytes, bytes]], bytes]
"""The status, the headers and the text of an answer."""


class ExpressLane:
    """ASGI: answers what it can, and hands everything else on as if it had not looked."""

    def __init__(self, app: ASGIApp, *, default_language: str, cors_origins: Sequence[str]) -> None:
        self.app = app
        self.heads = Heads(default_language, cors=bool(cors_origins))
        self.log: Any = None
        """Bound with the first line, once the logs are set up: binding costs more than a hit."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        express: Express | None = None
        if scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "POST":
            express = None if scope.pop(LEFT, False) else self.express_of(scope["app"])
        head = None if express is None else self.heads.read(scope["headers"])
        if express is None or head is None:
            await self.app(scope, receive, send)
            return
        coming = Coming(receive)
        try:
            sent = await self.answer(express, head, coming)
        except ClientLeft:
            return
        if sent is None:
            await self.app(scope, replaying(coming), send)
            return
        status, told, text = sent
        await send({"type": "http.response.start", "status": status, "headers": told})
        await send({"type": "http.response.body", "body": text})

    def express_of(self, app: Any) -> Express | None:
        """What the lane of this process works with; none: it is closed."""
        express: Express | None = app.state["express"]
        return express

    def answer_here(self, express: Express, head: Head, body: bytes) -> Sent | None:
        """An answer that is there as soon as it is asked for; none: it has to be waited for, or is
        not for the lane."""
        if len(body) > express.most_body:
            return None
        started = time.perf_counter()
        terms, number = head.terms, request_number(head.number)
        token = correlation_id.set(number)
        try:
            caller = Caller(head.authorization, terms.language, number)
            text = express.answer_here(body, head.proof, caller, cost=terms.cost)
            reply = None if text is None else Reply(text)
        except Exception as error:
            reply = refused_at_once(express, error, terms, number)
        finally:
            correlation_id.reset(token)
        return None if reply is None else self.sent(express, reply, terms, number, started)

    async def answer(
        self, express: Express, head: Head, coming: Coming, request: Repeated | None = None
    ) -> Sent | None:
        """The answer, unless anything at all is unusual: the long way says what.

        ``request`` is what is known of it already. Raises :class:`ClientLeft`.
        """
        ahead = None if request is None else request.ahead
        started = time.perf_counter() if request is None else request.started
        terms = head.terms
        number = request_number(head.number) if ahead is None else ahead.number
        token = correlation_id.set(number)
        reply = None
        try:
            with Watch(express.watches, express.operations.limits.seconds) as watch:
                if not coming.complete:
                    await coming.read(express.most_body)
                if coming.complete and len(coming.body) <= express.most_body:
                    watch.receive = coming.receive
                    try:
                        if ahead is None:
                            caller = Caller(head.authorization, terms.language, number)
                            text = await express.answer(
                                coming.body, head.proof, caller, cost=terms.cost
                            )
                        else:
                            text = await express.answer_ahead(ahead, cost=terms.cost)
                        reply = None if text is None else Reply(text)
                    except Exception as error:
                        reply = refused_at_once(express, error, terms, number)
        except TimeIsUp:
            reply = refuse(express, TimeoutError(), terms, number)
        except ClientLeft:
            log.info("client left", path=PATH)
            raise
        finally:
            correlation_id.reset(token)
        if reply is None:
            express.left += 1
            return None
        return self.sent(express, reply, terms, number, started)

    def repeated(self, express: Express, head: Head, body: bytes) -> Repeated | None:
        """A request that came before and whose answer may be at hand; none if it is new."""
        if express.answers is None:
            return None
        prepared = express.prepared.get((body, head.proof, head.terms.language))
        if prepared is None or not prepared.at_once:
            return None
        return Repeated(prepared, head, time.perf_counter(), express.flights.begun)

    def at_hand(self, express: Express, request: Repeated, snapshot: str) -> Sent | None:
        """The answer to a request that came before, if it is at hand.

        Raises like :meth:`~zhoba.express.express.Express.finished`.
        """
        prepared, head, ahead = request.prepared, request.head, request.ahead
        read = ahead is not None and ahead.seat is not None
        text = express.at_hand(prepared, head.proof, snapshot, hit=not read)
        if text is None:
            return None
        if ahead is not None:
            express.give_up(ahead)
        terms = head.terms
        number = request_number(head.number) if ahead is None else ahead.number
        text = express.finished(text, prepared.found, cost=terms.cost or prepared.asked.cost)
        return self.sent(express, Reply(text), terms, number, request.started)

    def go_ahead(
        self, express: Express, request: Repeated, body: bytes, snapshot: str | None
    ) -> None:
        """Begin what there is to do for a request that came before, whose answer is not at hand
        under ``snapshot``, or will not be under any."""
        head, ahead = request.head, request.ahead
        number = request_number(head.number) if ahead is None else ahead.number
        token = correlation_id.set(number)
        try:
            if ahead is None:
                caller = Caller(head.authorization, head.terms.language, number)
                request.ahead = express.ahead(
                    request.prepared, body, head.proof, caller, request.begun, snapshot
                )
            if request.ahead is not None and snapshot is not None:
                express.sign_in_ahead(request.ahead, snapshot)
        except InvalidInput:
            pass  # which the task says
        finally:
            correlation_id.reset(token)

    def sent(
        self, express: Express, reply: Reply, terms: Terms, number: str, started: float
    ) -> Sent:
        """What goes back, counted and noted in the log."""
        express.answered += 1
        if LOGGER.isEnabledFor(logging.INFO):
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            if self.log is None:
                self.log = log.bind()
            self.log.info("http", method="POST", path=PATH, status=reply.status,
                          milliseconds=milliseconds, correlation_id=number)  # fmt: skip
        told = [
            (b"content-length", b"%d" % len(reply.text)),
            (b"content-type", terms.media_type),
            (b"cache-control", b"no-store"),
            (NUMBER, number.encode()),
        ]
        if self.heads.cors:
            told.append((b"vary", b"Origin"))
        return reply.status, told, reply.text


def refused_at_once(express: Express, error: Exception, terms: Terms, number: str) -> Reply | None:
    """The refusal of what would be refused the long way as well; none where that says why."""
    if isinstance(error, TooLarge):
        return refuse(express, error, terms, number)
    if not isinstance(error, InvalidInput):
        log.info("express lane left", error=type(error).__qualname__)
    return None


def refuse(express: Express, error: Exception, terms: Terms, number: str) -> Reply:
    """A refusal for which nothing has to be done once more."""
    refused = express.operations.refusal(error, Caller(None, terms.language, number))
    return Reply(encode(refused.body), status_of(refused.refusal))


def replaying(coming: Coming) -> Receive:
    """What the application receives: first what was read already."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await coming.receive()
        given = True
        return {"type": "http.request", "body": coming.body, "more_body": not coming.complete}

    return replay
