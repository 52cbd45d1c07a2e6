"""One loaded plugin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import typer

from core.authority.catalogue import Permission, Role
from core.authority.joining import Addition, Policies
from core.events.handler import Handler
from core.jobs.job import Job
from core.plugins.plugin import PluginInfo
from migrations.run import Migrations, Owner
from schema.contribution import Contribution
from zhoba.host.hooks import Hook


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """A plugin, and everything it adds. ``sentences`` are those of its ``messages.toml``."""

    info: PluginInfo
    module: ModuleType
    hooks: Mapping[str, Hook] = field(repr=False)
    permissions: tuple[Permission, ...] = ()
    roles: tuple[Role, ...] = ()
    policies: Policies = field(default_factory=Policies)
    sentences: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    contribution: Contribution
    migrations: Migrations | None = None
    handlers: tuple[Handler, ...] = ()
    jobs: tuple[Job, ...] = ()
    commands: typer.Typer | None = None

    @property
    def id(self) -> str:
        return self.info.id

    @property
    def owner(self) -> Owner | None:
        """The owner of its tables; None where it has none."""
        if self.migrations is None:
            return None
        return Owner(self.id, self.migrations.versions, self.migrations.metadata, self.info.prefix)

    @property
    def addition(self) -> Addition:
        """What it adds to roles, permissions and rules."""
        return Addition(
            owner=self.id,
            prefix=self.info.prefix,
            roles_of_the_rules=self.info.roles_of_the_rules,
            permissions=self.permissions,
            roles=self.roles,
            policies=self.policies,
        )

    def call(self, hook: str, /, **given: Any) -> Any:
        """What its implementation of the hook gives; None where it has none."""
        return self.hooks[hook](**given) if hook in self.hooks else None
