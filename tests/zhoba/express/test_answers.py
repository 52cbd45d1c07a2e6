"""The store of answers: bounded, and true to its snapshot."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zhoba.express.answers import OVERHEAD, Answers


def test_an_answer_is_found_under_its_snapshot_only() -> None:
    answers = Answers(100_000)
    answers.keep("key", "1", b"one")
    assert answers.find("key", "1") == b"one"
    assert answers.find("key", "2") is None
    assert answers.find("other", "1") is None
    assert (answers.hits, answers.misses) == (1, 2)


def test_a_newer_answer_takes_the_place_of_the_old_one() -> None:
    answers = Answers(100_000)
    answers.keep("key", "1", b"one")
    answers.keep("key", "2", b"second")
    assert answers.find("key", "1") is None
    assert answers.find("key", "2") == b"second"
    assert answers.held == len(b"second") + OVERHEAD


def test_what_was_used_least_recently_goes_first() -> None:
    answers = Answers(4 * (OVERHEAD + 10))
    for key in "abcd":
        answers.keep(key, "1", b"x" * 10)
    assert answers.find("a", "1") is not None
    answers.keep("e", "1", b"x" * 10)
    assert [key for key in "abcde" if answers.find(key, "1")] == ["a", "c", "d", "e"]


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3000))))
def test_the_store_never_holds_more_than_it_may(kept: list[tuple[int, int]]) -> None:
    answers = Answers(10_000)
    for key, size in kept:
        answers.keep(key, "1", b"x" * size)
        assert (
            answers.held
            == sum(len(one.text) + OVERHEAD for one in answers.kept.values())
            <= answers.most_bytes
        )
