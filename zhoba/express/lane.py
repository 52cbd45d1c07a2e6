"""The express lane itself: an ASGI layer in front of the application."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import InvalidInput
from core.messages import accepted_language
from zhoba.express.express import Express, TooLarge
from zhoba.express.prepared import Prepared
from zhoba.express.sign_ins import digest
from zhoba.express.watch import ClientLeft, TimeIsUp, Watch
from zhoba.http.answers import PLAIN_JSON, preferred_type, status_of
from zhoba.http.body import COST_HEADER, asks_for_cost, check_content_type
from zhoba.http.browser import authorization_of
from zhoba.http.correlation import HEADER, request_number
from zhoba.http.operation import Caller, encode
from zhoba.logs import correlation_id, log

PATH = "/graphql"
LOGGER = logging.getLogger("zhoba")
"""Says at once that nobody wants a line; structlog finds out when it has made one."""

COST = COST_HEADER.lower().encode()
NUMBER = HEADER.lower().encode()
PLAIN = PLAIN_JSON.encode()


@dataclass(slots=True)
class Reply:
    """What goes back: an answer, or a refusal that the long way would come to as well."""

    text: bytes
    status: int = 200


@dataclass(frozen=True, slots=True)
class Terms:
    """What the headers of a request say but who sends it: all requests of a client say the same.

    ``media_type`` is the one to answer in, ``cost`` whether the answer is to say what it cost.
    """

    language: str
    media_type: bytes
    cost: bool


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
    """A request that came before, what was prepared for it, and the number the client gave it."""

    prepared: Prepared
    proof: bytes
    terms: Terms
    number: bytes | None
    started: float


Sent = tuple[int, list[tuple[bytes, bytes]], bytes]
"""The status, the headers and the text of an answer."""

LEFT = "zhoba.left"
"""Where the protocol says that the lane has looked at a request already, and left it."""

Wishes = tuple[bytes | None, bytes | None, bytes | None, bytes | None]
"""The headers that terms are made of: what is accepted, in which language, of which type the body
is, and whether its cost is asked for."""

REMEMBERED = 500
"""Wishes remembered with their terms."""

LONGEST = 500
"""Bytes of the longest ones remembered."""


def terms_of(wishes: Wishes, default_language: str) -> Terms | None:
    """The terms of a request; none where it must be refused, which the long way does."""
    accept, accept_language, content_type, cost = map(shown, wishes)
    media_type = preferred_type(accept)
    try:
        check_content_type(content_type)
    except InvalidInput:
        return None
    if media_type is None:
        return None
    language = accepted_language(accept_language, default_language)
    return Terms(language, media_type.encode(), asks_for_cost(cost))


class ExpressLane:
    """ASGI: answers what it can, and hands everything else on as if it had not looked."""

    def __init__(self, app: ASGIApp, *, default_language: str, cors_origins: Sequence[str]) -> None:
        self.app = app
        self.default_language = default_language
        self.cors = bool(cors_origins)
        self.terms: dict[Wishes, Terms] = {}
        self.log: Any = None
        """Bound with the first line, once the logs are set up: binding costs more than a hit."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        express: Express | None = None
        if scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "POST":
            express = None if scope.pop(LEFT, False) else self.express_of(scope["app"])
        headers = None if express is None else self.usual(scope["headers"])
        if express is None or headers is None:
            await self.app(scope, receive, send)
            return
        wishes = wishes_of(headers)
        terms = self.terms.get(wishes) or self.terms_of(wishes)
        coming = Coming(receive)
        try:
            sent = await self.answer(express, headers, terms, coming)
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

    def usual(self, given: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes] | None:
        """The headers by name; none where one comes twice, or CORS has to look at them."""
        headers = dict(given)
        if len(headers) != len(given) or (self.cors and b"origin" in headers):
            return None
        return headers

    def sent(
        self, express: Express, reply: Reply, media_type: bytes, number: str, started: float
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
            (b"content-type", media_type),
            (b"cache-control", b"no-store"),
            (NUMBER, number.encode()),
        ]
        if self.cors:
            told.append((b"vary", b"Origin"))
        return reply.status, told, reply.text

    def understood(
        self, given: Sequence[tuple[bytes, bytes]]
    ) -> tuple[dict[bytes, bytes], Terms] | None:
        """The headers of a request, and its terms; none where they are unusual, or the first of
        their kind."""
        headers = self.usual(given)
        terms = None if headers is None else self.terms.get(wishes_of(headers))
        return None if headers is None or terms is None else (headers, terms)

    def answer_here(
        self, express: Express, headers: dict[bytes, bytes], terms: Terms, body: bytes
    ) -> Sent | None:
        """An answer that is there as soon as it is asked for; none: it has to be waited for, or is
        not for the lane."""
        if len(body) > express.most_body:
            return None
        started = time.perf_counter()
        number = request_number(shown(headers.get(NUMBER)))
        token = correlation_id.set(number)
        try:
            caller = Caller(authorized(headers), terms.language, number)
            text = express.answer_here(body, caller, cost=terms.cost)
            reply = None if text is None else Reply(text)
        except Exception as error:
            reply = refused_at_once(express, error, terms, number)
        finally:
            correlation_id.reset(token)
        if reply is None:
            return None
        return self.sent(express, reply, terms.media_type, number, started)

    async def answer(
        self,
        express: Express,
        headers: dict[bytes, bytes],
        terms: Terms | None,
        coming: Coming,
        snapshot: str | None = None,
    ) -> Sent | None:
        """The answer, unless anything at all is unusual: the long way says what.

        ``snapshot`` as for :meth:`~zhoba.express.express.Express.answer`. Raises
        :class:`ClientLeft`.
        """
        started = time.perf_counter()
        number = request_number(shown(headers.get(NUMBER)))
        token = correlation_id.set(number)
        reply = None
        try:
            with Watch(express.watches, express.operations.limits.seconds) as watch:
                if not coming.complete:
                    await coming.read(express.most_body)
                if terms is not None and coming.complete and len(coming.body) <= express.most_body:
                    watch.receive = coming.receive
                    try:
                        caller = Caller(authorized(headers), terms.language, number)
                        text = await express.answer(
                            coming.body, caller, cost=terms.cost, snapshot=snapshot
                        )
                        reply = None if text is None else Reply(text)
                    except Exception as error:
                        reply = refused_at_once(express, error, terms, number)
        except TimeIsUp:
            language = accepted_language(
                shown(headers.get(b"accept-language")), self.default_language
            )
            reply = refuse(express, TimeoutError(), Caller(None, language, number))
        except ClientLeft:
            log.info("client left", path=PATH)
            raise
        finally:
            correlation_id.reset(token)
        if reply is None:
            express.left += 1
            return None
        media_type = PLAIN if terms is None else terms.media_type
        return self.sent(express, reply, media_type, number, started)

    def repeated(
        self, express: Express, headers: dict[bytes, bytes], terms: Terms, body: bytes
    ) -> Repeated | None:
        """A request that came before and whose answer may be at hand; none if it is new."""
        authorization = shown(headers.get(b"authorization"))
        if authorization is None and b"cookie" in headers:
            return None
        proof = digest(authorization)
        prepared = express.prepared.get((body, proof, terms.language))
        if prepared is None or not prepared.at_once:
            return None
        return Repeated(prepared, proof, terms, headers.get(NUMBER), time.perf_counter())

    def at_hand(self, express: Express, request: Repeated, snapshot: str) -> Sent | None:
        """The answer to a request that came before, if it is at hand.

        Raises like :meth:`~zhoba.express.express.Express.finished`.
        """
        prepared, terms = request.prepared, request.terms
        text = express.at_hand(prepared, request.proof, snapshot)
        if text is None:
            return None
        text = express.finished(text, prepared.found, cost=terms.cost or prepared.asked.cost)
        number = request_number(shown(request.number))
        return self.sent(express, Reply(text), terms.media_type, number, request.started)

    def terms_of(self, wishes: Wishes) -> Terms | None:
        """The terms of a request whose wishes were not met before, or are too long to keep."""
        terms = terms_of(wishes, self.default_language)
        if terms is not None and sum(len(each or b"") for each in wishes) <= LONGEST:
            if len(self.terms) >= REMEMBERED:
                self.terms.clear()
            self.terms[wishes] = terms
        return terms


def wishes_of(headers: dict[bytes, bytes]) -> Wishes:
    get = headers.get
    return get(b"accept"), get(b"accept-language"), get(b"content-type"), get(COST)


def shown(value: bytes | None) -> str | None:
    """A header as text."""
    return None if value is None else value.decode("latin-1")


def authorized(headers: dict[bytes, bytes]) -> str | None:
    """What proves who asks. Raises like :func:`~zhoba.http.browser.authorization_of`."""
    given = headers.get(b"authorization")
    if given is not None:
        return given.decode("latin-1")
    if b"cookie" not in headers:
        return None
    return authorization_of(Headers(raw=[*headers.items()]))


def refuse(express: Express, error: Exception, caller: Caller) -> Reply:
    """A refusal for which nothing has to be done once more."""
    refused = express.operations.refusal(error, caller)
    return Reply(encode(refused.body), status_of(refused.refusal))


def refused_at_once(express: Express, error: Exception, terms: Terms, number: str) -> Reply | None:
    """The refusal of what would be refused the long way as well; none where that says why."""
    if isinstance(error, TooLarge):
        return refuse(express, error, Caller(None, terms.language, number))
    if not isinstance(error, InvalidInput):
        log.info("express lane left", error=type(error).__qualname__)
    return None


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
