"""The one place where an exception becomes what a client reads.

``errors[]`` of an answer: ``message`` in the caller's language, ``extensions {code, params,
clause, field, correlationId}``. What Zhoba refuses on purpose keeps its code; GraphQL's own
complaints about a document keep their text; everything else is a bug, masked as INTERNAL and told
to the log.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from graphql import GraphQLError

from core.errors import PlatformError
from core.messages import Messages

INTERNAL = "INTERNAL"
GRAPHQL_INVALID = "GRAPHQL_INVALID"
"""A document or variables that break GraphQL's grammar or the schema."""


class Reports(Protocol):
    """Where refusals and bugs are told; :mod:`zhoba.logs` in a running server."""

    def refused(self, code: str) -> None:
        """An expected refusal."""

    def failed(self, error: BaseException) -> None:
        """A bug."""


@dataclass(frozen=True, slots=True)
class Translator:
    """Turns the errors of one request into what its caller reads."""

    messages: Messages
    language: str
    correlation_id: str
    reports: Reports

    def all(self, errors: Sequence[BaseException]) -> list[dict[str, Any]]:
        return [self.one(error) for error in errors]

    def one(self, error: BaseException) -> dict[str, Any]:
        """One entry of ``errors``."""
        where = error.formatted if isinstance(error, GraphQLError) else {}
        shown: dict[str, Any] = {key: where[key] for key in ("locations", "path") if where.get(key)}
        cause = refusal(error)
        if cause is not None:
            self.reports.refused(cause.code)
            return {
                "message": self.messages.sentence(cause, self.language),
                **shown,
                "extensions": self.extensions(cause),
            }
        if isinstance(error, GraphQLError) and is_graphql_own(error):
            self.reports.refused(GRAPHQL_INVALID)
            return {
                "message": error.message,
                **shown,
                "extensions": {"code": GRAPHQL_INVALID, "correlationId": self.correlation_id},
            }
        self.reports.failed(original(error))
        message = self.messages.text(
            INTERNAL, self.language, {"correlation_id": self.correlation_id}
        )
        return {
            "message": message,
            **shown,
            "extensions": {"code": INTERNAL, "correlationId": self.correlation_id},
        }

    def extensions(self, error: PlatformError) -> dict[str, Any]:
        """What a program reads of a refusal."""
        shown: dict[str, Any] = {
            "code": error.code,
            "params": {camel(name): plain(value) for name, value in error.params.items()},
            "clause": error.clause,
            "correlationId": self.correlation_id,
        }
        if error.field is not None:
            shown["field"] = error.field
        return shown


def original(error: BaseException) -> BaseException:
    """The exception under the wrappings of graphql-core."""
    while isinstance(error, GraphQLError) and error.original_error is not None:
        error = error.original_error
    return error


def refusal(error: BaseException) -> PlatformError | None:
    """The deliberate refusal inside an error, if it is one.

    The exceptions of a task group of one refusal count as that refusal.
    """
    inner = original(error)
    while isinstance(inner, BaseExceptionGroup) and len(inner.exceptions) == 1:
        inner = inner.exceptions[0]
    return inner if isinstance(inner, PlatformError) else None


def is_graphql_own(error: GraphQLError) -> bool:
    """Whether graphql-core itself complains about what the client sent.

    Complaints about the document and about variables point into the document and have no path; an
    exception that merely passed through strawberry has neither. Of the complaints with a path only
    those about arguments are the client's; the others say that a resolver returned nonsense.
    """
    if error.path is None:
        return bool(error.nodes or error.locations)
    return isinstance(original(error), GraphQLError) and error.message.startswith("Argument ")


def camel(name: str) -> str:
    """``ends_on`` as GraphQL spells it: ``endsOn``."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def plain(value: object) -> Any:
    """A parameter as JSON: enumerations by name, days and moments in ISO form, money as text."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return {camel(str(name)): plain(inner) for name, inner in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(plain(inner) for inner in value)
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return str(value)
