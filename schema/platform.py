"""The schema of the platform: the core's nouns, acts and questions, and what plugins add."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import strawberry

from core.messages import Messages
from schema.compose import Part, ZhobaSchema
from schema.limits import AdmittedDocument
from schema.mutations.declaring import Mutation
from schema.mutations.payloads import Payloads
from schema.mutations.table import MUTATIONS
from schema.nouns import core_registry
from schema.planner.registry import Registry
from schema.questions import Questions
from schema.subscriptions import make_subscription


def compose(
    registry: Registry | None = None,
    parts: Sequence[Part] = (),
    messages: Messages | None = None,
) -> ZhobaSchema:
    """Put the schema together; ``registry`` and ``parts`` are the core's with plugins' additions.

    Raises :class:`~schema.planner.registry.CompositionError` naming all collisions at once.
    """
    registry = registry or core_registry()
    types = {binding.name: binding.type for binding, _ in registry.bindings}
    types |= {
        interface.name: interface.type
        for binding, _ in registry.bindings
        for interface in binding.interfaces
    }
    payloads = Payloads(messages or Messages.load(), types.__getitem__)
    core = Part(
        query=Questions,
        mutation=mutation_type(payloads, MUTATIONS),
        subscription=make_subscription(types["TreeNode"]),
    )
    return ZhobaSchema(registry, [core, *parts], extensions=[AdmittedDocument])


def mutation_type(payloads: Payloads, mutations: Sequence[Mutation]) -> type:
    """The class whose fields are the mutations of the table."""
    fields: dict[str, Any] = {mutation.name: payloads.field(mutation) for mutation in mutations}
    return strawberry.type(type("Acts", (), fields))
