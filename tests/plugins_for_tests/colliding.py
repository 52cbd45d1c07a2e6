"""Names that others have, and names without its prefix."""

from __future__ import annotations

from sqlalchemy import Text, literal_column

from tests.plugins_for_tests.about import about
from zhoba.api import Contribution, Extension, Page, PluginInfo, expr, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return about("naughty")


@hookimpl
def register_graphql() -> Contribution:
    def text(name: str) -> Extension:
        field = expr(name, Text(), lambda row: literal_column("'x'"), "A text.")
        return Extension(target="Project", fields=[field])

    return Contribution(
        extensions=[text("goodMark"), text("number")],
        roots=[Page("projects", "Projects again.", "Project")],
    )
