"""Whether everything a plugin shows or does asks for a permission that somebody may have."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from schema.compose import graphql_name
from schema.contribution import Contribution
from schema.planner.binding import Field, Filter


def unclassified(added: Contribution, permissions: Collection[str]) -> Iterator[str]:
    """What names no permission, or one that nobody defines; a sentence each."""
    for noun in added.nouns:
        if not noun.levels:
            yield f"{noun.name} names no permission: give it `resource` or `levels`"
        for level, action in noun.levels.items():
            if action not in permissions:
                yield f"{noun.name} asks for {action} at level {level.name}, which nobody defines"
        yield from unknown_levels(noun.name, (*noun.fields, *noun.filters), permissions)
    for extension in added.extensions:
        items = (*extension.fields, *extension.filters)
        yield from unknown_levels(extension.target, items, permissions)
    for mutation in added.mutations:
        yield from unknown_actions(f"the mutation {mutation.name}", mutation.actions, permissions)
    for question in added.questions:
        for field in question.__strawberry_definition__.fields:  # type: ignore[attr-defined]
            actions = (field.metadata or {}).get("actions", ())
            yield from unknown_actions(f"the question {graphql_name(field)}", actions, permissions)


def unknown_levels(
    owner: str, items: Collection[Field | Filter], permissions: Collection[str]
) -> Iterator[str]:
    """Fields and filters whose level is a permission that nobody defines."""
    for item in items:
        if isinstance(item.level, str) and item.level not in permissions:
            yield f"{owner}.{item.name} asks for {item.level}, which nobody defines"


def unknown_actions(
    what: str, actions: Collection[str], permissions: Collection[str]
) -> Iterator[str]:
    if not actions:
        yield f"{what} names no permission: declare its `actions`"
    for action in actions:
        if action not in permissions:
            yield f"{what} asks for {action}, which nobody defines"
