"""Handlers that run in the transaction of the act they are told of, and may refuse it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import islice
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import PRODUCT_DEFAULT, PlatformError, RuleRefused
from core.events.handler import Handler, When
from core.plugins.gate import PluginGate, is_enabled_anywhere
from core.work import Entry, Work

LONGEST_CHAIN = 100
"""Acts that lead to each other by handlers, one after the other."""

MOST_CAUSED = 10_000
"""Acts that handlers may add to one unit of work."""

log = logging.getLogger("zhoba.plugins")


class Doors:
    """Where plugins are switched on, asked once per plugin and region of one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.gates: dict[str, PluginGate] = {}
        self.anywhere: dict[str, bool] = {}

    def gate(self, plugin: str) -> PluginGate:
        return self.gates.setdefault(plugin, PluginGate(plugin))

    async def is_open(self, plugin: str, node_id: int | None) -> bool:
        """Whether the plugin is on at an object of the tree; without one: on anywhere."""
        if node_id is not None:
            return await self.gate(plugin).is_open(self.session, node_id)
        if plugin not in self.anywhere:
            self.anywhere[plugin] = await is_enabled_anywhere(self.session, plugin)
        return self.anywhere[plugin]


async def run_within(work: Work, handlers: Sequence[tuple[str, Handler]]) -> None:
    """Tell the ``WITHIN`` handlers what the unit of work recorded, and what they record themselves.

    Each entry is told once, however often this is called. What a handler raises ends the unit of
    work. Raises ``HANDLERS_NEVER_END`` when handlers lead to each other :data:`LONGEST_CHAIN` times
    in a row, or add :data:`MOST_CAUSED` acts.
    """
    first, known = work.handled, len(work.entries)
    work.handled = known
    within = [each for each in handlers if each[1].when is When.WITHIN]
    if not within or first == known:
        return
    doors = Doors(work.session)
    for plugin, acts in wanted(within, work.entries[first:]):
        nodes = {entry.node_id for entry in acts if entry.node_id is not None}
        await doors.gate(plugin).look_up(work.session, nodes)
    depths = [0] * (known - first)
    for position, entry in enumerate(islice(work.entries, first, None)):  # handlers add to it
        for plugin, handler in within:
            if not handler.wants(entry.act) or not await doors.is_open(plugin, entry.node_id):
                continue
            await run_one(work, plugin, doors.gate(plugin), handler, entry)
            work.handled = len(work.entries)
            depths += [depths[position] + 1] * (work.handled - first - len(depths))
            if depths[-1] > LONGEST_CHAIN or work.handled - known > MOST_CAUSED:
                raise RuleRefused(
                    "HANDLERS_NEVER_END",
                    clause=PRODUCT_DEFAULT,
                    plugin=plugin,
                    handler=handler.name,
                    act=entry.act,
                )


def wanted(
    handlers: Sequence[tuple[str, Handler]], entries: Sequence[Entry]
) -> list[tuple[str, list[Entry]]]:
    """The entries that each plugin's handlers want."""
    acts: dict[str, list[Entry]] = {}
    for plugin, handler in handlers:
        acts.setdefault(plugin, []).extend(each for each in entries if handler.wants(each.act))
    return list(acts.items())


async def run_one(
    work: Work, plugin: str, gate: PluginGate, handler: Handler, entry: Entry
) -> None:
    """Run one handler as its plugin: recorded as its act, and only where the plugin is on."""
    run: Any = handler.run
    before = work.acting_as, work.gate
    known = len(work.entries)
    work.acting_as, work.gate = f"plugin:{plugin}", gate
    try:
        await run(work, entry)
        await work.session.flush()
        for added in work.entries[known:]:
            if added.node_id is not None:
                await gate.require(work.session, added.node_id)
    except PlatformError:
        raise
    except Exception:
        log.error("the handler %s of the plugin %s failed in %s", handler.name, plugin, entry.act)
        raise
    finally:
        work.acting_as, work.gate = before
