"""A handler whose acts are a bare text."""

from __future__ import annotations

from collections.abc import Sequence

from tests.plugins_for_tests.about import about
from zhoba.api import Entry, Handler, PluginInfo, When, Work, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return about("hard_of_hearing")


async def hear(work: Work, entry: Entry) -> None:
    """Nothing."""


@hookimpl
def register_event_handlers() -> Sequence[Handler]:
    return [
        Handler(name="hear", acts="stageMoved", when=When.WITHIN, run=hear)  # type: ignore[arg-type]
    ]
