"""Hooks that would never be called, or not rightly."""

from __future__ import annotations

from collections.abc import Sequence

from tests.plugins_for_tests.about import about
from zhoba.api import Contribution, Job, PluginInfo, Work, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return about("misspelled")


@hookimpl
def register_grapql() -> Contribution:
    return Contribution()


@hookimpl
async def on_region_disable(work: Work, territory: int) -> None:
    pass


def register_jobs() -> Sequence[Job]:
    return []
