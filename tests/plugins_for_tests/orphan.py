"""Builds on a plugin that nobody offers."""

from __future__ import annotations

from tests.plugins_for_tests.about import about
from zhoba.api import PluginInfo, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return about("orphan", requires_plugins=("nobody",))
