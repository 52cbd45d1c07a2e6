"""Headers, and what they come to."""

from __future__ import annotations

import pytest

from zhoba.express.head import LONGEST, REMEMBERED, Head, Heads
from zhoba.express.sign_ins import digest

JSON = b"application/json"
USUAL = [(b"content-type", JSON), (b"accept", b"*/*"), (b"host", b"localhost")]
SESSION = (b"cookie", b"zhoba=abc")
OURS = (b"x-zhoba-csrf", b"1")


@pytest.fixture
def heads() -> Heads:
    return Heads(default_language="kk", cors=False)


def read(heads: Heads, *more: tuple[bytes, bytes]) -> Head:
    head = heads.read([*USUAL, *more])
    assert head is not None
    return head


def test_headers_say_how_and_to_whom_to_answer(heads: Heads) -> None:
    head = read(
        heads,
        (b"authorization", b"Bearer a"),
        (b"accept-language", b"ru"),
        (b"x-zhoba-cost", b"1"),
        (b"x-correlation-id", b"seven"),
    )
    assert (head.authorization, head.proof) == ("Bearer a", digest("Bearer a"))
    assert (head.terms.language, head.terms.media_type, head.terms.cost) == ("ru", JSON, True)
    assert head.number == "seven"


def test_nobody_is_not_somebody_with_an_empty_proof(heads: Heads) -> None:
    nobody, empty = read(heads), read(heads, (b"authorization", b""))
    assert (nobody.authorization, empty.authorization) == (None, "")
    assert nobody.proof != empty.proof
    assert (nobody.terms.language, nobody.terms.cost, nobody.number) == ("kk", False, None)


def test_a_cookie_is_a_proof_with_the_header_of_our_pages_only(heads: Heads) -> None:
    assert read(heads, SESSION, OURS).authorization == "Session abc"
    assert heads.read([*USUAL, SESSION]) is None
    assert read(heads, SESSION, (b"authorization", b"Bearer a")).authorization == "Bearer a"


@pytest.mark.parametrize(
    "more",
    [
        [(b"accept", b"*/*")],
        [(b"x-anything", b"1"), (b"x-anything", b"2")],
    ],
)
def test_a_header_twice_is_the_applications(heads: Heads, more: list[tuple[bytes, bytes]]) -> None:
    assert heads.read([*USUAL, *more]) is None


@pytest.mark.parametrize("cors", [True, False])
def test_what_another_site_sends_is_the_applications_if_that_is_allowed(cors: bool) -> None:
    heads = Heads(default_language="kk", cors=cors)
    assert (heads.read([*USUAL, (b"origin", b"https://a")]) is None) is cors


def test_only_few_and_short_headers_are_remembered(heads: Heads) -> None:
    for number in range(REMEMBERED + 1):
        terms = heads.terms_of((b"*/*", b"ru;q=0.%d" % number, JSON, None))
        assert terms is not None
        assert (terms.language, terms.cost) == ("ru" if number else "kk", False)
    assert len(heads.terms) == 1
    assert heads.terms_of((b"*/*," * LONGEST, b"en", JSON, b"1")) is not None
    assert heads.terms_of((b"text/html", None, JSON, None)) is None
    assert heads.terms_of((None, None, b"text/plain", None)) is None
    assert len(heads.terms) == 1
