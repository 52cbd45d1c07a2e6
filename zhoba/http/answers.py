"""Answers over HTTP: media types, status codes, and coded refusals on every path."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response

from core.errors import InvalidInput, NotAuthenticated, NotFound, PlatformError
from core.messages import Messages, accepted_language
from schema.errors import Translator
from zhoba.http.operation import encode
from zhoba.logs import LogReports, correlation_id

GRAPHQL_JSON = "application/graphql-response+json"
PLAIN_JSON = "application/json"

STATUS = {
    "BODY_TOO_LARGE": 413,
    "FILE_TOO_LARGE": 413,
    "CONTENT_TYPE_UNSUPPORTED": 415,
    "NOT_ACCEPTABLE": 406,
    "METHOD_NOT_ALLOWED": 405,
    "OPERATION_NOT_ALLOWED": 405,
    "ROUTE_NOT_FOUND": 404,
    "FORBIDDEN": 403,
    "CSRF_HEADER_MISSING": 403,
    "FOREIGN_PAGE": 403,
    "FILE_TYPE_NOT_ALLOWED": 415,
    "FILE_DISGUISED": 415,
    "UPLOAD_LINK_USED": 409,
    "UPLOAD_LINK_BUSY": 409,
    "UPLOAD_LINK_EXPIRED": 410,
    "FILE_CONTENT_LOST": 410,
    "DOWNLOAD_LINK_UNKNOWN": 404,
    "DOWNLOAD_LINK_USED": 410,
    "DOWNLOAD_LINK_EXPIRED": 410,
    "TOO_MANY_ATTEMPTS": 429,
    "DOCUMENT_NOT_FOUND": 404,
    "DOCUMENT_NOT_ALLOWED": 403,
    "CONFLICT": 409,
    "TIMED_OUT": 504,
}
"""Status of a refused request by its code; 400 where nothing is said here."""


class MethodNotAllowed(PlatformError):
    """The path exists and does not answer to this method."""

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__("METHOD_NOT_ALLOWED", allowed=", ".join(allowed))
        self.allowed = allowed


def status_of(error: PlatformError | None) -> int:
    """The status of a request that was refused as a whole; 500 for a bug."""
    if error is None:
        return 500
    if isinstance(error, NotAuthenticated):
        return 401
    if isinstance(error, NotFound):
        return 404
    return STATUS.get(error.code, 400)


def refusal_headers(error: PlatformError | None) -> dict[str, str]:
    """Headers that belong to a refusal."""
    if isinstance(error, NotAuthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, MethodNotAllowed):
        return {"Allow": ", ".join(error.allowed)}
    if error is not None and error.code == "TOO_MANY_ATTEMPTS":
        return {"Retry-After": str(error.params["seconds"])}
    return {}


def refuse_request(
    request: Request, error: Exception, messages: Messages, default_language: str
) -> Response:
    """A coded refusal of a request that never became a GraphQL operation."""
    language = accepted_language(request.headers.get("accept-language"), default_language)
    translator = Translator(messages, language, correlation_id.get(), LogReports())
    known = error if isinstance(error, PlatformError) else None
    return Response(
        encode({"errors": [translator.one(error)]}),
        status_code=status_of(known),
        media_type=preferred_type(request.headers.get("accept")) or PLAIN_JSON,
        headers={**refusal_headers(known), "Cache-Control": "no-store"},
    )


def preferred_type(accept: str | None) -> str | None:
    """The media type to answer in, or None when the client takes neither of ours.

    Without a wish it is ``application/json``, as GraphQL over HTTP asks for until it is final.
    """
    if not accept or not accept.strip():
        return PLAIN_JSON
    return best_type(accept[:2000])


@lru_cache(maxsize=100)
def best_type(accept: str) -> str | None:
    """The same of a wish, remembered: clients of a kind send the same header."""
    weights = dict(map(weigh, accept.split(",")))
    anything = weights.get("*/*", weights.get("application/*", 0.0))
    plain = weights.get(PLAIN_JSON, anything)
    graphql = weights.get(GRAPHQL_JSON, 0.0)
    if max(plain, graphql) <= 0:
        return None
    return GRAPHQL_JSON if graphql >= plain else PLAIN_JSON


def weigh(part: str) -> tuple[str, float]:
    """A media range of an Accept header and how much it is liked."""
    kind, *options = [piece.strip().lower() for piece in part.split(";")]
    weight = 1.0
    for option in options:
        if option.startswith("q="):
            try:
                weight = float(option[2:])
            except ValueError:
                weight = 0.0
    return kind, weight


def not_acceptable() -> InvalidInput:
    return InvalidInput("NOT_ACCEPTABLE")
