"""Why a plugin was left out, and at which step of loading it."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Stage(enum.Enum):
    """A step of loading a plugin, in their order."""

    IMPORT = "importing its module"
    HOOKS = "comparing its hooks with those there are"
    INFO = "reading what it says of itself"
    API = "comparing the version of the API it requires"
    DEPENDENCIES = "finding the plugins it requires"
    TABLES = "looking at its tables and their revisions"
    AUTHORITY = "joining its permissions, roles and policies"
    MESSAGES = "reading its sentences"
    HANDLERS = "reading its handlers of events"
    JOBS = "reading its jobs"
    COMMANDS = "reading its commands"
    SCHEMA = "composing the schema with its types and fields"


@dataclass(frozen=True, slots=True)
class Failure:
    """A plugin that was left out; ``reason`` is a sentence that says what to do."""

    plugin: str
    stage: Stage
    reason: str

    def __str__(self) -> str:
        return f"{self.plugin} was left out while {self.stage.value}: {self.reason}"
