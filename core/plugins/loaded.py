"""Plugins as those see them who cannot know the host that loads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from core.authority.catalogue import Catalogue, Permission, Role
from core.authority.conditions import ConditionRegistry
from core.events.handler import Handler
from core.jobs.job import Job
from core.plugins.failure import Failure
from core.plugins.plugin import PluginInfo


class Loaded(Protocol):
    """A plugin that was loaded."""

    @property
    def info(self) -> PluginInfo: ...

    @property
    def permissions(self) -> Sequence[Permission]: ...

    @property
    def roles(self) -> Sequence[Role]: ...

    @property
    def handlers(self) -> Sequence[Handler]: ...

    @property
    def jobs(self) -> Sequence[Job]: ...

    def call(self, hook: str, /, **given: Any) -> Any:
        """What its implementation of the hook gives; None where it has none."""


class Installed(Protocol):
    """All plugins of an installation, and what the core and they make together."""

    @property
    def plugins(self) -> Sequence[Loaded]:
        """Those that were loaded: whoever is required first, then by id."""

    @property
    def failures(self) -> Sequence[Failure]:
        """Those that were left out."""

    @property
    def catalogue(self) -> Catalogue:
        """Roles and permissions of all."""

    @property
    def conditions(self) -> ConditionRegistry:
        """Conditions of rules, of all."""

    def plugin(self, id: str) -> Loaded:
        """The loaded plugin of this id. Raises :class:`KeyError`."""
