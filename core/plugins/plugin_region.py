"""Where a plugin is switched on, with its settings there, and how that came about."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import JSON_VALUE, UtcDateTime, named_enum


class PluginRegion(Base):
    """A plugin in one region. No row: it was never switched on there.

    ``region_id`` null is the republic: objects of bodies that belong to no region. Settings stay
    when a plugin is switched off, and come back when it is switched on again.
    """

    __tablename__ = "plugin_region"
    __table_args__ = (
        Index(
            "uq_plugin_region_plugin_region_id",
            "plugin",
            "region_id",
            unique=True,
            sqlite_where=text("region_id IS NOT NULL"),
            postgresql_where=text("region_id IS NOT NULL"),
        ),
        Index(
            "uq_plugin_region_plugin",
            "plugin",
            unique=True,
            sqlite_where=text("region_id IS NULL"),
            postgresql_where=text("region_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    plugin: Mapped[str] = mapped_column(Text)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"), index=True)
    enabled: Mapped[bool]
    settings: Mapped[dict[str, Any]] = mapped_column(JSON_VALUE)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class PluginAct(enum.Enum):
    """What was done to a plugin in a region."""

    ENABLED = "switched on"
    DISABLED = "switched off"
    SETTINGS_CHANGED = "settings changed"


class PluginChange(Base):
    """One entry of the history of a plugin in a region; ``settings`` are those after it."""

    __tablename__ = "plugin_change"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    plugin_region_id: Mapped[int] = mapped_column(ForeignKey("plugin_region.id"), index=True)
    act: Mapped[PluginAct] = mapped_column(named_enum(PluginAct))
    settings: Mapped[dict[str, Any]] = mapped_column(JSON_VALUE)
    reason: Mapped[str | None] = mapped_column(Text)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
