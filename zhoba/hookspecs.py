"""Every hook a plugin may implement; docs/hooks.md explains them one by one.

A plugin is a module named by an entry point of the group ``zhoba.plugins``. It implements
``plugin_info`` and whichever of the others it needs, as functions under ``@hookimpl``. The
``register_`` hooks are called once, when the process starts, and must not touch the database.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

import pluggy
import typer
from pydantic import BaseModel

from core.authority.catalogue import Permission, Role
from core.authority.joining import Policies
from core.errors import PlatformError
from core.events.handler import Handler
from core.jobs.job import Job
from core.plugins.plugin import PluginInfo
from core.work import Work
from migrations.run import Migrations
from schema.contribution import Contribution

PROJECT = "zhoba"
"""pluggy's name for the hooks of this project."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def plugin_info() -> PluginInfo:  # type: ignore[empty-body]
    """Who the plugin is. Required."""


@hookspec
def register_actions() -> Sequence[Permission]:  # type: ignore[empty-body]
    """The permissions its acts and fields ask for."""


@hookspec
def register_roles() -> Sequence[Role]:  # type: ignore[empty-body]
    """Roles of its own: where they are held, who appoints to them, by which act."""


@hookspec
def register_policies() -> Policies:  # type: ignore[empty-body]
    """Which roles, of the core or its own, may do what; and conditions of its own."""


@hookspec
def register_graphql() -> Contribution:  # type: ignore[empty-body]
    """What it adds to the schema."""


@hookspec
def register_migrations() -> Migrations:  # type: ignore[empty-body]
    """Its tables, and the folder of their revisions."""


@hookspec
def register_jobs() -> Sequence[Job]:  # type: ignore[empty-body]
    """What it does by the clock."""


@hookspec
def register_event_handlers() -> Sequence[Handler]:  # type: ignore[empty-body]
    """What it does when an act happens."""


@hookspec
def register_cli() -> typer.Typer:  # type: ignore[empty-body]
    """Commands, reached as ``zhoba <id of the plugin, with - for _> ...``."""


@hookspec
def on_region_enable(work: Work, region_id: int | None, settings: BaseModel) -> Awaitable[None]:  # type: ignore[empty-body]
    """Called in the transaction that switches the plugin on in a region, after it is on."""


@hookspec
def on_region_disable(work: Work, region_id: int | None) -> Awaitable[None]:  # type: ignore[empty-body]
    """Called in the transaction that switches it off, while it is still on."""


@hookspec
def can_disable(work: Work, region_id: int | None) -> Awaitable[PlatformError | None]:  # type: ignore[empty-body]
    """Why it may not be switched off in a region now; None: it may."""


@hookspec
def verify_signature(  # type: ignore[empty-body]
    work: Work, statement: bytes, signature: bytes, signer: str
) -> Awaitable[str | None]:
    """The kind of a detached signature of a statement by its signer, if it is good; None: it is of
    a kind the plugin does not know."""


@hookspec
def fill_demo(work: Work) -> Awaitable[None]:  # type: ignore[empty-body]
    """Called when the demonstration starts, after the plugin was switched on everywhere in it."""
