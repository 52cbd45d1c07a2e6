"""From the bytes of a request to what it asks: every malformed one is a coded refusal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from json.scanner import make_scanner
from typing import Any, NoReturn

from starlette.requests import Request

from core.errors import InvalidInput
from schema.limits import Limits, check_variables
from schema.limits.values import forbidden_character

COST_HEADER = "X-Zhoba-Cost"
"""With ``1`` the answer says what it cost, like ``extensions: {cost: true}`` in the request."""

LONGEST_NUMBER = 40
"""Characters of a number in JSON; longer ones only cost time to read."""


@dataclass(slots=True)
class Asked:
    """One operation a client asks for. Nobody changes it; frozen, it would take longer to make than
    to read."""

    query: str
    variables: dict[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    document_id: str | None = None
    """What the query is registered under, in its place."""
    cost: bool = False
    """Whether the answer is to say what it cost."""


async def read_body(request: Request, limit: int) -> bytes:
    """The body, refused with ``BODY_TOO_LARGE`` before it fills the memory."""
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:19]) > limit:
        raise InvalidInput("BODY_TOO_LARGE", limit=limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise InvalidInput("BODY_TOO_LARGE", limit=limit)
    return bytes(body)


def check_content_type(header: str | None) -> None:
    """Raise ``CONTENT_TYPE_UNSUPPORTED`` unless the body is JSON in UTF-8.

    Only such a body makes a browser ask first before a foreign page may send it; forms and
    multipart bodies would not, so they are no way to send a mutation.
    """
    if header is None or not (header == "application/json" or is_json(header[:200])):
        raise InvalidInput("CONTENT_TYPE_UNSUPPORTED", expected="application/json")


def is_json(content_type: str) -> bool:
    """Whether a content type is JSON in UTF-8."""
    kind, *options = [part.strip().lower() for part in content_type.split(";")]
    charsets = [option[8:].strip('"') for option in options if option.startswith("charset=")]
    return kind == "application/json" and all(name in ("utf-8", "utf8") for name in charsets)


def parse_post(body: bytes, limits: Limits) -> Asked:
    """What the JSON body of a POST asks for."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        refuse("NOT_UTF8")
    return asked(parse_json(text), limits)


def parse_get(pairs: Iterable[tuple[str, str]], limits: Limits) -> Asked:
    """What the query string of a GET asks for: text, and JSON for variables and extensions."""
    parameters: dict[str, Any] = {}
    for name, value in pairs:
        if name in parameters:
            refuse("DUPLICATE_KEY")
        parameters[name] = value
    for name in ("variables", "extensions"):
        if parameters.get(name):
            parameters[name] = parse_json(parameters[name])
        else:
            parameters.pop(name, None)
    return asked(parameters, limits)


def asked(parameters: object, limits: Limits) -> Asked:
    """The operation in a request's parameters, each checked for its type."""
    if not isinstance(parameters, dict):
        refuse("NOT_AN_OBJECT")
    query, document = parameters.get("query"), parameters.get("documentId")
    if query is None and document is None:
        raise InvalidInput("QUERY_MISSING", field="query")
    if query is not None and document is not None:
        raise InvalidInput("DOCUMENT_AND_QUERY", field="documentId")
    name = parameters.get("operationName")
    for parameter, value, kind in (
        ("query", query, (str, type(None))),
        ("documentId", document, (str, type(None))),
        ("operationName", name, (str, type(None))),
        ("variables", parameters.get("variables"), (dict, type(None))),
        ("extensions", parameters.get("extensions"), (dict, type(None))),
    ):
        if not isinstance(value, kind):
            raise InvalidInput("BAD_PARAMETER", field=parameter, parameter=parameter)
    variables = parameters.get("variables") or {}
    check_variables(variables, limits)
    extensions = parameters.get("extensions") or {}
    check_variables(extensions, limits)
    if query is not None and not query.strip():
        raise InvalidInput("QUERY_MISSING", field="query")
    return Asked(
        query=check_text(query or ""),
        variables=variables,
        operation_name=name or None,
        document_id=document,
        cost=extensions.get("cost") is True,
    )


def asks_for_cost(header: str | None) -> bool:
    """What the header ``X-Zhoba-Cost`` says."""
    return header is not None and header.strip() == "1"


def parse_json(text: str) -> Any:
    """A JSON value, read strictly: no doubled keys, no NaN, no endless numbers or nesting."""
    check_text(text)
    try:
        value = STRICT.decode(text)
    except RecursionError:
        refuse("TOO_DEEP")
    except ValueError:
        refuse("NOT_JSON")
    if "\\u" in text:
        check_escaped(value)
    return value


def check_escaped(value: object) -> None:
    """Refuse characters that were hidden in escapes."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            check_text(found)
        elif isinstance(found, dict):
            waiting += [*found, *found.values()]
        elif isinstance(found, list):
            waiting += found


def check_text(text: str) -> str:
    if forbidden_character(text):
        refuse("FORBIDDEN_CHARACTER")
    return text


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        refuse("DUPLICATE_KEY")
    return found


def whole(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        refuse("NUMBER_TOO_LONG")
    return int(digits)


def real(digits: str) -> float:
    value = float(digits)
    if len(digits) > LONGEST_NUMBER or value in (float("inf"), float("-inf")):
        refuse("NUMBER_TOO_LONG")
    return value


def refuse(problem: str) -> NoReturn:
    """Refuse a body that cannot be read, saying in one word why."""
    raise InvalidInput("BAD_REQUEST_BODY", problem=problem)


STRICT = json.JSONDecoder(
    object_pairs_hook=unique,
    parse_int=whole,
    parse_float=real,
    parse_constant=lambda _: refuse("NOT_JSON"),
)

SCAN: Callable[[str, int], tuple[Any, int]] = make_scanner(STRICT)  # type: ignore[arg-type]
"""The value that begins at a place of a text, and where it ends."""
