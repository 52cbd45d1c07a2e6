"""Shows a field to whoever has a permission that nobody defines."""

from __future__ import annotations

from sqlalchemy import Text, literal_column

from tests.plugins_for_tests.about import about
from zhoba.api import Contribution, Extension, PluginInfo, expr, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return about("unclassified")


@hookimpl
def register_graphql() -> Contribution:
    secret = expr(
        "secret", Text(), lambda row: literal_column("'s'"), "A secret.", level="unclassified.look"
    )
    return Contribution(extensions=[Extension(target="Project", fields=[secret])])
