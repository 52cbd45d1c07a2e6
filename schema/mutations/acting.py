"""What is the same for every mutation: sign-in, transaction, idempotency, payload, refusals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import strawberry

from core.errors import (
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    PlatformError,
    RuleRefused,
    StaleVersion,
)
from core.plugins.gate import PluginGate, PluginNotEnabled, require_enabled_anywhere
from core.transaction import settle
from core.tree.node import Node
from core.work import Caution, Decision, Work
from schema.mutations.declaring import Mutation
from schema.mutations.fields import ANY_NODE, TYPE_OF
from schema.mutations.idempotency import body_hash, claim
from schema.mutations.inputs import NodeKey, Parameter, arguments, camel, require_type
from schema.mutations.seeing import first_unseen
from schema.planner.reading import Selected
from schema.planner.registry import CORE

USER_ERRORS = (InvalidInput, NotFound, RuleRefused, StaleVersion, PluginNotEnabled)
"""Refusals the payload carries; who-are-you and may-not go to the top level of the answer."""


@dataclass(slots=True)
class Outcome:
    """What a mutation answers.

    ``changed`` is the object as the planner read it; ``extra`` what is shown only once.
    """

    changed: Selected | None = None
    extra: str | None = None
    refusals: list[PlatformError] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)


async def perform(
    mutation: Mutation,
    parameters: Sequence[Parameter],
    info: strawberry.Info[Any, Any],
    input: Any,
    *,
    owner: str = CORE,
) -> Outcome:
    """Run one mutation from input to answer, in one transaction.

    That of a plugin, its ``owner``, happens only where the plugin is on. Raises
    :class:`NotAuthenticated` for an anonymous caller and passes on "may not" about what the caller
    sees; every other refusal is part of the answer, and nothing of the act remains.
    """
    context = info.context
    if context.actor.is_anonymous:
        raise NotAuthenticated
    decisions: Mapping[tuple[str, int], Decision] = {}
    try:
        given = arguments(parameters, mutation, input)
        gate = None if owner == CORE else PluginGate(owner)
        least = input.at_least_policy_version or 0
        async with context.transact(gate, least_policy=least) as work:
            decisions = work.decisions
            if gate is not None:
                await require_enabled_anywhere(work.session, gate.plugin)
            key, extra = await act_once(mutation, work, given, input)
            await settle(work)
            noun = await noun_of(mutation, work, key)
            changed = await context.reading.payload(
                info._raw_info, mutation.result_field, noun, key, session=work.session
            )
    except (*USER_ERRORS, NotAllowed) as refusal:
        granted = {node_id for (_, node_id), found in decisions.items() if found.allowed}
        unseen = await first_unseen(info, mutation, parameters, input, granted)
        if unseen is not None:
            if all(found.allowed for found in decisions.values()):
                # Nothing was asked of it, so nothing was logged as denied.
                context.note_unseen(mutation.name, *unseen)
            return Outcome(refusals=[NotFound(unseen[0])])
        if isinstance(refusal, NotAllowed):
            raise
        return Outcome(refusals=[refusal])
    return Outcome(changed=changed, extra=extra, cautions=work.warnings)


async def noun_of(mutation: Mutation, work: Work, key: int) -> str:
    """The type of the changed object, where the mutation is for any object of the tree."""
    if mutation.result != ANY_NODE:
        return mutation.result
    node = await work.session.get_one(Node, key)
    return TYPE_OF[node.kind]


async def act_once(
    mutation: Mutation, work: Work, given: dict[str, Any], input: Any
) -> tuple[int, str | None]:
    """The key of the changed row: of this run, or of the earlier one with the same key."""
    if input.idempotency_key is None:
        return await act(mutation, work, given)
    body = body_hash(work, mutation.name, strawberry.asdict(input))
    remembered = await claim(work, input.idempotency_key, mutation.name, body)
    if "key" in remembered.result:
        return int(remembered.result["key"]), None
    key, extra = await act(mutation, work, given)
    remembered.result = {"key": key}
    return key, extra


async def act(mutation: Mutation, work: Work, given: dict[str, Any]) -> tuple[int, str | None]:
    """Run the verb; the key of what it changed, and what it shows only once."""
    for name, value in given.items():
        if isinstance(value, NodeKey):
            given[name] = await require_type(work.session, value, field=camel(name))
    result = await mutation.verb(work, **given)
    row, extra = result if mutation.extra else (result, None)
    return int(getattr(row, mutation.key)), extra
