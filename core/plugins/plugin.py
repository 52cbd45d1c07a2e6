"""What a plugin says of itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from core.db.base import LANGUAGES

PLUGIN_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class NoSettings(BaseModel):
    """The settings of a plugin that has none."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginInfo:
    """What a plugin is.

    ``id`` is stable and unique. ``prefix`` (``monitoring``; the id if left out) begins the names of
    its root fields (``monitoringApplications``), its types (``MonitoringApplication``), its tables
    (``monitoring_application``), its permissions (``monitoring.…`` or ``monitoring_visit.…``), its
    roles and its codes of refusal (``MONITORING_…``). ``roles_of_the_rules`` are those of its roles
    that the Rules themselves name (``public_observer``). ``requires_api`` is a version specifier of
    :data:`zhoba.api.API_VERSION`. ``settings`` is the model of its settings per region; every
    setting has a default. ``title`` and ``description`` are in Kazakh, Russian and English.
    Raises :class:`ValueError` for what is none of this.
    """

    id: str
    version: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    requires_api: str
    prefix: str = ""
    roles_of_the_rules: tuple[str, ...] = ()
    requires_plugins: tuple[str, ...] = ()
    settings: type[BaseModel] = field(default=NoSettings)

    def __post_init__(self) -> None:
        for name in (self.id, self.prefix or self.id, *self.requires_plugins):
            if not PLUGIN_ID.fullmatch(name) or len(name) > 40:
                raise ValueError(f"{name!r} is no id of a plugin: use letters a-z, digits and _")
        for name, texts in (("title", self.title), ("description", self.description)):
            if set(texts) != set(LANGUAGES) or not all(text.strip() for text in texts.values()):
                raise ValueError(f"{name} needs exactly {', '.join(LANGUAGES)}")
        if not self.prefix:
            object.__setattr__(self, "prefix", self.id)

    @property
    def camel_prefix(self) -> str:
        """What names of root fields begin with."""
        return camel(self.prefix)

    @property
    def type_prefix(self) -> str:
        """``public_monitoring`` as ``PublicMonitoring``: what names of types begin with."""
        return "".join(word.capitalize() for word in self.prefix.split("_"))


def camel(prefix: str) -> str:
    """``public_monitoring`` as ``publicMonitoring``."""
    first, *rest = prefix.split("_")
    return first + "".join(word.capitalize() for word in rest)
