"""Switching plugins from the command line, as the operator at the machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.db.engine import Database
from core.errors import NotFound
from core.places.region import Region
from core.plugins.enabling import change_plugin_settings, disable_plugin, enable_plugin
from core.plugins.gate import PluginNotEnabled
from core.plugins.host import loaded
from core.plugins.settings import plugin_region, settings_of, shown
from core.transaction import transact
from core.work import OPERATOR, OperatorAuthority, Work
from zhoba.host.finding import Offer
from zhoba.host.loading import load_for_database
from zhoba.settings import Settings

Offers = Mapping[str, str] | list[Offer] | None


@asynccontextmanager
async def operating(
    settings: Settings, now: datetime, offers: Offers = None
) -> AsyncIterator[Work]:
    """A unit of work of the operator, with the plugins that fit this database."""
    installation = await load_for_database(settings.database, offers, only=settings.plugins)
    database = await Database.open(settings.database)
    try:
        async with transact(
            database,
            actor=OPERATOR,
            authority=OperatorAuthority(installation.catalogue),
            now=now,
            rules=settings.rules(),
            host=installation,
            seal=settings.seal(),
        ) as work:
            yield work
    finally:
        await database.close()


async def switch_on(
    settings: Settings,
    plugin: str,
    region: str | None,
    given: Mapping[str, Any] | None,
    now: datetime,
    offers: Offers = None,
) -> None:
    """Switch a plugin on in the region of this code, None: for the republic."""
    async with operating(settings, now, offers) as work:
        await enable_plugin(work, plugin, region_id=await region_of(work, region), settings=given)


async def switch_off(
    settings: Settings,
    plugin: str,
    region: str | None,
    reason: str,
    now: datetime,
    offers: Offers = None,
) -> None:
    """Switch a plugin off there."""
    async with operating(settings, now, offers) as work:
        await disable_plugin(work, plugin, reason, region_id=await region_of(work, region))


async def read_settings(
    settings: Settings, plugin: str, region: str | None, now: datetime, offers: Offers = None
) -> dict[str, Any]:
    """The settings that count there, with the defaults of what was not given, without secrets."""
    async with operating(settings, now, offers) as work:
        info = loaded(work.host, plugin).info  # type: ignore[arg-type]
        model = await settings_of(work.session, info, await region_of(work, region))
    return shown(info, model.model_dump(mode="json", by_alias=True))


async def write_settings(
    settings: Settings,
    plugin: str,
    region: str | None,
    given: Mapping[str, Any],
    now: datetime,
    offers: Offers = None,
) -> None:
    """Replace the settings of a plugin there."""
    async with operating(settings, now, offers) as work:
        region_id = await region_of(work, region)
        row = await plugin_region(work.session, plugin, region_id, lock=True)
        if row is None:
            raise PluginNotEnabled(plugin, region, None)
        await change_plugin_settings(work, plugin, given, row.version, region_id=region_id)


async def region_of(work: Work, code: str | None) -> int | None:
    """The key of the region of this code; None stands for the republic.

    Raises :class:`~core.errors.NotFound`.
    """
    if code is None:
        return None
    found = await work.session.scalar(select(Region.id).where(Region.code == code))
    if found is None:
        raise NotFound("region")
    return int(found)
