"""Two handlers of one name."""

from __future__ import annotations

from collections.abc import Sequence

from tests.plugins_for_tests.about import about
from zhoba.api import Entry, Handler, PluginInfo, When, Work, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return about("twofold")


async def nothing(work: Work, entry: Entry) -> None:
    """Nothing."""


@hookimpl
def register_event_handlers() -> Sequence[Handler]:
    return [
        Handler(name="same", acts=frozenset({act}), when=When.WITHIN, run=nothing)
        for act in ("one", "two")
    ]
