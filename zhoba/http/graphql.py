"""``/graphql``: GraphQL over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any

from graphql import OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from core.errors import InvalidInput, NotAuthenticated
from core.messages import accepted_language
from zhoba.http.answers import (
    GRAPHQL_JSON,
    MethodNotAllowed,
    not_acceptable,
    preferred_type,
    refusal_headers,
    refuse_request,
    status_of,
)
from zhoba.http.body import (
    COST_HEADER,
    Asked,
    asks_for_cost,
    check_content_type,
    parse_get,
    parse_post,
    read_body,
)
from zhoba.http.browser import authorization_of, take_ended_cookie
from zhoba.http.operation import Answer, Caller, Operations
from zhoba.http.websocket import GraphQLSocket
from zhoba.logs import correlation_id, log

ALLOWED = {
    "GET": (OperationType.QUERY,),
    "POST": (OperationType.QUERY, OperationType.MUTATION),
}
"""What may be asked by which method: a GET changes nothing, so a foreign page may cause one."""


@dataclass(frozen=True, slots=True)
class GraphQLEndpoint:
    """Answers HTTP requests itself and hands WebSockets to :class:`GraphQLSocket`."""

    operations: Operations
    sockets: GraphQLSocket
    default_language: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.sockets(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await self.respond(request)
        except ClientDisconnect:
            log.info("client left", path=request.url.path)
            return
        await response(scope, receive, send)

    async def respond(self, request: Request) -> Response:
        messages = self.operations.services.messages
        try:
            media_type = preferred_type(request.headers.get("accept"))
            async with asyncio.timeout(self.operations.limits.seconds):
                asked = await self.read(request)
                if asks_for_cost(request.headers.get(COST_HEADER)):
                    asked = replace(asked, cost=True)
            if media_type is None:
                raise not_acceptable()
            caller = self.caller(request)
        except ClientDisconnect:
            raise
        except TimeoutError:
            late = InvalidInput("TIMED_OUT", seconds=self.operations.limits.seconds)
            return refuse_request(request, late, messages, self.default_language)
        except Exception as error:
            return refuse_request(request, error, messages, self.default_language)
        answer = await unless_left(
            request, self.operations.answer(asked, caller, ALLOWED[request.method])
        )
        answer, text = self.operations.encode(answer, caller)
        response = Response(
            text,
            status_code=status(answer, media_type),
            media_type=media_type,
            headers={"Cache-Control": "no-store", **refusal_headers(answer.refusal)},
        )
        if isinstance(answer.refusal, NotAuthenticated):
            take_ended_cookie(response, request.headers)
        return response

    async def read(self, request: Request) -> Asked:
        limits = self.operations.limits
        if request.method == "GET":
            return parse_get(request.query_params.multi_items(), limits)
        if request.method == "POST":
            check_content_type(request.headers.get("content-type"))
            return parse_post(await read_body(request, limits.body_bytes), limits)
        raise MethodNotAllowed(tuple(ALLOWED))

    def caller(self, request: Request) -> Caller:
        return Caller(
            authorization=authorization_of(request.headers),
            language=accepted_language(
                request.headers.get("accept-language"), self.default_language
            ),
            correlation_id=correlation_id.get(),
        )


def status(answer: Answer, media_type: str) -> int:
    """The status of an answer: by its media type, as GraphQL over HTTP asks.

    In ``application/json`` a document that does not fit the schema is still 200, for clients that
    read errors only there; what Zhoba itself refuses is a 4xx in both.
    """
    if answer.executed:
        return 200
    if answer.refusal is not None:
        return status_of(answer.refusal)
    codes = {error["extensions"]["code"] for error in answer.body["errors"]}
    if "INTERNAL" in codes:
        return 500
    return 400 if media_type == GRAPHQL_JSON else 200


async def unless_left(request: Request, work: Coroutine[Any, Any, Answer]) -> Answer:
    """The answer, unless the client hangs up before it is there: then the work is cancelled.

    Raises :class:`~starlette.requests.ClientDisconnect` in that case.
    """
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(left(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
