"""Lines of the decision log for what is read: denials, and personal data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphql import ArgumentNode, FieldNode, GraphQLError, value_from_ast_untyped
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.absence import Absence
from core.authority.acting import Substitution
from core.authority.appointment import Appointment
from core.authority.people import decision_about
from core.decisions.entry import DecisionKind
from core.decisions.log import Line, RuleOf, line
from core.errors import InvalidInput, NotAllowed, NotFound
from core.people.person import Person
from schema.planner.binding import Level
from schema.planner.marks import PersonalRead
from schema.types import parse_global_id

if TYPE_CHECKING:
    from schema.context import RequestContext


def asked_by(context: RequestContext) -> Line:
    """Who asked, when, judged by which policy."""
    return {
        "at": context.now,
        "person_id": context.actor.person_id,
        "account_id": context.actor.account_id,
        "policy_version": context.policy.version,
        "correlation_id": context.correlation_id,
    }


def personal_lines(context: RequestContext, reads: Sequence[PersonalRead]) -> Iterator[Line]:
    """One line for each object whose personal data are shown to somebody else, or all reads of
    which are logged."""
    fields: dict[str, set[str]] = {}
    for read in reads:
        fields.setdefault(read.id, set()).update(read.fields)
    for whose, names in fields.items():
        subject, _, key = whose.partition(":")
        if (subject, int(key)) != ("Person", context.actor.person_id):
            yield line(
                DecisionKind.SENSITIVE_READ,
                action=action_of(context, subject),
                subject=subject,
                subject_id=int(key),
                fields=sorted(names),
                rule_of=rule_of(context, subject, int(key)),
                **asked_by(context),
            )


WHOSE: Mapping[str, Callable[[int], Select[Any]]] = {
    "Person": lambda key: select(Person.id).where(Person.id == key),
    "Absence": lambda key: select(Absence.person_id).where(Absence.id == key),
    "Substitution": lambda key: (
        select(Appointment.person_id)
        .join(
            Substitution,
            Appointment.id == func.coalesce(Substitution.replaced_id, Substitution.id),
        )
        .where(Substitution.id == key)
    ),
}
"""Whose data objects of these types are; the rule is not told of others."""


def rule_of(context: RequestContext, subject: str, key: int) -> RuleOf | None:
    """Finds the rule by which the reader reads what is personal, when the line is written."""
    if subject not in WHOSE:
        return None
    policy, reader, today = context.policy, context.reader, context.today
    action = action_of(context, subject)

    async def found(session: AsyncSession) -> str | None:
        person_id = await session.scalar(WHOSE[subject](key))
        if person_id is None:
            return None
        decision = await decision_about(policy, session, reader, action, person_id, today)
        return decision.rule if decision else None

    return found


def unseen_line(context: RequestContext, act: str, field: str, identifier: str) -> Line:
    """The line of an id given to an act that names nothing the caller sees."""
    subject, key = parse_global_id(identifier)
    return line(
        DecisionKind.DENIED,
        action=act,
        outcome="NOT_FOUND",
        subject=subject,
        subject_id=key,
        fields=[field],
        **asked_by(context),
    )


def action_of(context: RequestContext, noun: str) -> str:
    """The permission by which what is logged of a noun is read."""
    levels = context.reading.planner.catalogue.nouns[noun].binding.levels
    return levels[Level.PERSONAL] if Level.PERSONAL in levels else levels[Level.BASIC]


def denial_lines(
    context: RequestContext,
    errors: Sequence[GraphQLError],
    variables: Mapping[str, Any] | None,
    *,
    mutation: bool,
) -> Iterator[Line]:
    """One line for each permission that was missing at a path; the places of lists count once.

    With ``mutation`` the refusals of the acts themselves are left out.
    """
    told = set()
    for error in errors:
        refusal, path = error.original_error, [str(part) for part in error.path or ()]
        if not isinstance(refusal, NotAllowed | NotFound) or (mutation and len(path) == 1):
            continue
        action = refusal.action if isinstance(refusal, NotAllowed) else path[0]
        place = ".".join(part for part in path if not part.isdigit())
        denial = refusal.denial
        subject, key = (None, None) if denial else asked_for(error, variables)
        if (action, place, key) in told:
            continue
        told.add((action, place, key))
        yield line(
            DecisionKind.DENIED,
            action=denial.action if denial else action,
            outcome=refusal.code,
            node_id=denial.node_id if denial else None,
            rule=denial.rule if denial else None,
            subject=subject,
            subject_id=key,
            fields=[place],
            **asked_by(context),
        )


def asked_for(
    error: GraphQLError, variables: Mapping[str, Any] | None
) -> tuple[str | None, int | None]:
    """Type and key of the id that the field at fault was given."""
    for node in error.nodes or ():
        for argument in (node.arguments or ()) if isinstance(node, FieldNode) else ():
            found = id_of(argument, variables)
            if found is not None:
                return found
    return None, None


def id_of(argument: ArgumentNode, variables: Mapping[str, Any] | None) -> tuple[str, int] | None:
    if argument.name.value != "id":
        return None
    value: Any = value_from_ast_untyped(argument.value, dict(variables or {}))
    try:
        return parse_global_id(value) if isinstance(value, str) else None
    except InvalidInput:
        return None
