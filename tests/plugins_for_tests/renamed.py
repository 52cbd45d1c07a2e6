"""Calls itself otherwise than its entry point does."""

from __future__ import annotations

from tests.plugins_for_tests.about import about
from zhoba.api import PluginInfo, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return about("renamed_since")
