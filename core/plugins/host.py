"""What the core asks of whoever loaded the plugins; a running server's is its installation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from core.errors import PRODUCT_DEFAULT, NotFound, RuleRefused
from core.events.handler import Handler
from core.jobs.job import Job
from core.plugins.failure import Stage
from core.plugins.plugin import PluginInfo


class Loaded(Protocol):
    """A plugin that runs."""

    @property
    def info(self) -> PluginInfo: ...

    def call(self, hook: str, /, **arguments: Any) -> Any:
        """What its implementation of a hook gives; None where it has none."""


class Failed(Protocol):
    """A plugin that could not be loaded."""

    @property
    def plugin(self) -> str: ...

    @property
    def stage(self) -> Stage: ...

    @property
    def reason(self) -> str:
        """A sentence that says what to do."""


class Host(Protocol):
    """The plugins of an installation; ``plugins`` are those that run, dependencies first.

    ``handlers`` and ``jobs`` come with the id of their plugin.
    """

    @property
    def plugins(self) -> Sequence[Loaded]: ...

    @property
    def failures(self) -> Sequence[Failed]: ...

    @property
    def handlers(self) -> Sequence[tuple[str, Handler]]: ...

    @property
    def jobs(self) -> Sequence[tuple[str, Job]]: ...


class NoPlugins:
    """An installation without plugins."""

    plugins: Sequence[Loaded] = ()
    failures: Sequence[Failed] = ()
    handlers: Sequence[tuple[str, Handler]] = ()
    jobs: Sequence[tuple[str, Job]] = ()


NO_PLUGINS = NoPlugins()


def loaded(host: Host, plugin: str) -> Loaded:
    """The running plugin of this id.

    Raises ``PLUGIN_NOT_LOADED`` for one that is there and failed to load, and
    :class:`~core.errors.NotFound` for an id nobody has.
    """
    for each in host.plugins:
        if each.info.id == plugin:
            return each
    if any(each.plugin == plugin for each in host.failures):
        raise RuleRefused(
            "PLUGIN_NOT_LOADED", clause=PRODUCT_DEFAULT, field="plugin", plugin=plugin
        )
    raise NotFound("plugin")


def dependents(host: Host, plugin: str) -> list[str]:
    """Ids of the running plugins that build on this one."""
    return [each.info.id for each in host.plugins if plugin in each.info.requires_plugins]
