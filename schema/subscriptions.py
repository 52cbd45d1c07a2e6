"""What can be watched: ``nodeChanged``, told from the outbox to whoever may see the node, and what
contributions tell of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, cast

import strawberry
from graphql import FieldNode, OperationDefinitionNode, parse
from sqlalchemy import select

from core.background.acting import is_on
from core.errors import InvalidInput, NotFound
from core.events.feed import Event
from core.plugins.gate import require_enabled_anywhere
from core.tree.node import Node, NodeClosure, NodeKind
from schema.context import RequestContext
from schema.contribution import Told
from schema.planner.plan import Operation
from schema.planner.reading import Reading
from schema.planner.registry import CORE
from schema.types import parse_global_id, plain_type

Info = strawberry.Info[RequestContext, None]

TYPE_NAMES = {kind: kind.name.title().replace("_", "") for kind in NodeKind}
"""GraphQL types of nodes: BASIC_DIRECTION is BasicDirection."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What a subscriber asked for: one node, or everything at and below one."""

    node_id: int
    below: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One event as its subscriber may see it."""

    node: Any
    act: str
    at: datetime


def make_subscription(tree_node: Any) -> type:
    """The fields of ``Subscription``; ``tree_node`` is the interface of objects of the tree."""

    change_type = plain_type(
        "NodeChange",
        "Something was done to an object of the tree.",
        {
            "node": (tree_node | None, "The object as it is now, as the subscriber may read it."),
            "act": (str, "What was done, such as stageMoveProposed."),
            "at": (datetime, "When it was done."),
        },
    )

    async def watch(
        info: Info,
        id: Annotated[
            strawberry.ID | None, strawberry.argument(description="The object to watch.")
        ] = None,
        under: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The object to watch with all that lies below it."),
        ] = None,
    ) -> AsyncIterator[Any]:
        async for change in changes(info, watched(id, under)):
            yield change_type(node=change.node, act=change.act, at=change.at)

    watch.__annotations__["return"] = AsyncIterator[change_type]  # type: ignore[valid-type]

    field = strawberry.subscription(
        resolver=watch,
        description="Told of every act on one object (`id`), or on all at and below one "
        "(`under`), as long as the subscriber may see it. Give one of the two.",
        metadata={"actions": ("*.read_basic", "*.read")},
    )
    return strawberry.type(type("Subscription", (), {"node_changed": field}))


def watched(id: str | None, under: str | None) -> Watched:
    """What is asked for.

    Raises ``WATCH_ONE`` unless just one of the two is given, and ``BAD_ID``.
    """
    if (id is None) == (under is None):
        raise InvalidInput("WATCH_ONE", field="id")
    field = "id" if id is not None else "under"
    type_name, key = parse_global_id(id or under or "", field=field)
    if type_name not in TYPE_NAMES.values():
        raise InvalidInput("BAD_ID", field=field)
    return Watched(key, below=under is not None)


async def changes(info: Info, target: Watched) -> AsyncIterator[Change]:
    """The acts from now on; each judged by what the subscriber may do at that moment.

    Raises :class:`~core.errors.NotFound` when the watched node is hidden, and ends with
    :class:`~core.errors.NotAuthenticated` when the subscriber's proof does.
    """
    context = info.context
    async with context.feed.subscribe() as subscription:
        async with context.asking() as work:
            if not await context.policy.sees(work, target.node_id):
                raise NotFound("under" if target.below else "id")
        while True:
            event = await subscription.next()
            if event.node_id is None or (not target.below and event.node_id != target.node_id):
                continue
            await context.renew()
            kind = await visible_kind(context, target, event.node_id)
            if kind is not None:
                yield await tell(info, event, kind)


async def visible_kind(context: RequestContext, target: Watched, node_id: int) -> NodeKind | None:
    """The kind of the node, if it lies where the subscriber watches and they may see it."""
    async with context.asking() as work:
        kind = await work.session.scalar(
            select(Node.kind)
            .join(NodeClosure, NodeClosure.descendant_id == Node.id)
            .where(Node.id == node_id, NodeClosure.ancestor_id == target.node_id)
        )
        if kind is None or not await context.policy.sees(work, node_id):
            return None
        return kind


VISIBLE = parse("{ seen { __typename } }").definitions[0]
"""Selects nothing of an object but that it is there for the reader."""


def make_told(told: Told, owner: str, bound_type: Any) -> Any:
    """The field of ``Subscription`` that tells of acts on objects of ``bound_type``."""
    noun_field = told.to[0].lower() + told.to[1:]
    event_type = plain_type(
        told.name[0].upper() + told.name[1:] + "Event",
        f"What `{told.name}` tells.",
        {
            "act": (str, "What was done."),
            "at": (datetime, "When it was done."),
            noun_field: (bound_type | None, "The object as it is now, as far as it may be read."),
        },
    )

    async def tell_all(info: Info) -> AsyncIterator[Any]:
        async for event, shown in told_events(info, told, owner, noun_field):
            yield event_type(**{"act": event.act, "at": event.at, noun_field: shown})

    tell_all.__annotations__["return"] = AsyncIterator[event_type]  # type: ignore[valid-type]
    return strawberry.subscription(
        resolver=tell_all,
        name=told.name,
        description=told.description,
        metadata={"actions": ("*.read_basic", "*.read")},
    )


async def told_events(
    info: Info, told: Told, owner: str, noun_field: str
) -> AsyncIterator[tuple[Event, Any]]:
    """The acts from now on, on objects the subscriber may see at that moment, with the object.

    Raises :class:`~core.plugins.gate.PluginNotEnabled` while the owner is on nowhere; acts in
    regions where it is off are not told.
    """
    context = info.context
    async with context.feed.subscribe() as subscription:
        if owner != CORE:
            async with context.asking() as work:
                await require_enabled_anywhere(work.session, owner, field=told.name)
        while True:
            event = await subscription.next()
            if event.act not in told.acts:
                continue
            await context.renew()
            if owner != CORE:
                async with context.asking() as work:
                    if not await is_on(work.session, owner, event.node_id):
                        continue
            key = key_in(context.reading, told.to, event)
            if key is None or not await visible(info, told.to, key):
                continue
            yield event, await context.reading.payload(info._raw_info, noun_field, told.to, key)


def key_in(reading: Reading, noun: str, event: Event) -> int | None:
    """The key of the object an act was done to, if it is one of this noun.

    Objects of the tree are meant by their node: an act on a part of one is an act on it.
    """
    binding = reading.planner.catalogue.nouns[noun].binding
    if binding.kind is not None:
        return event.node_id
    return event.subject_id if event.subject == binding.model.__name__ else None


async def visible(info: Info, noun: str, key: int) -> bool:
    """Whether the object is there for the subscriber, whatever they selected of it."""
    assert isinstance(VISIBLE, OperationDefinitionNode)
    reading = info.context.reading
    (nodes,) = ([each] for each in VISIBLE.selection_set.selections)
    ready = reading.planner.one(
        Operation.of(info._raw_info),
        f"{info.path.key}.",
        noun,
        key,
        cast("list[FieldNode]", nodes),
        reading.policy,
        reading.asker,
    )
    return await reading.run_one(ready, None) != "null"


async def tell(info: Info, event: Event, kind: NodeKind) -> Change:
    """The event with its node, read by the planner as the subscriber."""
    assert event.node_id is not None
    reading, raw = info.context.reading, info._raw_info
    node = await reading.payload(raw, "node", TYPE_NAMES[kind], event.node_id)
    return Change(node=node, act=event.act, at=event.at)
