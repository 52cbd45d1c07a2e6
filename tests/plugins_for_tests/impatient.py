"""Answers at once where its answer is awaited."""

from __future__ import annotations

from tests.plugins_for_tests.about import about
from zhoba.api import PlatformError, PluginInfo, Work, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return about("impatient")


@hookimpl
def can_disable(work: Work, region_id: int | None) -> PlatformError | None:
    return None
