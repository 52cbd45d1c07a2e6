"""Builds on a plugin that builds on it."""

from __future__ import annotations

from tests.plugins_for_tests.about import about
from zhoba.api import PluginInfo, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return about("circle_two", requires_plugins=("circle_one",))
