"""Builds on one that builds on itself."""

from __future__ import annotations

from tests.plugins_for_tests.about import about
from zhoba.api import PluginInfo, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return about("on_circle", requires_plugins=("circle_one",))
