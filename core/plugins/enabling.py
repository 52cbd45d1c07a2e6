"""Switching a plugin on and off in a region, and its settings there.

What the administrator of a region does with it: he looks at which plugins there are, what each is
for and what its settings mean; switches one on in his region, with settings or without, and hears
of every setting that is wrong at once; from the next request everybody in the region has it, and
nobody elsewhere. He changes a setting later; switches the plugin off with a reason, which hides it
and keeps its data and settings; finds all of that, with names and days, in its history; switches it
on again and finds everything as it was. Of other regions he sees what is on, and changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import PRODUCT_DEFAULT, NotAllowed, PlatformError, RuleRefused
from core.node_facts import country_id
from core.places.region import Region
from core.plugins.gate import PluginNotEnabled, is_enabled
from core.plugins.host import NO_PLUGINS, Host, Loaded, dependents, loaded
from core.plugins.installed_plugin import InstalledPlugin, is_installed
from core.plugins.plugin import PluginInfo
from core.plugins.plugin_region import PluginAct, PluginChange, PluginRegion
from core.plugins.settings import (
    checked_settings,
    kept_settings,
    plugin_region,
    shown,
    with_secrets,
)
from core.rows import find, require_version
from core.texts import required
from core.tree.node import Node, NodeKind
from core.work import Work

ENABLE = "plugin.enable"

log = logging.getLogger("zhoba.plugins")

ACTS = {
    PluginAct.ENABLED: "pluginEnabled",
    PluginAct.DISABLED: "pluginDisabled",
    PluginAct.SETTINGS_CHANGED: "pluginSettingsChanged",
}


async def enable_plugin(
    work: Work,
    plugin: str,
    *,
    region_id: int | None = None,
    settings: Mapping[str, Any] | None = None,
) -> PluginRegion:
    """Switch a plugin on in a region, or for the bodies of the republic where no region is named.

    Settings replace those kept from earlier; left out, those come back; the stars a secret is shown
    as leave it as it is. Action ``plugin.enable`` at a body of the region (the country for the
    republic, and for a region without bodies). Raises ``PLUGIN_NOT_LOADED``,
    ``PLUGIN_NOT_INSTALLED`` while its tables are not there, ``PLUGIN_ENABLED_ALREADY``,
    ``PLUGIN_REQUIRES`` while a plugin it builds on is off there, ``PLUGIN_SETTINGS_WRONG``,
    ``PLUGIN_SETTINGS_TOO_LARGE``, ``PLUGIN_SETTINGS_OUTDATED``.
    """
    region, node_id = await may_switch(work, region_id)
    found = loaded(host_of(work), plugin)
    if not await is_installed(work.session, plugin, hold=True):
        raise RuleRefused(
            "PLUGIN_NOT_INSTALLED", clause=PRODUCT_DEFAULT, field="plugin", plugin=plugin
        )
    row = await plugin_region(work.session, plugin, region_id, lock=True)
    if row is not None and row.enabled:
        raise already("PLUGIN_ENABLED_ALREADY", plugin, region)
    missing = [
        each
        for each in found.info.requires_plugins
        if not await is_enabled(work.session, each, region_id)
    ]
    if missing:
        raise RuleRefused(
            "PLUGIN_REQUIRES", clause=PRODUCT_DEFAULT, plugin=plugin, requires=missing
        )
    if settings is not None:
        settings = with_secrets(found.info, settings, row)
        model = checked_settings(found.info, settings)
    else:
        model = kept_settings(found.info, row.settings if row is not None else {})
    before = None if row is None else state(found.info, row)
    if row is None:
        row = PluginRegion(plugin=plugin, region_id=region_id, settings={}, version=0)
        work.session.add(row)
    row.enabled = True
    row.settings = settings if settings is not None else row.settings
    await note(work, found.info, row, PluginAct.ENABLED, node_id, before)
    await call(found, "on_region_enable", work=work, region_id=region_id, settings=model)
    return row


async def disable_plugin(
    work: Work, plugin: str, reason: str, *, region_id: int | None = None
) -> PluginRegion:
    """Switch a plugin off in a region; its data and settings stay, and come back with it.

    One that does not run, its package gone or broken, is switched off unasked; the audit log tells
    so. Action ``plugin.enable`` as for switching on. Raises ``PLUGIN_DISABLED_ALREADY``,
    ``PLUGIN_REQUIRED_BY`` while a plugin that builds on it is on there, what the plugin itself
    holds against it, and for one that left nothing here what :func:`loaded` raises.
    """
    region, node_id = await may_switch(work, region_id)
    host = host_of(work)
    found = next((each for each in host.plugins if each.info.id == plugin), None)
    row = await plugin_region(work.session, plugin, region_id, lock=True)
    if row is None or not row.enabled:
        if not await is_known(work.session, plugin):
            loaded(host, plugin)
        raise already("PLUGIN_DISABLED_ALREADY", plugin, region)
    reason = required(reason, "reason")
    needed_by = [
        each
        for each in await all_dependents(work, plugin)
        if await is_enabled(work.session, each, region_id)
    ]
    if needed_by:
        raise RuleRefused(
            "PLUGIN_REQUIRED_BY", clause=PRODUCT_DEFAULT, plugin=plugin, dependents=needed_by
        )
    if found is not None:
        await ask_whether_off(work, found, region_id)
        await call(found, "on_region_disable", work=work, region_id=region_id)
    info = None if found is None else found.info
    before = state(info, row)
    row.enabled = False
    await note(work, info, row, PluginAct.DISABLED, node_id, before, reason)
    return row


def already(code: str, plugin: str, region: Region | None) -> RuleRefused:
    """The refusal where a plugin is switched as asked; worded by the place."""
    found = RuleRefused(code, clause=PRODUCT_DEFAULT, plugin=plugin, region=code_of(region))
    if region is None:
        found.wording = f"{code}__REPUBLIC"
    return found


async def ask_whether_off(work: Work, plugin: Loaded, region_id: int | None) -> None:
    """Raise what the plugin holds against being switched off there."""
    veto = await call(plugin, "can_disable", work=work, region_id=region_id)
    if isinstance(veto, PlatformError):
        raise veto
    if veto is not None:
        fault = f"can_disable of the plugin {plugin.info.id} answers {type(veto).__name__}"
        log.error("%s where None or a PlatformError is expected", fault)
        raise TypeError(fault)


async def change_plugin_settings(
    work: Work,
    plugin: str,
    settings: Mapping[str, Any],
    expected_version: int,
    *,
    region_id: int | None = None,
) -> PluginRegion:
    """Replace the settings of a plugin in a region where it is, or was, switched on.

    The stars a secret is shown as leave it as it is. Action ``plugin.enable`` as for switching on.
    Raises ``PLUGIN_NOT_LOADED``, ``PLUGIN_NOT_ENABLED`` where it never was on, ``CONFLICT``,
    ``PLUGIN_SETTINGS_WRONG``, ``PLUGIN_SETTINGS_TOO_LARGE``.
    """
    region, node_id = await may_switch(work, region_id)
    found = loaded(host_of(work), plugin)
    row = await plugin_region(work.session, plugin, region_id, lock=True)
    if row is None:
        raise PluginNotEnabled(plugin, code_of(region), None)
    require_version(row.version, expected_version)
    settings = with_secrets(found.info, settings, row)
    checked_settings(found.info, settings)
    if row.settings == settings:
        return row
    before = state(found.info, row)
    row.settings = settings
    await note(work, found.info, row, PluginAct.SETTINGS_CHANGED, node_id, before)
    return row


async def may_switch(work: Work, region_id: int | None) -> tuple[Region | None, int]:
    """The region, and the node the permission was asked at.

    One act on plugins after the other: what one builds on stays while the other is switched on.
    Regions are public, so "may not" tells nobody anything.
    """
    country = await country_id(work.session, hold=True)
    region = None
    if region_id is not None:
        region = await find(work.session, Region, region_id, field="regionId")
    node_id = await asked_at(work.session, region_id, country)
    decision = await work.may(ENABLE, node_id)
    if not decision.allowed:
        raise NotAllowed(ENABLE)
    work.acting_as = decision.acting_as
    return region, node_id


async def asked_at(session: AsyncSession, region_id: int | None, country: int) -> int:
    """The node a permission over a whole region is asked at: the first of the region's bodies.

    Whoever is administrator of the region is so at each of them, whoever is one of the country at
    the country. A region without bodies has no administrator of its own.
    """
    if region_id is None:
        return country
    body = await session.scalar(
        select(Node.id)
        .where(Node.kind == NodeKind.STATE_BODY, Node.region_id == region_id)
        .order_by(Node.id)
        .limit(1)
    )
    return country if body is None else body


async def is_known(session: AsyncSession, plugin: str) -> bool:
    """Whether the plugin was ever switched on somewhere, or is installed."""
    left = or_(
        exists().where(PluginRegion.plugin == plugin),
        exists().where(InstalledPlugin.plugin == plugin),
    )
    return bool(await session.scalar(select(left)))


async def all_dependents(work: Work, plugin: str) -> list[str]:
    """Ids of the plugins that build on this one; those that do not run, as they were installed."""
    host = host_of(work)
    running = {each.info.id for each in host.plugins}
    rows = await work.session.execute(
        select(InstalledPlugin.plugin, InstalledPlugin.requires).order_by(InstalledPlugin.plugin)
    )
    return dependents(host, plugin) + [
        row.plugin for row in rows if row.plugin not in running and plugin in row.requires
    ]


async def note(
    work: Work,
    info: PluginInfo | None,
    row: PluginRegion,
    act: PluginAct,
    node_id: int,
    before: dict[str, Any] | None,
    reason: str | None = None,
) -> None:
    """Write the change, its entry in the plugin's history, and its entry in the audit log."""
    row.changed_at = work.now
    row.version += 1
    await work.session.flush()
    work.session.add(
        PluginChange(
            plugin_region_id=row.id,
            act=act,
            settings=shown(info, row.settings),
            reason=reason,
            person_id=work.actor.person_id,
            at=work.now,
        )
    )
    await work.session.flush()
    after = state(info, row) | ({"reason": reason} if reason else {})
    work.record(ACTS[act], row, node_id=node_id, before=before, after=after, clause=PRODUCT_DEFAULT)


def state(info: PluginInfo | None, row: PluginRegion) -> dict[str, Any]:
    """A plugin in a region as the audit log tells it.

    Which settings are secret is known of a plugin that runs; of another one all of them may be.
    """
    told: dict[str, Any] = {
        "plugin": row.plugin,
        "region_id": row.region_id,
        "enabled": row.enabled,
    }
    told["settings"] = shown(info, row.settings)
    return told if info is not None else told | {"running": False}


async def call(plugin: Loaded, hook: str, **arguments: Any) -> Any:
    """What the plugin's implementation of an asynchronous hook answers; None without one."""
    answer = plugin.call(hook, **arguments)
    return None if answer is None else await answer


def host_of(work: Work) -> Host:
    return cast(Host, work.host or NO_PLUGINS)


def code_of(region: Region | None) -> str | None:
    return None if region is None else region.code
