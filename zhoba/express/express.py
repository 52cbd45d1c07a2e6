"""What the express lane of one process works with, and how it answers."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from core.authority.policy import PolicySet
from core.errors import InvalidInput
from schema.compose import ZhobaSchema
from schema.context import ImpersonalContext, RequestContext
from schema.errors import Translator
from schema.limits import Admitted
from schema.planner.marks import dumps
from schema.planner.plan import Asker, Ready
from schema.planner.whole import WholeQuery, whole_query
from zhoba.express.answers import Answers, Text
from zhoba.express.flawed import Flawed
from zhoba.express.flights import Flights, Landed
from zhoba.express.sign_ins import Remembered, SignIns
from zhoba.express.snapshots import Snapshots
from zhoba.express.watch import Watches
from zhoba.http.body import Asked, parse_post
from zhoba.http.operation import Caller, Operations, encode
from zhoba.logs import LogReports, log

KNOWN = 1000
"""Documents remembered as fit for the lane, or as unfit."""

TRIES = 3
"""How often a read is repeated because something was committed meanwhile that touches the
caller's sign-in, before the long way takes over."""

REPEATED = 2000
"""Bodies of requests remembered with what they ask."""

PREPARED = 300
"""Requests remembered with their plans, which may take 80 KB each."""

LONGEST_REPEATED = 4096
"""Bytes of the longest body remembered."""

LONG_WAY = b""
"""In place of an answer: a value in it did not work out, which the executor has to say."""


@dataclass(frozen=True, slots=True)
class Known:
    """A document fit for the lane."""

    query: WholeQuery
    admitted: Admitted


@dataclass(frozen=True, slots=True)
class About:
    """A request: what is asked, and by whom."""

    asked: Asked
    caller: Caller
    signed_in: Remembered


@dataclass(frozen=True, slots=True)
class Prepared:
    """The plans of a request for a reader; none: it has to go the long way.

    ``key`` is what its answer is kept under, where answers are kept. Nothing of it depends on the
    database.
    """

    policy: PolicySet
    found: list[Ready] | None
    key: Hashable


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
    bodies: OrderedDict[bytes, Asked] = field(default_factory=OrderedDict)
    prepared: OrderedDict[Hashable, Prepared] = field(default_factory=OrderedDict)
    flights: Flights = field(default_factory=Flights)
    watches: Watches = field(default_factory=Watches)
    answered: int = 0
    left: int = 0

    def __post_init__(self) -> None:
        self.sign_ins = SignIns(self.operations)

    async def close(self) -> None:
        await self.flights.close()
        await self.snapshots.close()

    def parsed(self, body: bytes) -> Asked:
        """What a body asks. Raises :class:`~core.errors.InvalidInput` for one that is malformed."""
        asked = self.bodies.get(body)
        if asked is None:
            asked = parse_post(body, self.operations.limits)
            if len(body) <= LONGEST_REPEATED:
                self.bodies[body] = asked
                if len(self.bodies) > REPEATED:
                    self.bodies.popitem(last=False)
        return asked

    async def answer(self, asked: Asked, caller: Caller, body: bytes) -> bytes | None:
        """The answer as JSON text in UTF-8; none: it has to go the long way.

        ``body`` says all of what is asked. Raises what signing in and planning raise, which the
        long way raises again.
        """
        asked = self.operations.documents.resolve(asked)
        query = self.whole(asked)
        if query is None:
            return None
        now = self.operations.clock()
        if self.answers is None:
            return await self.fresh(query, asked, caller, now, body)
        begun = self.flights.begun
        for _ in range(TRIES):
            snapshot = await self.snapshots.now()
            signed_in = await self.sign_ins.at(caller, snapshot, now)
            prepared = self.prepare(query, asked, caller, signed_in, body)
            found, key = prepared.found, prepared.key
            if found is None:
                return None
            text = self.answers.find(key, snapshot)
            if text is None:
                about = About(asked, caller, signed_in)
                number, (text, read_at) = await self.flights.take(
                    key, partial(self.keep, query, found, key, snapshot, about)
                )
                # What was read under another snapshot counts if the read began after the request
                # came in, and the caller may still read as when it began.
                if read_at != snapshot and (
                    number <= begun or not await self.holds(signed_in, caller, now)
                ):
                    continue
            return self.told(text, found, About(asked, caller, signed_in), now)
        return None

    async def fresh(
        self, query: WholeQuery, asked: Asked, caller: Caller, now: datetime, body: bytes
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
            found = self.prepare(query, asked, caller, signed_in, body).found
            if found is None:
                return None
            about = About(asked, caller, signed_in)
            text, read_at, _ = await self.read(query, found, about)
            if signed_in.holds(read_at, now) or await self.holds(signed_in, caller, now):
                return self.told(text, found, about, now)
            signed_in = await self.sign_ins.at(caller, await self.snapshots.now(), now)
        return None

    async def holds(self, signed_in: Remembered, caller: Caller, now: datetime) -> bool:
        """Whether the caller, signing in again, may read as before."""
        again = await self.sign_ins.at(caller, await self.snapshots.now(), now)
        return (again.reader, again.today) == (signed_in.reader, signed_in.today) and (
            again.policy is signed_in.policy
        )

    def prepare(
        self, query: WholeQuery, asked: Asked, caller: Caller, signed_in: Remembered, body: bytes
    ) -> Prepared:
        """The plans of a request, remembered for the same request of the same reader."""
        name = (body, signed_in.reader, signed_in.today, caller.language)
        prepared = self.prepared.get(name)
        if prepared is None or prepared.policy is not signed_in.policy:
            found = self.ready(query, asked, caller, signed_in)
            by = signed_in.today, signed_in.policy.version, caller.language
            key = None
            if found is not None and self.answers is not None:
                key = key_of(query, found, asked.variables, by)
            prepared = Prepared(signed_in.policy, found, key)
            if len(body) <= LONGEST_REPEATED:
                self.prepared[name] = prepared
                if len(self.prepared) > PREPARED:
                    self.prepared.popitem(last=False)
        return prepared

    def ready(
        self, query: WholeQuery, asked: Asked, caller: Caller, signed_in: Remembered
    ) -> list[Ready] | None:
        """The plans of a query for a caller; none where variables do not fit, or it costs too
        much."""
        services = self.operations.services
        assert services.planner is not None
        asker = Asker(signed_in.reader, signed_in.today, caller.language)
        found = query.ready(services.planner, signed_in.policy, asker, asked.variables)
        if found is None or cost_of(found) > services.most_objects:
            return None
        return found

    async def keep(
        self,
        query: WholeQuery,
        found: Sequence[Ready],
        key: Hashable,
        snapshot: str,
        about: About,
    ) -> Landed:
        """Read, and remember what was read, but for personal data."""
        assert self.answers is not None
        text, read_at, exact = await self.read(query, found, about)
        shows_personal = isinstance(text, Flawed) and text.personal
        if (exact or read_at == snapshot) and not shows_personal:
            self.answers.keep(key, read_at, text)
        return text, read_at

    async def read(
        self, query: WholeQuery, found: Sequence[Ready], about: About
    ) -> tuple[Text, str, bool]:
        """The answer, a snapshot under which it is no longer too new, and whether it is exactly
        that: SQLite does not tell, so the snapshot is the one after the read."""
        services = self.operations.services
        assert services.reads is not None
        texts, snapshot = await services.reads.run_under(found)
        by = about.signed_in
        context = ImpersonalContext(services, by.policy, about.caller.language, by.today)
        text: Text = LONG_WAY
        try:
            answer = query.answer(texts, found, about.asked.variables, context)
        except Exception as error:
            log.info("a computed field did not work out", error=type(error).__qualname__)
        else:
            text = Flawed.of(answer) if answer.flaws or answer.personal else answer.text
        if snapshot is not None:
            return text, snapshot, True
        return text, await self.snapshots.now(), False

    def told(self, text: Text, found: Sequence[Ready], about: About, now: datetime) -> bytes | None:
        """The answer with what the request wants to know beside it.

        Raises :class:`~core.errors.InvalidInput` for an answer that is too large.
        """
        if text == LONG_WAY:
            return None
        asked = about.asked
        if isinstance(text, Flawed):
            text = self.tell(text, about, now)
        if asked.cost:
            extensions = encode(self.operations.cost(cost_of(found)))
            text = text[:-1] + b',"extensions":' + extensions + b"}"
        limit = self.operations.limits.response_bytes
        if len(text) > limit:
            raise TooLarge("RESPONSE_TOO_LARGE", limit=limit)
        return text

    def tell(self, flawed: Flawed, about: About, now: datetime) -> bytes:
        """An answer with its errors, once the log is told what was denied and what is personal."""
        services, caller, by = self.operations.services, about.caller, about.signed_in
        context = RequestContext(
            services=services,
            actor=by.actor,
            reader=by.reader,
            policy=by.policy,
            now=now,
            language=caller.language,
            correlation_id=caller.correlation_id,
            renew=nothing_to_renew,
        )
        context.note_denials(flawed.errors, about.asked.variables, mutation=False)
        if flawed.personal:
            context.note_personal(flawed.personal)
        return flawed.told(
            Translator(services.messages, caller.language, caller.correlation_id, LogReports())
        )

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


async def nothing_to_renew() -> None:
    """Queries end before anybody's rights could."""


class TooLarge(InvalidInput):
    """An answer that is too large, however it is read."""


def key_of(query: WholeQuery, found: Sequence[Ready], variables: object, by: Hashable) -> bytes:
    """What an answer is kept under: a digest of all it depends on but the database.

    ``by`` are the day, the version of the rules and the language, which with the variables are all
    that computed fields may look at beside their columns. Variables may also decide which fields of
    Query there are.
    """
    read = [(one.plan.digest, one.positional) for one in found]
    told: object = None
    if query.parts is None or any(one.plan.worked for one in found):
        told = by, dumps(variables)
    parts = query.operation.document, told, read
    return hashlib.blake2b(repr(parts).encode(), digest_size=20).digest()


def cost_of(found: Sequence[Ready]) -> int:
    return sum(one.plan.cost for one in found)
