"""The names a plugin may take: those that begin with its prefix, and that nobody has."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from core.authority.catalogue import core_catalogue
from core.hierarchy.conditions import core_conditions
from core.models import metadata
from core.plugins.plugin import PluginInfo
from schema.compose import graphql_name
from schema.nouns import core_registry
from zhoba.host.plugin import Plugin

RESERVED = frozenset(
    {
        "admin", "backup", "core", "demo", "doctor", "import", "migrate", "new_plugin", "plugins",
        "policy", "run", "schema", "serve", "token", "version", "worker", "zhoba",
    }
)  # fmt: skip
"""Ids no plugin may have: commands of ``zhoba``, owners and tables of the platform."""


@cache
def core_names() -> frozenset[str]:
    """Tables, resources, roles and conditions of the core."""
    catalogue = core_catalogue()
    return frozenset(
        {
            *metadata.tables,
            *(code.rpartition(".")[0] for code in catalogue.permissions),
            *catalogue.roles,
            *catalogue.implied,
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


def foreign_schema_names(plugin: Plugin) -> list[str]:
    """Types and root fields of a plugin that do not begin with its prefix."""
    added, info = plugin.contribution, plugin.info
    fields = {
        *(root.name for root in added.roots),
        *(mutation.name for mutation in added.mutations),
        *(told.name for told in added.told),
        *(name for question in added.questions for name in field_names(question)),
    }
    types = {
        *(noun.name for noun in added.nouns),
        *({each.name for noun in added.nouns for each in noun.interfaces} - core_interfaces()),
        *(type_.__strawberry_definition__.name for type_ in added.types),  # type: ignore[attr-defined]
    }
    return sorted(
        {name for name in fields if not starts(name, info.camel_prefix)}
        | {name for name in types if not starts(name, info.type_prefix)}
    )


def starts(name: str, prefix: str) -> bool:
    """Whether ``name`` is the prefix, or another word follows it: ``Monitor`` begins no
    ``Monitoring``."""
    rest = name.removeprefix(prefix)
    return name.startswith(prefix) and not rest[:1].islower()


@cache
def core_interfaces() -> frozenset[str]:
    """The interfaces of the core, which types of plugins may implement."""
    bindings = (binding for binding, _ in core_registry().bindings)
    return frozenset(each.name for binding in bindings for each in binding.interfaces)


def field_names(strawberry_class: type) -> list[str]:
    """The names in GraphQL of the fields of a strawberry class."""
    definition = strawberry_class.__strawberry_definition__  # type: ignore[attr-defined]
    return [graphql_name(field) for field in definition.fields]
