"""Gives something else than the hook is asked for."""

from __future__ import annotations

from typing import Any

from tests.plugins_for_tests.about import about
from zhoba.api import PluginInfo, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return about("mistyped")


@hookimpl
async def register_actions() -> Any:
    return []
