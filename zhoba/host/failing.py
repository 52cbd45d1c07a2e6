"""How loading a plugin goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from core.plugins.failure import Failure, Stage

log = logging.getLogger("zhoba.host")
log.addHandler(logging.NullHandler())


class LeftOut(Exception):
    """This plugin cannot be loaded; ``reason`` is a sentence that says what to do."""

    def __init__(self, stage: Stage, reason: str) -> None:
        super().__init__(reason)
        self.stage = stage
        self.reason = reason


class PluginsFailed(Exception):
    """Plugins were left out, and the operator asked to stop rather than go on without them."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__("\n".join(map(str, failures)))
        self.failures = tuple(failures)


def failed(plugin: str, error: LeftOut) -> Failure:
    """The failure to show; what caused it goes to the log, with its traceback."""
    log.error(
        "plugin %s was left out while %s", plugin, error.stage.value, exc_info=error.__cause__
    )
    return Failure(plugin, error.stage, error.reason)


def in_words(error: BaseException) -> str:
    """An exception in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
