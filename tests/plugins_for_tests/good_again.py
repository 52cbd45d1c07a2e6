"""Takes the prefix of ``good``."""

from __future__ import annotations

from tests.plugins_for_tests.about import about
from zhoba.api import PluginInfo, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return about("good_again", prefix="good")
