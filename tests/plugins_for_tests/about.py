"""What the tiny plugins say of themselves."""

from __future__ import annotations

from typing import Any

from zhoba.api import PluginInfo


def about(id: str, **changes: Any) -> PluginInfo:
    """The information of a plugin without settings, made for this version of the API."""
    texts = {"kk": f"{id} kk", "ru": f"{id} ru", "en": f"{id} en"}
    given: dict[str, Any] = {
        "id": id,
        "version": "1.0",
        "title": texts,
        "description": texts,
        "requires_api": ">=1.0,<2",
    }
    return PluginInfo(**(given | changes))
