"""The gate of a plugin for what the planner does not read: answers that Python works out."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from graphql import GraphQLField, GraphQLResolveInfo

from core.plugins.gate import require_enabled, require_enabled_anywhere, require_enabled_at
from core.unset import UNSET, Unset


async def require_plugin(
    info: Any,
    plugin: str,
    *,
    node_id: int | None = None,
    region_id: int | Unset | None = UNSET,
) -> None:
    """Refuse unless the plugin is on: at an object of the tree, in a region, or anywhere.

    ``info`` is what a resolver gets. ``region_id`` null is the republic; with neither of the two,
    anywhere is enough. Raises :class:`~core.plugins.gate.PluginNotEnabled` naming the field of the
    resolver.
    """
    field = info.field_name
    async with info.context.asking() as work:
        if node_id is not None:
            await require_enabled_at(work.session, plugin, node_id, field=field)
        elif isinstance(region_id, Unset):
            await require_enabled_anywhere(work.session, plugin, field=field)
        else:
            await require_enabled(work.session, plugin, region_id, field=field)


def put_gate(field: GraphQLField, plugin: str) -> None:
    """Let a field answer only while the plugin is on somewhere."""
    resolve = field.resolve
    if resolve is None:
        raise TypeError("a field without a resolver needs no gate")
    answer: Callable[..., Any] = resolve

    async def gated(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        await require_plugin(info, plugin)
        value = answer(source, info, **arguments)
        return await value if inspect.isawaitable(value) else value

    field.resolve = gated
