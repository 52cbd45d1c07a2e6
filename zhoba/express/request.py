"""A request in the lane, and how far it got before there was a task for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schema.planner.whole import WholeQuery
from zhoba.express.flights import Seat
from zhoba.express.prepared import Prepared
from zhoba.http.body import Asked
from zhoba.http.operation import Caller


@dataclass(slots=True)
class Request:
    """What is asked, by whom and when; ``name`` is its body and who sends it, in which language.
    ``given`` is what it asks as it came, ``asked`` the same with the text of its document,
    ``prepared`` what is remembered of it.

    Like everything that is made for each request it is not frozen, which would take longer.
    """

    name: tuple[bytes, bytes, str]
    given: Asked
    asked: Asked
    caller: Caller
    proof: bytes
    now: datetime
    prepared: Prepared | None


@dataclass(slots=True)
class Ahead:
    """What was understood of a request that came before, when its answer was not at hand. ``begun``
    is the last read that had begun when it came in, ``seat`` is in one that may answer it,
    ``snapshot`` was taken since."""

    query: WholeQuery
    request: Request
    begun: int
    seat: Seat | None = None
    snapshot: str | None = None

    @property
    def number(self) -> str:
        """The request's own, by which it is found in the log."""
        return self.request.caller.correlation_id
