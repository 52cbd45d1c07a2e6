"""Loading the plugins of an installation.

Each is looked at step by step; one that fails is left out with its reason, and those that require
it with it. The others are loaded.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType

from core.authority.catalogue import Catalogue, core_catalogue
from core.authority.joining import AdditionRefused, join_conditions, joined_with
from core.hierarchy.conditions import core_conditions
from core.messages import Messages
from core.plugins.failure import Failure, Stage
from core.plugins.plugin import PluginInfo
from zhoba.host.checking import read_info, read_plugin, require_free_prefix
from zhoba.host.composing import composed
from zhoba.host.failing import LeftOut, PluginsFailed, failed
from zhoba.host.finding import Offer, chosen, imported
from zhoba.host.hooks import Hook, hooks_of
from zhoba.host.installation import Installation
from zhoba.host.ordering import in_order
from zhoba.host.plugin import Plugin
from zhoba.host.tables import table_problems

Offers = Iterable[Offer] | Mapping[str, str] | None


def load_installation(
    offers: Offers = None, *, only: Iterable[str] | None = None, strict: bool = False
) -> Installation:
    """The core with the plugins that ``offers`` names (by default those installed).

    ``only``: the ids to load. The database is not asked. Raises :class:`PluginsFailed` when
    ``strict`` and any was left out; a fault of the core itself is raised as it is.
    """
    with collecting_later():
        return put_together(read_plugins(offers, only), strict=strict)


async def load_for_database(
    url: str, offers: Offers = None, *, only: Iterable[str] | None = None, strict: bool = False
) -> Installation:
    """The same, without the plugins whose tables in this database are not as they need them."""
    with collecting_later():
        candidates = read_plugins(offers, only)
        for id, reason in (await table_problems(url, candidates.plugins)).items():
            candidates.leave_out(id, LeftOut(Stage.TABLES, reason))
        return put_together(candidates, strict=strict)


@contextmanager
def collecting_later() -> Iterator[None]:
    """Leave the garbage alone meanwhile: almost all that is made stays, and looking through it
    again and again costs a fifth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@dataclass
class Candidates:
    """Plugins on their way in, in order, and those that were left out."""

    plugins: list[Plugin] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def leave_out(self, id: str, error: LeftOut) -> None:
        """Take a plugin out, and those that require it."""
        if any(failure.plugin == id for failure in self.failures):
            return
        self.failures.append(failed(id, error))
        dependents = [each for each in self.plugins if id in each.info.requires_plugins]
        self.plugins = [each for each in self.plugins if each.id != id]
        for each in dependents:
            self.leave_out(each.id, missing([id]))


def missing(ids: Sequence[str]) -> LeftOut:
    return LeftOut(
        Stage.DEPENDENCIES,
        f"it requires {', '.join(ids)}, which is not loaded: install it, or mend it first.",
    )


def read_plugins(offers: Offers, only: Iterable[str] | None) -> Candidates:
    """Every plugin looked at by itself."""
    candidates = Candidates()
    found: dict[str, tuple[PluginInfo, ModuleType, dict[str, Hook]]] = {}
    for id, modules in chosen(offers, only).items():
        try:
            module = imported(id, modules)
            hooks = hooks_of(module)
            info = read_info(id, hooks)
            require_free_prefix(info, [earlier for earlier, _, _ in found.values()])
            found[id] = info, module, hooks
        except LeftOut as error:
            candidates.leave_out(id, error)
    order, circles = in_order({id: info.requires_plugins for id, (info, *_) in found.items()})
    for id, circle in circles.items():
        reason = f"it requires itself ({' -> '.join(circle)}): take one of these out."
        candidates.leave_out(id, LeftOut(Stage.DEPENDENCIES, reason))
    for id in order:
        info = found[id][0]
        loaded = {plugin.id for plugin in candidates.plugins}
        absent = [each for each in info.requires_plugins if each not in loaded]
        try:
            if absent:
                raise missing(absent)
            candidates.plugins.append(read_plugin(*found[id]))
        except LeftOut as error:
            candidates.leave_out(id, error)
    return candidates


def put_together(candidates: Candidates, *, strict: bool) -> Installation:
    """The core and the candidates, without those that do not fit."""
    while True:
        catalogue = join_catalogues(candidates)
        fitting = len(candidates.plugins)
        messages = join_messages(candidates)
        if len(candidates.plugins) < fitting:
            continue
        schema = composed(candidates.plugins, messages, catalogue.permissions, candidates.leave_out)
        if schema is not None:
            break
    if strict and candidates.failures:
        raise PluginsFailed(candidates.failures)
    additions = [plugin.addition for plugin in candidates.plugins]
    return Installation(
        plugins=tuple(candidates.plugins),
        failures=tuple(sorted(candidates.failures, key=lambda failure: failure.plugin)),
        catalogue=catalogue,
        conditions=join_conditions(core_conditions(), additions),
        messages=messages,
        schema=schema,
    )


def join_catalogues(candidates: Candidates) -> Catalogue:
    """Roles and permissions of all; whoever names what nobody defines is left out."""
    catalogue = core_catalogue()
    for plugin in list(candidates.plugins):
        if plugin not in candidates.plugins:
            continue
        try:
            joined = joined_with(catalogue, plugin.addition)
        except AdditionRefused as error:
            reason = f"{'; '.join(error.problems)}."
            candidates.leave_out(plugin.id, LeftOut(Stage.AUTHORITY, reason))
            continue
        catalogue = joined
    return catalogue


def join_messages(candidates: Candidates) -> Messages:
    """Sentences of all; whoever says a code anew is left out."""
    messages = Messages.load()
    for plugin in list(candidates.plugins):
        try:
            messages = messages.joined(plugin.sentences)
        except ValueError as error:
            candidates.leave_out(plugin.id, LeftOut(Stage.MESSAGES, f"{error}: rename them."))
    return messages
