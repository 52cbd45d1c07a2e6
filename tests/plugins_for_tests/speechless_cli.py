"""Commands without a single command."""

from __future__ import annotations

import typer

from tests.plugins_for_tests.about import about
from zhoba.api import PluginInfo, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return about("speechless_cli")


@hookimpl
def register_cli() -> typer.Typer:
    return typer.Typer()
