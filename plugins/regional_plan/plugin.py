"""Everything the plugin gives to the platform; read it as its table of contents."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.regional_plan import access, approving, bindings, tables
from plugins.regional_plan.info import INFO
from plugins.regional_plan.plan import locking
from zhoba.api import (
    Contribution,
    Handler,
    Migrations,
    Permission,
    PluginInfo,
    Policies,
    hookimpl,
)


@hookimpl
def plugin_info() -> PluginInfo:
    return INFO


@hookimpl
def register_actions() -> Sequence[Permission]:
    return access.PERMISSIONS


@hookimpl
def register_policies() -> Policies:
    return access.POLICIES


@hookimpl
def register_graphql() -> Contribution:
    return bindings.CONTRIBUTION


@hookimpl
def register_migrations() -> Migrations:
    return tables.MIGRATIONS


@hookimpl
def register_event_handlers() -> Sequence[Handler]:
    return (*locking.HANDLERS, *approving.HANDLERS)
