"""What is known of every plugin: those here, those left out, and those whose package is gone."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, inspect, select

from core.plugins.plugin_region import PluginRegion
from migrations.run import looking
from zhoba.host.finding import installed_offers
from zhoba.host.loading import Offers, load_for_database
from zhoba.host.tables import installed_versions


class State(enum.Enum):
    """How a plugin does."""

    LOADED = "loaded"
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
    versions, regions = await looking(url, known)
    lines = {
        plugin.id: Line(
            plugin.id, plugin.info.version, State.LOADED, str(regions.get(plugin.id, 0))
        )
        for plugin in installation.plugins
    }
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


def known(connection: Connection) -> tuple[dict[str, str], dict[str, int]]:
    """The versions that were installed, and in how many regions each plugin is switched on."""
    if not inspect(connection).has_table(PluginRegion.__tablename__):
        return {}, {}
    rows = connection.execute(
        select(PluginRegion.plugin, func.count())
        .where(PluginRegion.enabled)
        .group_by(PluginRegion.plugin)
    )
    return installed_versions(connection), {row[0]: row[1] for row in rows}
