"""What a handler must be."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from core.events.handler import Handler, When
from core.work import Entry, Work


async def hear(work: Work, entry: Entry) -> None:
    pass


def hear_at_once(work: Work, entry: Entry) -> None:
    pass


class Hearing:
    async def __call__(self, work: Work, entry: Entry) -> None:
        pass


def handler(**given: Any) -> Handler:
    usual = {"name": "hear", "acts": frozenset({"edited"}), "when": When.AFTER, "run": hear}
    return Handler(**(usual | given))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"acts": "stageMoved"}, "no frozenset of texts"),
        ({"acts": {"stageMoved"}}, "no frozenset of texts"),
        ({"acts": frozenset({1})}, "no frozenset of texts"),
        ({"run": hear_at_once}, "must be written with `async def`"),
        ({"run": None}, "must be written with `async def`"),
        ({"name": ""}, "no name of a handler"),
        ({"name": "Hear it"}, "no name of a handler"),
        ({"name": None}, "no name of a handler"),
        ({"when": "within"}, "neither When.WITHIN nor When.AFTER"),
    ],
)
def test_what_is_no_handler_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        handler(**given)


@pytest.mark.parametrize("run", [hear, partial(hear), Hearing()])
def test_whatever_is_awaited_may_run(run: Any) -> None:
    assert handler(run=run).wants("edited")
