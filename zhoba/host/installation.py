"""The core and the plugins of an installation, put together."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.authority.catalogue import Catalogue
from core.authority.conditions import ConditionRegistry
from core.authority.policies.effective import Ground
from core.authority.policy import PolicySet
from core.events.handler import Handler
from core.jobs.job import Job
from core.messages import Messages
from core.plugins.failure import Failure
from core.work import Profile
from migrations.run import CORE, Owner
from schema.compose import ZhobaSchema
from schema.contribution import Contribution
from zhoba.host.plugin import Plugin


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Everything that was loaded, and what was left out.

    ``plugins`` come with whoever they require before them, else by id. ``catalogue``,
    ``conditions``, ``messages`` and ``schema`` are those of the core and of them all.
    """

    plugins: tuple[Plugin, ...]
    failures: tuple[Failure, ...]
    catalogue: Catalogue = field(repr=False)
    conditions: ConditionRegistry = field(repr=False)
    messages: Messages = field(repr=False)
    schema: ZhobaSchema = field(repr=False)

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """What each plugin adds to the schema."""
        return tuple(plugin.contribution for plugin in self.plugins)

    @property
    def handlers(self) -> tuple[tuple[str, Handler], ...]:
        """Every handler of events, with the id of its plugin."""
        return tuple((plugin.id, handler) for plugin in self.plugins for handler in plugin.handlers)

    @property
    def jobs(self) -> tuple[tuple[str, Job], ...]:
        """Every job, with the id of its plugin."""
        return tuple((plugin.id, job) for plugin in self.plugins for job in plugin.jobs)

    @property
    def owners(self) -> tuple[Owner, ...]:
        """Whoever has tables, the core first."""
        return (CORE, *(plugin.owner for plugin in self.plugins if plugin.owner is not None))

    def policy(self, profile: Profile) -> PolicySet:
        """The rules that follow from the catalogue under one edition of the Rules."""
        return self.ground(profile).policy([])

    def ground(self, profile: Profile) -> Ground:
        """The same as what administrators change."""
        return Ground.of(self.catalogue, self.conditions, profile)

    def plugin(self, id: str) -> Plugin:
        """The loaded plugin of this id. Raises :class:`KeyError`."""
        for plugin in self.plugins:
            if plugin.id == id:
                return plugin
        raise KeyError(id)
