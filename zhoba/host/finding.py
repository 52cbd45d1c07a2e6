"""Finding the plugins that are installed, and importing them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType

from core.plugins.failure import Stage
from zhoba.host.failing import LeftOut, in_words

GROUP = "zhoba.plugins"
"""Packages offer their plugins as entry points of this group: id = "module"."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A plugin somebody offers: its id, and its module."""

    id: str
    module: str


def installed_offers() -> list[Offer]:
    """What the installed packages offer."""
    return [Offer(each.name, each.value) for each in entry_points(group=GROUP)]


def chosen(
    offers: Iterable[Offer] | Mapping[str, str] | None, only: Iterable[str] | None
) -> dict[str, list[str]]:
    """The modules offered under each id, by id; an id in ``only`` that nobody offers has none."""
    if offers is None:
        offers = installed_offers()
    elif isinstance(offers, Mapping):
        offers = [Offer(id, module) for id, module in offers.items()]
    modules: dict[str, list[str]] = defaultdict(list)
    for offer in offers:
        if offer.module not in modules[offer.id]:
            modules[offer.id].append(offer.module)
    names = modules if only is None else set(only)
    return {id: sorted(modules.get(id, ())) for id in sorted(names)}


def imported(id: str, modules: list[str]) -> ModuleType:
    """The module of a plugin. Raises :class:`LeftOut` when there is none, or more than one."""
    if not modules:
        raise LeftOut(
            Stage.IMPORT,
            f"no installed package offers the plugin {id}: install one, or take {id} out of the "
            "setting `plugins`.",
        )
    if len(modules) > 1:
        raise LeftOut(
            Stage.IMPORT,
            f"{' and '.join(modules)} both call themselves {id}: uninstall all but one.",
        )
    try:
        return import_module(modules[0])
    except (Exception, SystemExit) as error:
        raise LeftOut(
            Stage.IMPORT,
            f"{modules[0]} cannot be imported ({in_words(error)}): install what it needs, or "
            "mend it.",
        ) from error
