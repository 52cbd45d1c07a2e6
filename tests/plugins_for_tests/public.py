"""A type that does not say who may read it."""

from __future__ import annotations

from tests.plugins_for_tests.about import about
from zhoba.api import Contribution, PluginInfo, Region, bind, hookimpl, ident


@hookimpl
def plugin_info() -> PluginInfo:
    return about("public_things", prefix="public")


@hookimpl
def register_graphql() -> Contribution:
    return Contribution(nouns=[bind("PublicThing", Region, "A thing.", [ident()])])
