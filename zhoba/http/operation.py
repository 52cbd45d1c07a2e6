"""One GraphQL operation, from what is asked to what is answered; the transport does not matter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import strawberry
from graphql import GraphQLError, OperationType
from strawberry.types import ExecutionResult

from core.authority.policies.policy_version import head_number
from core.authority.policy import PolicySet
from core.authority.reader import Reader, reader_of
from core.db.lookup import Look
from core.errors import InvalidInput, PlatformError
from core.people.session import note_seen
from core.work import ANONYMOUS, COUNTRY_TIME, Actor
from schema.context import RequestContext, Services
from schema.errors import Translator
from schema.limits import Admission, Admitted, Limits
from schema.limits.admission import InvalidDocument
from schema.planner.marks import dumps
from zhoba.documents import Documents
from zhoba.http.body import Asked
from zhoba.logs import LogReports
from zhoba.sign_in.door import Door, SignedIn


@dataclass(slots=True)
class Caller:
    """Who calls, as the transport tells it; made for every request, like what is asked."""

    authorization: str | None
    language: str
    correlation_id: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. ``refusal`` is set when nothing was executed, ``executed`` when data is."""

    body: dict[str, Any]
    executed: bool = False
    refusal: PlatformError | None = None


@dataclass(frozen=True, slots=True)
class Operations:
    """Runs operations of one schema under the limits."""

    schema: strawberry.Schema
    services: Services
    door: Door
    limits: Limits
    documents: Documents = field(default_factory=Documents)
    admission: Admission = field(init=False)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        object.__setattr__(self, "admission", Admission(self.schema._schema, self.limits))

    async def answer(
        self, asked: Asked, caller: Caller, allowed: Collection[OperationType]
    ) -> Answer:
        """Run a query or a mutation; whatever goes wrong is in the answer, nothing is raised."""
        try:
            asked = self.documents.resolve(asked)
            async with asyncio.timeout(self.limits.seconds):
                async with self.prepared(asked, caller, allowed) as context:
                    result = await self.schema.execute(
                        asked.query,
                        variable_values=asked.variables,
                        context_value=context,
                        operation_name=asked.operation_name,
                    )
                    self.note_denials(context, asked, result)
                    return self.result(result, caller, context.cost if asked.cost else None)
        except Exception as error:
            return self.refusal(error, caller)

    async def events(self, asked: Asked, caller: Caller) -> AsyncIterator[Answer]:
        """Run a subscription; ends after the first answer that was not executed."""
        try:
            asked = self.documents.resolve(asked)
            async with self.prepared(asked, caller, [OperationType.SUBSCRIPTION]) as context:
                results = await self.schema.subscribe(
                    asked.query,
                    variable_values=asked.variables,
                    context_value=context,
                    operation_name=asked.operation_name,
                )
                async with aclosing(results):
                    async for result in results:
                        yield self.result(result, caller, context.cost if asked.cost else None)
        except Exception as error:
            yield self.refusal(error, caller)

    def note_denials(self, context: RequestContext, asked: Asked, result: ExecutionResult) -> None:
        """Keep what was denied for the decision log."""
        if result.errors:
            kind = self.kind(asked)
            context.note_denials(
                result.errors, asked.variables, mutation=kind is OperationType.MUTATION
            )

    def kind(self, asked: Asked) -> OperationType:
        """Whether a query, a mutation or a subscription is asked for; raises like ``prepared``."""
        asked = self.documents.resolve(asked)
        return self.admission.admit(asked.query).operation(asked.operation_name).operation

    @asynccontextmanager
    async def prepared(
        self, asked: Asked, caller: Caller, allowed: Collection[OperationType]
    ) -> AsyncIterator[RequestContext]:
        """The context of an operation whose document and caller are admitted.

        Raises :class:`~schema.limits.admission.InvalidDocument` or a
        :class:`~core.errors.PlatformError`.
        """
        admitted = self.admission.admit(asked.query)
        operation = admitted.operation(asked.operation_name)
        if operation.operation not in allowed:
            raise InvalidInput("OPERATION_NOT_ALLOWED", operation=operation.operation.value)
        self.admission.check_pages(admitted, operation, asked.variables)
        context = await self.context(caller, admitted)
        try:
            yield context
        finally:
            await context.close()

    async def context(self, caller: Caller, admitted: Admitted | None = None) -> RequestContext:
        """A fresh context for one operation of a caller.

        Raises :class:`~core.errors.NotAuthenticated` when the caller's proof is not good.
        """
        now, signed_in, reader, policy = await self.admit(caller)

        async def renew() -> None:
            await context.close()
            context.now, again, context.reader, context.policy = await self.admit(caller)
            context.actor = again.actor

        context = RequestContext(
            services=self.services,
            actor=signed_in.actor,
            reader=reader,
            policy=policy,
            now=now,
            language=caller.language,
            correlation_id=caller.correlation_id,
            renew=renew,
            admitted=admitted,
        )
        return context

    async def admit(
        self, caller: Caller, expected: Actor = ANONYMOUS
    ) -> tuple[datetime, SignedIn, Reader, PolicySet]:
        """Who the caller is at this moment, what they may read, and the rules in force.

        What depends on who they are is looked up for who is ``expected`` at the same time; for
        nobody in particular, after they have proved themselves.
        """
        now, lookups = self.clock(), self.services.database.lookups
        today = now.astimezone(COUNTRY_TIME).date()

        async def one_by_one(look: Look) -> tuple[SignedIn, int, Reader]:
            signed_in = await self.door.admit(look, caller.authorization, now)
            number = await head_number(look)
            return signed_in, number, await reader_of(look, signed_in.actor, today)

        if expected.is_anonymous:
            ((signed_in, number, reader),) = await lookups.asked(one_by_one)
        else:
            signed_in, number, reader = await lookups.asked(
                lambda look: self.door.admit(look, caller.authorization, now),
                head_number,
                lambda look: reader_of(look, expected, today),
            )
            if signed_in.actor != expected:
                ((signed_in, number, reader),) = await lookups.asked(one_by_one)
        policy = await self.services.policies.numbered(number, self.services.database)
        if signed_in.unseen is not None:
            async with self.services.database.session() as session, session.begin():
                await note_seen(session, signed_in.unseen, now)
        return now, signed_in, reader, policy

    def result(self, result: ExecutionResult, caller: Caller, cost: int | None = None) -> Answer:
        """The answer of an operation that ran, or whose variables did not fit.

        ``cost`` is what it is to say of its cost.
        """
        errors = result.errors or []
        if result.data is None and errors and not any(error.path for error in errors):
            return Answer(self.errors(errors, caller))
        body: dict[str, Any] = {"data": result.data}
        if errors:
            body = {**self.errors(errors, caller), **body}
        if cost is not None:
            body["extensions"] = self.cost(cost)
        return Answer(body, executed=True)

    def cost(self, objects: int) -> dict[str, Any]:
        """The ``extensions`` of an answer that says what it cost."""
        return {"cost": {"objects": objects, "limit": self.services.most_objects}}

    def refusal(self, error: Exception, caller: Caller) -> Answer:
        """The answer to what was not executed."""
        if isinstance(error, InvalidDocument):
            return Answer(self.errors(error.errors, caller))
        if isinstance(error, TimeoutError):
            error = InvalidInput("TIMED_OUT", seconds=self.limits.seconds)
        body = self.errors([error], caller)
        return Answer(body, refusal=error if isinstance(error, PlatformError) else None)

    def errors(self, errors: Sequence[Exception | GraphQLError], caller: Caller) -> dict[str, Any]:
        translator = Translator(
            self.services.messages, caller.language, caller.correlation_id, LogReports()
        )
        return {"errors": translator.all(errors)}

    def encode(self, answer: Answer, caller: Caller) -> tuple[Answer, bytes]:
        """The answer as JSON text in UTF-8, or a refusal in its place when it is too large."""
        text = encode(answer.body)
        if len(text) <= self.limits.response_bytes:
            return answer, text
        error = InvalidInput("RESPONSE_TOO_LARGE", limit=self.limits.response_bytes)
        refused = self.refusal(error, caller)
        return refused, encode(refused.body)


def encode(value: object) -> bytes:
    """JSON in UTF-8, Kazakh letters as themselves."""
    return dumps(value).encode()
