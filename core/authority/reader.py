"""Who reads, as far as the text of a statement depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, bindparam

from core.authority.holding import national_roles
from core.db.base import Key
from core.db.lookup import Source
from core.work import Actor

READER_PERSON = bindparam("reader_person", type_=Key, value=None)
"""The person who reads; NULL when nobody is signed in."""

READER_TODAY = bindparam("reader_today", type_=Date(), value=None)
"""The day on which appointments hold or do not."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever reads.

    ``national_roles`` are held at the country today; where one of them allows an action, lists
    need no predicate. ``scopes`` of a service key switch every other action off. Both are part of
    a cached plan's key, ``person_id`` never is.
    """

    person_id: int | None = None
    national_roles: frozenset[str] = frozenset()
    scopes: frozenset[str] | None = None


async def reader_of(source: Source, actor: Actor, today: date) -> Reader:
    """The reader an actor is on this day. One statement; none for an anonymous actor."""
    if actor.person_id is None:
        return Reader(scopes=actor.scopes)
    return Reader(
        actor.person_id, await national_roles(source, actor.person_id, today), actor.scopes
    )
