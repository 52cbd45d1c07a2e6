"""The names a plugin may take: those that begin with its prefix, and that nobody has."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from core.authority.catalogue import core_catalogue
from core.hierarchy.conditions import core_conditions
from core.models import metadata
from core.plugins.plugin import PluginInfo

RESERVED = frozenset(
    {
        "admin", "backup", "core", "demo", "doctor", "import", "migrate", "new_plugin", "plugins",
        "policy", "run", "schema", "serve", "token", "version", "worker", "zhoba",
    }
)  # fmt: skip
"""Ids no plugin may have: commands of ``zhoba``, owners and tables of the platform."""


@cache
def core_names() -> frozenset[str]:
    """Tables, resources and conditions of the core.

    Permissions that no act uses yet wait for a plugin. Its roles take no prefix: ``regional`` is
    free beside ``regional_administrator``; that no role is called like another is seen to where
    they are joined.
    """
    catalogue = core_catalogue()
    return frozenset(
        {
            *metadata.tables,
            *(
                code.rpartition(".")[0]
                for code, one in catalogue.permissions.items()
                if not one.planned
            ),
            *(condition.name for condition in core_conditions()),
        }
    )


def owner_of_prefix(prefix: str, plugins: Iterable[PluginInfo]) -> str | None:
    """Who has taken this prefix: a plugin, the core, or nobody."""
    if prefix in RESERVED or any(begins(name, prefix) for name in core_names()):
        return "the core"
    return next((info.id for info in plugins if info.prefix == prefix), None)


def begins(name: str, prefix: str) -> bool:
    """Whether a name is the prefix, or goes on after it with ``_`` or ``.``."""
    return name == prefix or name.startswith((f"{prefix}_", f"{prefix}."))


def foreign_names(info: PluginInfo, names: Iterable[str]) -> list[str]:
    """Those of the names that do not begin with the plugin's prefix."""
    return sorted({name for name in names if not begins(name, info.prefix)})
