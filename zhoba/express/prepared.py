"""What is remembered of a request for the next one like it."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date

from core.authority.policy import PolicySet
from core.authority.reader import Reader
from schema.planner.marks import dumps
from schema.planner.plan import Ready
from schema.planner.whole import WholeQuery
from zhoba.express.sign_ins import Remembered
from zhoba.http.body import Asked


@dataclass(slots=True)
class Prepared:
    """What a request asks, and its plans for a reader; none: it has to go the long way.

    ``key`` is what its answer is kept under, where answers are kept; ``at_once`` says that nothing
    else has to be looked up before the answer is. Nothing of it depends on the database.
    """

    asked: Asked
    reader: Reader
    today: date
    policy: PolicySet
    found: list[Ready] | None
    key: Hashable
    at_once: bool

    def fits(self, signed_in: Remembered) -> bool:
        """Whether it was prepared for what somebody may read now."""
        return (
            self.policy is signed_in.policy
            and self.today == signed_in.today
            and (self.reader is signed_in.reader or self.reader == signed_in.reader)
        )


def key_of(query: WholeQuery, found: Sequence[Ready], variables: object, by: Hashable) -> bytes:
    """What an answer is kept under: a digest of all it depends on but the database.

    ``by`` are the day, the version of the rules and the language, which with the variables are all
    that computed fields may look at beside their columns. Variables may also decide which fields of
    Query there are.
    """
    read = [(one.plan.digest, tuple(one.positional)) for one in found]
    told: object = None
    if query.parts is None or any(one.plan.worked for one in found):
        told = by, dumps(variables)
    parts = query.operation.document, told, read
    return hashlib.blake2b(repr(parts).encode(), digest_size=20).digest()
