"""The schema of the platform: what the core contributes, and what plugins add, composed alike."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from core.messages import Messages
from schema import subscriptions
from schema.authority_questions import AuthorityQuestions
from schema.compose import ZhobaSchema
from schema.composition import Operation, faults_of_operations, type_faults, unknown_actions
from schema.contribution import Contribution
from schema.limits import AdmittedDocument
from schema.mutations.payloads import Payloads
from schema.mutations.table import MUTATIONS
from schema.nouns import core_registry
from schema.planner.registry import CompositionError, Problem, Registry, by_owner
from schema.plugins.question import PluginQuestions
from schema.policy_questions import PolicyQuestions
from schema.questions import Questions
from schema.trial_questions import TrialQuestions


def core_contribution() -> Contribution:
    """What the core contributes: the first of the contributions."""
    registry = core_registry()
    return Contribution(
        nouns=[binding for binding, _ in registry.bindings],
        roots=[root for root, _ in registry.root_fields],
        mutations=MUTATIONS,
        questions=[
            Questions,
            PluginQuestions,
            PolicyQuestions,
            TrialQuestions,
            AuthorityQuestions,
        ],
    )


def compose(
    contributions: Sequence[Contribution] | None = None,
    messages: Messages | None = None,
    *,
    actions: Collection[str] | None = None,
) -> ZhobaSchema:
    """Put the schema together from the core's contribution (alone if none is given) and plugins'.

    The schema is the same in whatever order they come. ``messages`` are those of all owners: their
    codes are the values of ``ErrorCode``. ``actions`` are the permissions there are; left out,
    nobody asks whether those named exist.

    Raises :class:`~schema.planner.registry.CompositionError` with all faults at once; what only
    shows while the schema is built is strawberry's error, and names no owner: compose the core with
    one plugin at a time to find out whose it is.
    """
    given = sorted(contributions or [core_contribution()], key=lambda each: by_owner(each.owner))
    registry = registry_of(given)
    types = bound_types(registry)
    catalogue, problems = registry.checked()
    operations = list(operations_of(given, types, messages or Messages.load(), problems))
    problems += faults_of_operations(operations, catalogue, given)
    problems += type_faults(catalogue, operations, given)
    if actions is not None:
        problems += unknown_actions(catalogue, operations, actions)
    if problems:
        raise CompositionError(list(dict.fromkeys(problems)))
    further = [type_ for each in given for type_ in each.types]
    return ZhobaSchema(registry, operations, further, extensions=[AdmittedDocument])


def registry_of(contributions: Sequence[Contribution]) -> Registry:
    """Everything bound."""
    registry = Registry()
    for each in contributions:
        registry.add(*each.nouns, owner=each.owner)
        for extension in each.extensions:
            registry.extend(
                extension.target,
                owner=each.owner,
                fields=extension.fields,
                filters=extension.filters,
            )
        registry.root(*each.roots, owner=each.owner)
    return registry


def bound_types(registry: Registry) -> dict[str, Any]:
    """The classes of bound types and interfaces by name; of two alike, the first owner's."""
    types: dict[str, Any] = {}
    for binding, _ in registry.bindings:
        types.setdefault(binding.name, binding.type)
        for interface in binding.interfaces:
            types.setdefault(interface.name, interface.type)
    return types


def operations_of(
    contributions: Sequence[Contribution],
    types: Mapping[str, Any],
    messages: Messages,
    problems: list[Problem],
) -> Iterator[Operation]:
    """The fields of Query, Mutation and Subscription that the planner does not read by itself.

    What cannot be made into a field goes to ``problems``.
    """
    payloads = Payloads(messages, types.__getitem__)
    watched = [subscriptions.make_subscription(types["TreeNode"])] if "TreeNode" in types else []
    for each in contributions:
        for kind, classes in (("Query", each.questions), ("Subscription", watched)):
            for field in (field for cls in classes for field in fields_of(cls)):
                yield Operation(kind, field, each.owner)
        watched = []
        for mutation in each.mutations:
            try:
                field = one_field(payloads.field(mutation, each.owner))
            except (LookupError, TypeError, NameError) as error:
                problems.append(
                    Problem(f"Mutation.{mutation.name} cannot be made: {error!r}", (each.owner,))
                )
                continue
            shared = None if mutation.extra else f"{mutation.result}Payload"
            yield Operation("Mutation", field, each.owner, shared)
        for told in each.told:
            if told.to not in types:
                problems.append(
                    Problem(
                        f"Subscription.{told.name} tells of {told.to}, which nobody binds",
                        (each.owner,),
                    )
                )
                continue
            field = one_field(subscriptions.make_told(told, each.owner, types[told.to]))
            yield Operation("Subscription", field, each.owner)


def fields_of(cls: type) -> list[StrawberryField]:
    """The fields of a strawberry class."""
    fields: list[StrawberryField] = cls.__strawberry_definition__.fields  # type: ignore[attr-defined]
    return fields


def one_field(made: Any) -> StrawberryField:
    """A field as a class has it, once strawberry has given it its name and types."""
    (field,) = fields_of(strawberry.type(type("Operations", (), {made.graphql_name: made})))
    return field
