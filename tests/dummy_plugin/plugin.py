"""Everything the plugin gives to the platform; read it as its table of contents."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from pydantic import BaseModel

from tests.dummy_plugin import access, bindings, commands, events, rounds, signing, tables
from tests.dummy_plugin.settings import INFO
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
    return bindings.CONTRIBUTION


@hookimpl
def register_migrations() -> Migrations:
    return tables.MIGRATIONS


@hookimpl
def register_jobs() -> Sequence[Job]:
    return events.JOBS


@hookimpl
def register_event_handlers() -> Sequence[Handler]:
    return events.HANDLERS


@hookimpl
def register_cli() -> typer.Typer:
    return commands.app


@hookimpl
async def on_region_enable(work: Work, region_id: int | None, settings: BaseModel) -> None:
    await rounds.open_round(work, region_id)


@hookimpl
async def on_region_disable(work: Work, region_id: int | None) -> None:
    await rounds.close_round(work, region_id)


@hookimpl
async def can_disable(work: Work, region_id: int | None) -> PlatformError | None:
    return await rounds.reason_to_stay(work, region_id)


@hookimpl
async def verify_signature(
    work: Work, statement: bytes, signature: bytes, signer: str
) -> str | None:
    return signing.kind_of(statement, signature, signer)


@hookimpl
async def fill_demo(work: Work) -> None:
    await rounds.plan_sample(work)
