"""What the headers of a request say: nearly all requests of a client say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.datastructures import Headers

from core.errors import InvalidInput
from core.messages import accepted_language
from zhoba.express.sign_ins import digest
from zhoba.http.answers import preferred_type
from zhoba.http.body import COST_HEADER, asks_for_cost, check_content_type
from zhoba.http.browser import authorization_of
from zhoba.http.correlation import HEADER

COST = COST_HEADER.lower().encode()
NUMBER = HEADER.lower().encode()

REMEMBERED = 500
"""Wishes remembered with their terms."""

LONGEST = 500
"""Bytes of the longest ones remembered."""

Given = Sequence[tuple[bytes, bytes]]
"""Headers as they came, their names in small letters."""

Wishes = tuple[bytes | None, bytes | None, bytes | None, bytes | None]
"""The headers that terms are made of: what is accepted, in which language, of which type the body
is, and whether its cost is asked for."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a request is to be answered: in which language and media type, and whether the answer is
    to say what it cost."""

    language: str
    media_type: bytes
    cost: bool


@dataclass(frozen=True, slots=True)
class Head:
    """What the headers of a request say. ``proof`` is the digest of ``authorization``, ``number``
    what the client calls the request."""

    terms: Terms
    authorization: str | None
    proof: bytes
    number: str | None


@dataclass(slots=True)
class Heads:
    """Reads headers, and remembers the terms they come to. With ``cors``, what a page of another
    site sends is not for the lane."""

    default_language: str
    cors: bool
    terms: dict[Wishes, Terms] = field(default_factory=dict)

    def read(self, given: Given) -> Head | None:
        """What headers say; none where the application has to look at them: one comes twice, or a
        request has to be refused for them."""
        headers = dict(given)
        if len(headers) != len(given) or (self.cors and b"origin" in headers):
            return None
        get = headers.get
        wishes = get(b"accept"), get(b"accept-language"), get(b"content-type"), get(COST)
        terms = self.terms.get(wishes) or self.terms_of(wishes)
        if terms is None:
            return None
        authorization = shown(get(b"authorization"))
        if authorization is None and b"cookie" in headers:
            try:
                authorization = authorization_of(Headers(raw=[*given]))
            except InvalidInput:
                return None
        return Head(terms, authorization, digest(authorization), shown(get(NUMBER)))

    def terms_of(self, wishes: Wishes) -> Terms | None:
        """The terms of a request whose wishes were not met before, or are too long to keep; none
        where it must be refused."""
        terms = terms_of(wishes, self.default_language)
        if terms is not None and sum(len(each or b"") for each in wishes) <= LONGEST:
            if len(self.terms) >= REMEMBERED:
                self.terms.clear()
            self.terms[wishes] = terms
        return terms


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


def shown(value: bytes | None) -> str | None:
    """A header as text."""
    return None if value is None else value.decode("latin-1")
