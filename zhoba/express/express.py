"""What the express lane of one process works with, and how it answers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial

from core.errors import InvalidInput
from schema.context import ImpersonalContext, RequestContext
from schema.errors import Translator
from schema.planner.plan import Ready
from schema.planner.run import SqliteReads, is_short
from schema.planner.whole import WholeQuery
from zhoba.express.answers import Answers, Text
from zhoba.express.documents import Documents
from zhoba.express.flawed import Flawed
from zhoba.express.flights import Flights, Landed, Seat
from zhoba.express.prepared import Prepared, key_of
from zhoba.express.request import Ahead, Request
from zhoba.express.sign_ins import Remembered, SignIns
from zhoba.express.snapshots import Snapshots, SqliteSnapshots, ended
from zhoba.express.templates import Templates
from zhoba.express.watch import Watches
from zhoba.http.operation import Caller, Operations, encode
from zhoba.logs import LogReports, log

TRIES = 3
"""How often a read is repeated because something was committed meanwhile that touches the
caller's sign-in, before the long way takes over."""

MOST_BODY = 64 * 1024
"""Bytes of a request that may take the lane."""

PREPARED = 300
"""Requests remembered with what their answers are kept under; plans may take 80 KB each."""

LATELY = 1000
"""Requests whose numbers are noted, to tell those that come again."""

LONGEST_PREPARED = 4096
"""Bytes of the longest body of those."""

Told = tuple[bytes, Sequence[Ready]]
"""A finished answer, and the plans it was read with."""

LONG_WAY = b""
"""In place of an answer: a value in it did not work out, which the executor has to say."""


@dataclass(slots=True)
class Express:
    """What the lane of one process works with."""

    operations: Operations
    snapshots: Snapshots
    answers: Answers | None
    near: tuple[SqliteReads, SqliteSnapshots] | None = field(init=False, default=None)
    most_body: int = field(init=False)
    sign_ins: SignIns = field(init=False)
    documents: Documents = field(init=False)
    templates: Templates = field(init=False)
    prepared: OrderedDict[Hashable, Prepared] = field(default_factory=OrderedDict)
    lately: set[int] = field(default_factory=set)
    flights: Flights = field(default_factory=Flights)
    watches: Watches = field(default_factory=Watches)
    answered: int = 0
    left: int = 0

    def __post_init__(self) -> None:
        self.most_body = min(MOST_BODY, self.operations.limits.body_bytes)
        self.documents = Documents(self.operations)
        self.sign_ins = SignIns(self.operations)
        reads = self.operations.services.reads
        if isinstance(reads, SqliteReads) and isinstance(self.snapshots, SqliteSnapshots):
            self.near = reads, self.snapshots
        self.templates = Templates(self.operations.limits)

    async def close(self) -> None:
        await self.flights.close()
        await self.snapshots.close()

    async def answer(
        self, body: bytes, proof: bytes, caller: Caller, *, cost: bool
    ) -> bytes | None:
        """The answer as JSON text in UTF-8; none: it has to go the long way.

        ``proof`` is the digest of the caller's authorization. ``cost`` asks for what it costs, as
        the body may too. Raises what reading the body, signing in and planning raise, which the
        long way raises again.
        """
        name = body, proof, caller.language
        prepared = self.prepared.get(name)
        begun, snapshot = self.flights.begun, None
        if prepared is not None and prepared.at_once:
            snapshot = await self.snapshots.now()
            text = self.at_hand(prepared, proof, snapshot)
            if text is not None:
                return self.finished(text, prepared.found, cost=cost or prepared.asked.cost)
        understood = self.understood(name, caller, prepared)
        if understood is None:
            return None
        query, request = understood
        if self.answers is None:
            told = await self.fresh(query, request)
        else:
            told = await self.kept(query, request, self.answers, begun, snapshot)
        return self.finished_of(told, cost=cost or request.given.cost)

    def outdated(self, prepared: Prepared, snapshot: str | None = None) -> bool:
        """Whether the answer to a request that came before is of another snapshot than this, or
        than the last that was heard of."""
        assert self.answers is not None
        snapshot = snapshot or self.snapshots.latest
        return snapshot is not None and self.answers.under(prepared.key, snapshot) is None

    def ahead(
        self,
        prepared: Prepared,
        body: bytes,
        proof: bytes,
        caller: Caller,
        begun: int,
        snapshot: str | None,
    ) -> Ahead | None:
        """Begin to read what a request that came before asks, if its sender may still read as the
        last time, which a sign-in has to say before anybody is told.

        None: it has to be looked at as if it came for the first time. Raises what reading the
        request raises.
        """
        assert self.answers is not None
        understood = self.understood((body, proof, caller.language), caller, prepared)
        if understood is None:
            return None
        query, request = understood
        ahead = Ahead(query, request, begun)
        latest, found = self.sign_ins.latest(proof), prepared.found
        if (
            found is not None
            and latest is not None
            and prepared.fits(latest)
            and not logged(found)
            and self.outdated(prepared, snapshot)
        ):
            # Kept under what they may read, so it is nobody's who may not.
            under = snapshot or latest.snapshot
            read = partial(self.keep, query, found, prepared.key, under, request, latest)
            ahead.seat = self.flights.seat(prepared.key, read)
            self.answers.misses += 1
        return ahead

    def sign_in_ahead(self, ahead: Ahead, snapshot: str) -> None:
        """Begin to sign in again whose answer is not at hand under ``snapshot``."""
        ahead.snapshot = snapshot
        proof = ahead.request.proof
        latest = self.sign_ins.latest(proof)
        if latest is not None and latest.snapshot != snapshot:
            self.sign_ins.begin(proof, ahead.request.caller, snapshot)

    async def answer_ahead(self, ahead: Ahead, *, cost: bool) -> bytes | None:
        """:meth:`answer` for a request that was understood before."""
        assert self.answers is not None
        request, begun, snapshot = ahead.request, ahead.begun, ahead.snapshot
        try:
            told = await self.kept(ahead.query, request, self.answers, begun, snapshot, ahead.seat)
        finally:
            self.give_up(ahead)
        return self.finished_of(told, cost=cost or request.given.cost)

    def give_up(self, ahead: Ahead) -> None:
        """Nobody waits any more for what was begun to be read."""
        if ahead.seat is not None:
            self.flights.leave(ahead.seat)

    def finished_of(self, told: Told | None, *, cost: bool) -> bytes | None:
        """:meth:`finished`, if there is an answer."""
        return None if told is None else self.finished(*told, cost=cost)

    def answer_here(self, body: bytes, proof: bytes, caller: Caller, *, cost: bool) -> bytes | None:
        """The same for what SQLite has read before a task would have begun; none: it takes longer,
        or the document was not met, or somebody wrote meanwhile, or the caller has to sign in."""
        if self.near is None:
            return None
        reads, snapshots = self.near
        name = body, proof, caller.language
        prepared = self.prepared.get(name)
        # Without kept answers one look is enough: what was true when the caller signed in and is
        # so after the read was so in between.
        snapshot = None if self.answers is None else snapshots.look()
        if snapshot is not None and prepared is not None and prepared.at_once:
            text = self.at_hand(prepared, proof, snapshot)
            if text is not None:
                return self.finished(text, prepared.found, cost=cost or prepared.asked.cost)
        understood = self.understood(name, caller, prepared, only_met=True)
        if understood is None:
            return None
        query, request = understood
        signed_in = self.sign_ins.latest(proof)
        if signed_in is None or not signed_in.holds(snapshot or signed_in.snapshot, request.now):
            return None
        prepared = self.planned(query, request, signed_in)
        found = prepared.found
        if found is None or not is_short(found):
            return None
        self.note(request, prepared)
        kept = None
        if self.answers is not None and snapshot is not None:
            kept = self.answers.find(prepared.key, snapshot)
        if kept is None:
            texts = reads.read_near(found)
            if snapshots.look() != signed_in.snapshot:
                return None
            kept = query.plain(texts) or self.settled(query, texts, found, request, signed_in)
            self.remember(prepared.key, signed_in.snapshot, kept)
        told = self.told(kept, found, request, signed_in)
        return None if told is None else self.finished(*told, cost=cost or request.given.cost)

    def understood(
        self,
        name: tuple[bytes, bytes, str],
        caller: Caller,
        prepared: Prepared | None,
        *,
        only_met: bool = False,
    ) -> tuple[WholeQuery, Request] | None:
        """What is asked, and how that is read; none: it is not for the lane, or, if only those are
        wanted, no document that was met."""
        asked = self.templates.parsed(name[0]) if prepared is None else prepared.asked
        resolved = self.operations.documents.resolve(asked)
        if only_met and not self.documents.met(resolved):
            return None
        query = self.documents.whole(resolved)
        if query is None:
            return None
        now = self.operations.clock()
        return query, Request(name, asked, resolved, caller, name[1], now, prepared)

    def at_hand(
        self, prepared: Prepared, proof: bytes, snapshot: str, *, hit: bool = True
    ) -> bytes | None:
        """The answer kept for a request that came before, if it can be sent as it is. No ``hit`` is
        what was read ahead for it."""
        assert self.answers is not None
        signed_in = self.sign_ins.known(proof, snapshot, self.operations.clock())
        if signed_in is None or not prepared.fits(signed_in):
            return None
        return self.answers.plain(prepared.key, snapshot, hit=hit)

    def finished(self, text: bytes, found: Sequence[Ready] | None, *, cost: bool) -> bytes:
        """What goes back, with what it cost where that is asked for. Raises :class:`TooLarge`."""
        if cost:
            assert found is not None
            extensions = encode(self.operations.cost(cost_of(found)))
            text = text[:-1] + b',"extensions":' + extensions + b"}"
        limit = self.operations.limits.response_bytes
        if len(text) > limit:
            raise TooLarge("RESPONSE_TOO_LARGE", limit=limit)
        return text

    async def kept(
        self,
        query: WholeQuery,
        request: Request,
        answers: Answers,
        begun: int,
        snapshot: str | None,
        seat: Seat | None = None,
    ) -> Told | None:
        """An answer that is kept, or read and kept if nobody else reads it already.

        ``begun`` is the last read that had begun when the request came in, ``snapshot`` one that
        was taken since, ``seat`` one in a read that may be it.
        """
        for _ in range(TRIES):
            if snapshot is None:
                snapshot = await self.snapshots.now()
            signed_in = await self.sign_ins.at(request.proof, request.caller, snapshot, request.now)
            prepared = self.prepare(query, request, signed_in)
            found, key = prepared.found, prepared.key
            if found is None:
                return None
            if seat is not None and seat.flight.key != key:
                seat = None
            text = None if seat is not None else answers.find(key, snapshot)
            if text is None:
                read = partial(self.keep, query, found, key, snapshot, request, signed_in)
                taken, seat = seat or self.flights.seat(key, read), None
                number, (text, read_at) = await self.flights.take_off(taken)
                # What was read under another snapshot counts if the read began after the request
                # came in, and the caller may still read as when it began.
                if read_at != snapshot and (
                    number <= begun or not await self.holds(signed_in, request)
                ):
                    snapshot = None
                    continue
            return self.told(text, found, request, signed_in)
        return None

    async def fresh(self, query: WholeQuery, request: Request) -> Told | None:
        """An answer read for this request alone.

        The statement runs on the strength of the last sign-in; the snapshot it reports says
        whether that still holds. If not, the caller is signed in again, and the answer counts if
        nothing about them has changed.
        """
        signed_in = self.sign_ins.latest(request.proof)
        if signed_in is None:
            signed_in = await self.signed_in(request)
        for _ in range(TRIES):
            found = self.prepare(query, request, signed_in).found
            if found is None:
                return None
            text, read_at, _ = await self.read(query, found, request, signed_in)
            if signed_in.holds(read_at, request.now) or await self.holds(signed_in, request):
                return self.told(text, found, request, signed_in)
            signed_in = await self.signed_in(request)
        return None

    async def signed_in(self, request: Request) -> Remembered:
        """The caller's sign-in at this moment."""
        snapshot = await self.snapshots.now()
        return await self.sign_ins.at(request.proof, request.caller, snapshot, request.now)

    async def holds(self, signed_in: Remembered, request: Request) -> bool:
        """Whether the caller, signing in again, may read as before."""
        again = await self.signed_in(request)
        return (again.reader, again.today) == (signed_in.reader, signed_in.today) and (
            again.policy is signed_in.policy
        )

    def prepare(self, query: WholeQuery, request: Request, signed_in: Remembered) -> Prepared:
        """The plans of a request, remembered for the same request of the same reader."""
        prepared = self.planned(query, request, signed_in)
        self.note(request, prepared)
        return prepared

    def planned(self, query: WholeQuery, request: Request, signed_in: Remembered) -> Prepared:
        """The plans of a request, which may be remembered."""
        prepared = request.prepared
        if prepared is not None and prepared.fits(signed_in):
            return prepared
        found = self.ready(query, request, signed_in)
        key, at_once = None, False
        if found is not None and self.answers is not None:
            by = signed_in.today, signed_in.policy.version, request.caller.language
            key = key_of(query, found, request.asked.variables, by)
            at_once = not self.operations.documents.watches(request.given)
        reader, today, policy = signed_in.reader, signed_in.today, signed_in.policy
        return Prepared(request.given, reader, today, policy, found, key, at_once)

    def note(self, request: Request, prepared: Prepared) -> None:
        """Remember what was prepared for a request that comes again."""
        if prepared is not request.prepared and self.comes_again(request):
            self.prepared[request.name] = prepared
            if len(self.prepared) > PREPARED:
                self.prepared.popitem(last=False)

    def comes_again(self, request: Request) -> bool:
        """Whether a request came lately: those that come once would only drive out the others."""
        if len(request.name[0]) > LONGEST_PREPARED:
            return False
        number = hash(request.name)
        if number in self.lately:
            return True
        if len(self.lately) >= LATELY:
            self.lately.clear()
        self.lately.add(number)
        return False

    def ready(
        self, query: WholeQuery, request: Request, signed_in: Remembered
    ) -> list[Ready] | None:
        """The plans of a query for a caller; none where variables do not fit, or it costs too
        much."""
        services = self.operations.services
        assert services.planner is not None
        asker = signed_in.asker(request.caller.language)
        variables = request.asked.variables
        found = query.ready(services.planner, signed_in.policy, asker, variables)
        if found is None or cost_of(found) > services.most_objects:
            return None
        return found

    async def keep(
        self,
        query: WholeQuery,
        found: Sequence[Ready],
        key: Hashable,
        snapshot: str,
        request: Request,
        signed_in: Remembered,
    ) -> Landed:
        """Read, and remember what was read."""
        text, read_at, exact = await self.read(query, found, request, signed_in)
        if not exact and read_at != snapshot:
            return text, None
        self.remember(key, read_at, text)
        return text, read_at

    def remember(self, key: Hashable, snapshot: str, text: Text) -> None:
        """Keep what was read, if anything is kept, and it shows nobody's personal data."""
        if self.answers is not None and not (isinstance(text, Flawed) and text.personal):
            self.answers.keep(key, snapshot, text)

    async def read(
        self, query: WholeQuery, found: Sequence[Ready], request: Request, signed_in: Remembered
    ) -> tuple[Text, str, bool]:
        """The answer, a snapshot under which it is no longer too new, and whether it is exactly
        that: SQLite does not tell, so the snapshot is the one after the read."""
        reads = self.operations.services.reads
        assert reads is not None
        texts, snapshot = await reads.run_under(found)
        text = query.plain(texts) or self.settled(query, texts, found, request, signed_in)
        if snapshot is not None:
            return text, ended(snapshot), True
        return text, await self.snapshots.now(), False

    def settled(
        self,
        query: WholeQuery,
        texts: Sequence[bytes],
        found: Sequence[Ready],
        request: Request,
        by: Remembered,
    ) -> Text:
        """The answer where something is missing from it, or has to be worked out."""
        services, language = self.operations.services, request.caller.language
        context = ImpersonalContext(services, by.policy, language, by.today)
        try:
            answer = query.answer(texts, found, request.asked.variables, context)
        except Exception as error:
            log.info("a computed field did not work out", error=type(error).__qualname__)
            return LONG_WAY
        return Flawed.of(answer) if answer.flaws or answer.personal else answer.text

    def told(
        self, text: Text, found: Sequence[Ready], request: Request, by: Remembered
    ) -> Told | None:
        """The answer with its errors, once the log is told what was denied and what is personal."""
        if type(text) is bytes:
            return (text, found) if text != LONG_WAY else None
        assert isinstance(text, Flawed)
        services, caller = self.operations.services, request.caller
        context = RequestContext(
            services=services,
            actor=by.actor,
            reader=by.reader,
            policy=by.policy,
            now=request.now,
            language=caller.language,
            correlation_id=caller.correlation_id,
            renew=nothing_to_renew,
        )
        context.note_denials(text.errors, request.asked.variables, mutation=False)
        if text.personal:
            context.note_personal(text.personal)
        translator = Translator(
            services.messages, caller.language, caller.correlation_id, LogReports()
        )
        return text.told(translator), found


async def nothing_to_renew() -> None:
    """Queries end before anybody's rights could."""


class TooLarge(InvalidInput):
    """An answer that is too large, however it is read."""


def logged(found: Sequence[Ready]) -> bool:
    """Whether who is told the answer is written down; such answers are read for those only."""
    return any(one.plan.personal for one in found)


def cost_of(found: Sequence[Ready]) -> int:
    cost = 0
    for one in found:
        cost += one.plan.cost
    return cost
