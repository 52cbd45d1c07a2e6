"""What plugins add to the demonstration."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from core.db.engine import Database
from core.places.region import Region
from core.plugins.enabling import enable_plugin
from core.plugins.plugin_region import PluginRegion
from core.transaction import transact
from core.work import OPERATOR, OperatorAuthority, Work
from zhoba.host.installation import Installation
from zhoba.settings import Settings

HOOK = "fill_demo"


async def fill_plugins(
    database: Database, installation: Installation, settings: Settings, *, now: datetime
) -> None:
    """Switch on the plugins that have something to show, and let them; the same every time."""
    for plugin in installation.plugins:
        if HOOK not in plugin.hooks:
            continue
        async with transact(
            database,
            actor=OPERATOR,
            authority=OperatorAuthority(installation.catalogue),
            now=now,
            rules=settings.rules(),
            host=installation,
            seal=settings.seal(),
        ) as work:
            await switch_on_everywhere(work, plugin.id)
            await plugin.call(HOOK, work=work)


async def switch_on_everywhere(work: Work, plugin: str) -> None:
    """Switch a plugin on wherever nobody has decided about it yet."""
    decided = set(
        await work.session.scalars(
            select(PluginRegion.region_id).where(PluginRegion.plugin == plugin)
        )
    )
    regions = await work.session.scalars(select(Region.id).order_by(Region.id))
    for region_id in (None, *regions):
        if region_id not in decided:
            await enable_plugin(work, plugin, region_id=region_id)
