"""What the express lane of one process works with, and how it answers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from core.errors import InvalidInput
from schema.compose import ZhobaSchema
from schema.limits import Admitted
from schema.planner.plan import Asker, Ready
from schema.planner.whole import WholeQuery, whole_query
from zhoba.express.answers import Answers
from zhoba.express.flights import Flights, Landed
from zhoba.express.sign_ins import Remembered, SignIns
from zhoba.express.snapshots import Snapshots
from zhoba.http.body import Asked
from zhoba.http.operation import Caller, Operations, encode

KNOWN = 1000
"""Documents remembered as fit for the lane, or as unfit."""

TRIES = 3
"""How often a read is repeated because something was committed meanwhile that touches the
caller's sign-in, before the long way takes over."""

LONG_WAY = b""
"""In place of an answer: it needs errors beside the data, or is too large."""


@dataclass(frozen=True, slots=True)
class Known:
    """A document fit for the lane."""

    query: WholeQuery
    admitted: Admitted


@dataclass(slots=True)
class Express:
    """What the lane of one process works with."""

    operations: Operations
    snapshots: Snapshots
    answers: Answers | None
    sign_ins: SignIns = field(init=False)
    documents: OrderedDict[tuple[str, str | None], Known | None] = field(
        default_factory=OrderedDict
    )
    flights: Flights = field(default_factory=Flights)
    answered: int = 0
    left: int = 0

    def __post_init__(self) -> None:
        self.sign_ins = SignIns(self.operations)

    async def close(self) -> None:
        await self.flights.close()
        await self.snapshots.close()

    async def answer(self, asked: Asked, caller: Caller) -> bytes | None:
        """The answer as JSON text in UTF-8; none: it has to go the long way.

        Raises what signing in and planning raise, which the long way raises again.
        """
        asked = self.operations.documents.resolve(asked)
        query = self.whole(asked)
        if query is None:
            return None
        now = self.operations.clock()
        if self.answers is None:
            return await self.fresh(query, asked, caller, now)
        begun = self.flights.begun
        for _ in range(TRIES):
            snapshot = await self.snapshots.now()
            signed_in = await self.sign_ins.at(caller, snapshot, now)
            found = self.ready(query, asked, caller, signed_in)
            if found is None:
                return None
            key = query.operation.document, *((one.plan.sql, *values_of(one)) for one in found)
            text = self.answers.find(key, snapshot)
            if text is None:
                number, (text, read_at) = await self.flights.take(
                    key, partial(self.keep, query, found, key, snapshot)
                )
                # What was read under another snapshot counts if the read began after the request
                # came in, and the caller may still read as when it began.
                if read_at != snapshot and (
                    number <= begun or not await self.holds(signed_in, caller, now)
                ):
                    continue
            return self.told(text, asked, found)
        return None

    async def fresh(
        self, query: WholeQuery, asked: Asked, caller: Caller, now: datetime
    ) -> bytes | None:
        """An answer read for this request alone.

        The statement runs on the strength of the last sign-in; the snapshot it reports says
        whether that still holds. If not, the caller is signed in again, and the answer counts if
        nothing about them has changed.
        """
        signed_in = self.sign_ins.latest(caller)
        if signed_in is None:
            signed_in = await self.sign_ins.at(caller, await self.snapshots.now(), now)
        for _ in range(TRIES):
            found = self.ready(query, asked, caller, signed_in)
            if found is None:
                return None
            text, read_at, _ = await self.read(query, found)
            if signed_in.holds(read_at, now) or await self.holds(signed_in, caller, now):
                return self.told(text, asked, found)
            signed_in = await self.sign_ins.at(caller, await self.snapshots.now(), now)
        return None

    async def holds(self, signed_in: Remembered, caller: Caller, now: datetime) -> bool:
        """Whether the caller, signing in again, may read as before."""
        again = await self.sign_ins.at(caller, await self.snapshots.now(), now)
        return (again.reader, again.today) == (signed_in.reader, signed_in.today) and (
            again.policy is signed_in.policy
        )

    def ready(
        self, query: WholeQuery, asked: Asked, caller: Caller, signed_in: Remembered
    ) -> list[Ready] | None:
        """The finished plans of a query for a caller; none where one is not, or costs too much."""
        services = self.operations.services
        assert services.planner is not None
        asker = Asker(signed_in.reader, signed_in.today, caller.language)
        found = query.ready(services.planner, signed_in.policy, asker, asked.variables)
        if found is None or cost_of(found) > services.most_objects:
            return None
        if any(one.plan.personal for one in found):
            return None  # Such reads are written down, which the long way does.
        return found

    async def keep(
        self, query: WholeQuery, found: Sequence[Ready], key: object, snapshot: str
    ) -> Landed:
        """Read, and remember what was read."""
        assert self.answers is not None
        text, read_at, exact = await self.read(query, found)
        if exact or read_at == snapshot:
            self.answers.keep(key, read_at, text)
        return text, read_at

    async def read(self, query: WholeQuery, found: Sequence[Ready]) -> tuple[bytes, str, bool]:
        """The answer, a snapshot under which it is no longer too new, and whether it is exactly
        that: SQLite does not tell, so the snapshot is the one after the read."""
        reads = self.operations.services.reads
        assert reads is not None
        texts, snapshot = await reads.run_under(found)
        text = query.answer(texts)
        encoded = LONG_WAY if text is None else text.encode()
        if snapshot is not None:
            return encoded, snapshot, True
        return encoded, await self.snapshots.now(), False

    def told(self, text: bytes, asked: Asked, found: Sequence[Ready]) -> bytes | None:
        """The answer with what the request wants to know beside it.

        Raises :class:`~core.errors.InvalidInput` for an answer that is too large.
        """
        if text == LONG_WAY:
            return None
        if asked.cost:
            extensions = encode(self.operations.cost(cost_of(found)))
            text = text[:-1] + b',"extensions":' + extensions + b"}"
        limit = self.operations.limits.response_bytes
        if len(text) > limit:
            raise TooLarge("RESPONSE_TOO_LARGE", limit=limit)
        return text

    def whole(self, asked: Asked) -> WholeQuery | None:
        """The document, if it fits the lane. Raises for one that is not admitted."""
        key = (asked.query, asked.operation_name)
        if key in self.documents:
            self.documents.move_to_end(key)
        else:
            self.documents[key] = self.judge(asked)
            if len(self.documents) > KNOWN:
                self.documents.popitem(last=False)
        known = self.documents[key]
        if known is None:
            return None
        self.operations.admission.check_pages(
            known.admitted, known.query.operation.node, asked.variables
        )
        return known.query

    def judge(self, asked: Asked) -> Known | None:
        """Whether a document that was not met before fits the lane."""
        admitted = self.operations.admission.admit(asked.query)
        schema = self.operations.schema
        if not isinstance(schema, ZhobaSchema):
            return None
        node = admitted.operation(asked.operation_name)
        query = whole_query(schema.graphql, schema.catalogue, admitted.document, node, asked.query)
        return None if query is None else Known(query, admitted)


class TooLarge(InvalidInput):
    """An answer that is too large, however it is read."""


def values_of(ready: Ready) -> Iterator[Hashable]:
    """The parameters of a statement, fit for a key."""
    for value in ready.parameters.values():
        yield tuple(value) if type(value) is list else value


def cost_of(found: Sequence[Ready]) -> int:
    return sum(one.plan.cost for one in found)
