"""A command with a parameter that no command line can give."""

from __future__ import annotations

import typer

from tests.plugins_for_tests.about import about
from zhoba.api import PluginInfo, hookimpl


class Listener:
    """What no word on a command line stands for."""


commands = typer.Typer()


@commands.command()
def speak(to: Listener) -> None:
    """Speak."""


@hookimpl
def plugin_info() -> PluginInfo:
    return about("speechless_cli")


@hookimpl
def register_cli() -> typer.Typer:
    return commands
