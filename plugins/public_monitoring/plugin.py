"""Everything the plugin gives to the platform; read it as its table of contents."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from plugins.public_monitoring import (
    access,
    commands,
    contribution,
    demo,
    jobs,
    passing_over,
    staying,
    tables,
)
from plugins.public_monitoring.settings import INFO
from zhoba.api import (
    Contribution,
    Handler,
    Job,
    Migrations,
    Permission,
    PlatformError,
    PluginInfo,
    Policies,
    Role,
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
def register_roles() -> Sequence[Role]:
    return access.ROLES


@hookimpl
def register_policies() -> Policies:
    return access.POLICIES


@hookimpl
def register_graphql() -> Contribution:
    return contribution.CONTRIBUTION


@hookimpl
def register_migrations() -> Migrations:
    return tables.MIGRATIONS


@hookimpl
def register_jobs() -> Sequence[Job]:
    return jobs.JOBS


@hookimpl
def register_event_handlers() -> Sequence[Handler]:
    return passing_over.HANDLERS


@hookimpl
def register_cli() -> typer.Typer:
    return commands.app


@hookimpl
async def can_disable(work: Work, region_id: int | None) -> PlatformError | None:
    return await staying.reason_to_stay(work, region_id)


@hookimpl
async def fill_demo(work: Work) -> None:
    await demo.fill_demo(work)
