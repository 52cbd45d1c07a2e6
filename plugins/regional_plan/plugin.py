"""Everything the plugin gives to the platform; read it as its table of contents."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from plugins.regional_plan import access, approving, bindings, commands, demo, tables
from plugins.regional_plan.info import INFO
from plugins.regional_plan.plan import locking
from zhoba.api import (
    Contribution,
    Handler,
    Migrations,
    Permission,
    PluginInfo,
    Policies,
    Work,
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


@hookimpl
def register_cli() -> typer.Typer:
    return commands.app


@hookimpl
async def fill_demo(work: Work) -> None:
    await demo.fill_demo(work)
