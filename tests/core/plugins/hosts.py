"""A host of two small plugins: ``visits`` has settings and hooks, ``reports`` builds on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, Field, SecretStr

from core.errors import PlatformError, RuleRefused
from core.events.handler import Handler
from core.jobs.job import Job
from core.plugins.failure import Failure, Stage
from core.plugins.plugin import NoSettings, PluginInfo
from core.work import Work


class Contact(BaseModel):
    """Part of the settings."""

    phone: str = "1414"


class VisitSettings(BaseModel):
    """Settings of ``visits``."""

    days: int = Field(default=10, ge=1, le=30)
    contact: Contact = Contact()
    token: SecretStr = SecretStr("")


def info(id: str, *, requires: tuple[str, ...] = (), settings: type[BaseModel]) -> PluginInfo:
    texts = {"kk": id, "ru": id, "en": id}
    return PluginInfo(
        id=id,
        version="1.0",
        title=texts,
        description=texts,
        requires_api=">=1",
        requires_plugins=requires,
        settings=settings,
    )


@dataclass
class SmallPlugin:
    """A plugin with the hooks a test gives it."""

    info: PluginInfo
    hooks: dict[str, Callable[..., Awaitable[Any]]] = field(default_factory=dict)

    def call(self, hook: str, /, **given: Any) -> Any:
        return self.hooks[hook](**given) if hook in self.hooks else None


class SmallHost:
    """The host, and what the hooks of ``visits`` were called with."""

    def __init__(self, veto: PlatformError | None = None) -> None:
        self.calls: list[Any] = []
        self.veto = veto
        self.visits = SmallPlugin(
            info("visits", settings=VisitSettings),
            {
                "on_region_enable": self.enabled,
                "on_region_disable": self.disabled,
                "can_disable": self.may_disable,
            },
        )
        self.reports = SmallPlugin(info("reports", requires=("visits",), settings=NoSettings))
        self.plugins = (self.visits, self.reports)
        self.handlers: tuple[tuple[str, Handler], ...] = ()
        self.jobs: tuple[tuple[str, Job], ...] = ()
        self.failures = (Failure("broken", Stage.IMPORT, "no such module"),)
        self.handlers: tuple[Any, ...] = ()
        self.jobs: tuple[Any, ...] = ()

    async def enabled(self, work: Work, region_id: int | None, settings: BaseModel) -> None:
        self.calls.append(("on", region_id, settings))

    async def disabled(self, work: Work, region_id: int | None) -> None:
        self.calls.append(("off", region_id))

    async def may_disable(self, work: Work, region_id: int | None) -> PlatformError | None:
        return self.veto


OPEN_VISITS = RuleRefused("VISITS_ARE_OPEN", clause="visits", count=3)
