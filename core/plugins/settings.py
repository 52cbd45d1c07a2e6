"""Settings of a plugin in a region: checked by the plugin's model, kept as they were given.

What was not given is not kept, so that a default follows the plugin from version to version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import PRODUCT_DEFAULT, InvalidInput, RuleRefused
from core.plugins.plugin import PluginInfo
from core.plugins.plugin_region import PluginRegion
from core.plugins.secrets import MASK, masked, restored

MOST_BYTES = 16 * 1024
"""The size of a plugin's settings in one region, as JSON (product default)."""


def checked_settings(info: PluginInfo, given: Mapping[str, Any]) -> BaseModel:
    """The settings as the plugin's model; nothing it does not know passes.

    Raises ``PLUGIN_SETTINGS_UNREADABLE``, ``PLUGIN_SETTINGS_TOO_LARGE``, and
    ``PLUGIN_SETTINGS_WRONG`` whose ``faults`` name every setting at fault by its path, with the
    words of the model.
    """
    text = json_text(given)
    size = len(text.encode())
    if size > MOST_BYTES:
        raise InvalidInput(
            "PLUGIN_SETTINGS_TOO_LARGE",
            clause=PRODUCT_DEFAULT,
            field="settings",
            size=size,
            limit=MOST_BYTES,
        )
    try:
        return info.settings.model_validate_json(text, extra="forbid")
    except ValidationError as error:
        raise settings_wrong(info, faults(error)) from None


def settings_wrong(info: PluginInfo, found: list[tuple[str, str]]) -> InvalidInput:
    """The refusal of settings, with path and words of each fault."""
    return InvalidInput(
        "PLUGIN_SETTINGS_WRONG",
        clause=PRODUCT_DEFAULT,
        field=f"settings.{found[0][0]}" if len(found) == 1 and found[0][0] else "settings",
        plugin=info.id,
        faults=[f"{path}: {words}" if path else words for path, words in found],
    )


def json_text(given: Mapping[str, Any]) -> str:
    """As JSON. NUL, halves of surrogate pairs and infinite numbers fit in no database."""
    try:
        text = json.dumps(given, ensure_ascii=False, allow_nan=False)
        text.encode()
        readable = "\\u0000" not in text.replace("\\\\", "")  # a backslash is no escape
    except (TypeError, ValueError):
        readable = False
    if not readable:
        raise InvalidInput("PLUGIN_SETTINGS_UNREADABLE", clause=PRODUCT_DEFAULT, field="settings")
    return text


def faults(error: ValidationError) -> list[tuple[str, str]]:
    """Path and words of each fault of a model; never the value, which may be a secret."""
    return [
        (".".join(str(part) for part in each["loc"]), each["msg"])
        for each in error.errors(include_input=False, include_context=False, include_url=False)
    ]


def shown(info: PluginInfo | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they may be told: with stars for secrets, and for all of an unknown plugin."""
    return masked(info.settings if info is not None else None, settings)


def with_secrets(
    info: PluginInfo, given: Mapping[str, Any], row: PluginRegion | None
) -> dict[str, Any]:
    """What is given, with the secrets kept in the row where it has their stars.

    Raises ``PLUGIN_SETTINGS_WRONG`` for stars that stand for no secret that is kept.
    """
    json_text(given)
    whole, lost = restored(info.settings, given, row.settings if row is not None else {})
    if lost:
        raise settings_wrong(
            info, [(path, f"no secret is kept here that {MASK} stands for") for path in lost]
        )
    return whole


async def plugin_region(
    session: AsyncSession, plugin: str, region_id: int | None, *, lock: bool = False
) -> PluginRegion | None:
    """The plugin's row in a region, None: the republic; no row where it never was switched on."""
    chosen = select(PluginRegion).where(
        PluginRegion.plugin == plugin,
        PluginRegion.region_id.is_(None)
        if region_id is None
        else PluginRegion.region_id == region_id,
    )
    if lock:
        chosen = chosen.with_for_update().execution_options(populate_existing=True)
    found: PluginRegion | None = await session.scalar(chosen)
    return found


async def settings_of(session: AsyncSession, info: PluginInfo, region_id: int | None) -> BaseModel:
    """The plugin's settings in a region, defaults where none were given.

    Raises ``PLUGIN_SETTINGS_OUTDATED`` when those kept no longer fit this version of the plugin:
    a setting that is quietly passed over would be worse than one that is asked for anew.
    """
    row = await plugin_region(session, info.id, region_id)
    return kept_settings(info, row.settings if row is not None else {})


def kept_settings(info: PluginInfo, kept: Mapping[str, Any]) -> BaseModel:
    """Settings kept earlier as the plugin's model of today."""
    try:
        return checked_settings(info, kept)
    except InvalidInput as refusal:
        raise RuleRefused(
            "PLUGIN_SETTINGS_OUTDATED",
            clause=PRODUCT_DEFAULT,
            field="settings",
            plugin=info.id,
            faults=refusal.params.get("faults", []),
        ) from None
