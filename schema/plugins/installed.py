"""What the schema asks of whoever loaded the plugins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast

from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.catalogue import Permission, Role
from core.events.handler import Handler
from core.jobs.job import Job
from core.plugins.failure import Failure
from core.plugins.gate import plugins_on_at
from core.plugins.host import Host, Loaded
from schema.contribution import Contribution


class LoadedPlugin(Loaded, Protocol):
    """A plugin that runs, with what it adds."""

    @property
    def contribution(self) -> Contribution: ...

    @property
    def permissions(self) -> Sequence[Permission]: ...

    @property
    def roles(self) -> Sequence[Role]: ...

    @property
    def handlers(self) -> Sequence[Handler]: ...

    @property
    def jobs(self) -> Sequence[Job]: ...


class Installed(Host, Protocol):
    """The plugins of an installation, and those that were left out."""

    @property
    def plugins(self) -> Sequence[LoadedPlugin]: ...

    @property
    def failures(self) -> Sequence[Failure]: ...


def installed_in(context: Any) -> Installed:
    """The plugins of the installation that answers a request."""
    return cast(Installed, context.services.installation)


def owner_of_permission(installed: Installed, code: str) -> str | None:
    """The plugin a permission belongs to; None for one of the core."""
    for plugin in installed.plugins:
        if any(permission.code == code for permission in plugin.permissions):
            return plugin.info.id
    return None


async def permissions_switched_off(
    context: Any, session: AsyncSession, node_id: int
) -> frozenset[str]:
    """Permissions of plugins that are off in the region of an object."""
    plugins = installed_in(context).plugins
    if not plugins:
        return frozenset()
    on = await plugins_on_at(session, node_id)
    return frozenset(
        permission.code
        for plugin in plugins
        if plugin.info.id not in on
        for permission in plugin.permissions
    )
