"""Commands of plugins, as part of ``zhoba``, and those of the platform that take long to import.

Those of plugins are looked for only when a command is asked for that the platform does not have,
or all are listed; and nothing is imported where no plugin is installed.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from core.plugins.failure import Stage
from zhoba.host.failing import LeftOut, failed, in_words
from zhoba.host.finding import installed_offers
from zhoba.settings import Settings

LATE = {"documents": "zhoba.documents_cli", "policy": "zhoba.policy_cli"}
"""Commands whose module, of which ``app`` is taken, is imported only when they are asked for: it
brings most of the platform along."""


class Commands(TyperGroup):
    """The commands of the platform, and after them those of the plugins."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *LATE, *sorted(commands_of_plugins(ctx))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        if cmd_name in LATE:
            return named(import_module(LATE[cmd_name]).app, cmd_name)
        return commands_of_plugins(ctx).get(cmd_name)


def commands_of_plugins(ctx: Any) -> dict[str, Any]:
    """:func:`plugin_commands`, looked for once in a run of ``zhoba``."""
    found: dict[str, Any] = ctx.meta.setdefault(__name__, {})
    if "commands" not in found:
        found["commands"] = plugin_commands()
    commands: dict[str, Any] = found["commands"]
    return commands


def plugin_commands() -> dict[str, Any]:
    """The commands of each plugin that has some, by its id with ``-`` for ``_``."""
    if not installed_offers():
        return {}
    from zhoba.host.loading import read_plugins

    found: dict[str, Any] = {}
    for plugin in read_plugins(None, Settings().plugins).plugins:
        if plugin.commands is None:
            continue
        try:
            name = plugin.id.replace("_", "-")
            found[name] = named(plugin.commands, name)
        except Exception as error:
            # `zhoba plugins` and the log tell of it; the other commands go on.
            reason = LeftOut(Stage.COMMANDS, f"its commands cannot be used ({in_words(error)}).")
            reason.__cause__ = error
            failed(plugin.id, reason)
    return found


def named(commands: typer.Typer, name: str) -> Any:
    """Commands as one command of ``zhoba``, without options of their own."""
    holder = typer.Typer(add_completion=False)
    holder.add_typer(commands, name=name)
    return get_group(holder).commands[name]


def sentences_of_plugins(only: Iterable[str] | None) -> dict[str, dict[str, str]]:
    """The sentences of all plugins, for what their commands refuse."""
    from zhoba.host.loading import read_plugins

    return {
        code: dict(texts)
        for plugin in read_plugins(None, only).plugins
        for code, texts in plugin.sentences.items()
    }
