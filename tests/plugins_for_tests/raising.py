"""Fails while it says what it adds to the schema."""

from __future__ import annotations

from tests.plugins_for_tests.about import about
from zhoba.api import Contribution, PluginInfo, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return about("raising")


@hookimpl
def register_graphql() -> Contribution:
    raise LookupError("no such drawer")
