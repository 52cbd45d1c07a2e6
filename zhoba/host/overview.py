"""What is known of every plugin: those here, those left out, and those whose package is gone."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, inspect, select

from core.errors import RuleRefused
from core.places.region import Region
from core.plugins.plugin import PluginInfo
from core.plugins.plugin_region import PluginRegion
from core.plugins.settings import kept_settings
from migrations.run import looking
from zhoba.host.finding import installed_offers
from zhoba.host.loading import Offers, load_for_database
from zhoba.host.tables import installed_versions


class State(enum.Enum):
    """How a plugin does."""

    LOADED = "loaded"
    OUTDATED = "settings kept for it no longer fit"
    FAILED = "left out, as the reason says"
    UNUSED = "installed, but not named by the setting `plugins`"
    VANISHED = "its tables are here, its package is gone"


@dataclass(frozen=True, slots=True)
class Line:
    """One plugin; ``regions`` is the number of regions it is switched on in, the republic one."""

    id: str
    version: str
    state: State
    regions: str = ""
    reason: str = ""


async def overview(url: str, only: Iterable[str] | None, offers: Offers = None) -> list[Line]:
    """Every plugin, by id."""
    installation = await load_for_database(url, offers, only=only)
    versions, regions, settings = await looking(url, known)
    lines = {}
    for plugin in installation.plugins:
        unfit = outdated(plugin.info, settings)
        lines[plugin.id] = Line(
            plugin.id,
            plugin.info.version,
            State.OUTDATED if unfit else State.LOADED,
            str(regions.get(plugin.id, 0)),
            f"{'; '.join(unfit)}: run `zhoba plugins settings {plugin.id}`." if unfit else "",
        )
    for failure in installation.failures:
        lines[failure.plugin] = Line(
            failure.plugin,
            versions.get(failure.plugin, ""),
            State.FAILED,
            str(regions.get(failure.plugin, 0)),
            f"{failure.stage.name.lower()}: {failure.reason}",
        )
    offered = {offer.id for offer in installed_offers()} if offers is None else set()
    for id in {*offered, *versions} - lines.keys():
        state = State.UNUSED if id in offered else State.VANISHED
        reason = "" if id in offered else f"install it, or run `zhoba plugins uninstall {id}`."
        lines[id] = Line(id, versions.get(id, ""), state, str(regions.get(id, 0)), reason)
    return [lines[id] for id in sorted(lines)]


Kept = Sequence[tuple[str, str | None, dict[str, Any]]]
"""Id of a plugin, code of a region (null: the republic), and the settings where it is on."""


def outdated(info: PluginInfo, settings: Kept) -> list[str]:
    """The places whose settings this version of the plugin refuses, with its words."""
    found = []
    for plugin, region, kept in settings:
        if plugin == info.id:
            try:
                kept_settings(info, kept)
            except RuleRefused as refusal:
                faults = ", ".join(refusal.params["faults"])
                found.append(f"{region or 'the republic'} ({faults})")
    return found


def known(connection: Connection) -> tuple[dict[str, str], Counter[str], Kept]:
    """The versions that were installed, in how many regions each plugin is switched on, and with
    what settings."""
    if not inspect(connection).has_table(PluginRegion.__tablename__):
        return {}, Counter(), []
    rows = connection.execute(
        select(PluginRegion.plugin, Region.code, PluginRegion.settings)
        .outerjoin(Region, Region.id == PluginRegion.region_id)
        .where(PluginRegion.enabled)
        .order_by(PluginRegion.plugin, Region.code)
    )
    settings = [(row[0], row[1], row[2]) for row in rows]
    regions = Counter(plugin for plugin, _, _ in settings)
    return installed_versions(connection), regions, settings
