"""Which plugins are installed in this database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import JSON_VALUE, UtcDateTime


class InstalledPlugin(Base):
    """A plugin whose revisions were applied, as it was then.

    It outlives the package: ``tables``, ``roles``, ``permissions`` and ``prefix`` are what
    uninstalling a vanished plugin removes, ``version`` is what a downgrade is noticed by.
    """

    __tablename__ = "installed_plugin"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    plugin: Mapped[str] = mapped_column(Text, unique=True)
    version: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text)
    requires: Mapped[list[Any]] = mapped_column(JSON_VALUE)
    tables: Mapped[list[Any]] = mapped_column(JSON_VALUE)
    roles: Mapped[list[Any]] = mapped_column(JSON_VALUE)
    permissions: Mapped[list[Any]] = mapped_column(JSON_VALUE)
    installed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


async def is_installed(session: AsyncSession, plugin: str, *, hold: bool = False) -> bool:
    """Whether the plugin is installed in this database.

    A server may still run one that was uninstalled beside it. With ``hold`` it stays installed
    until the unit of work ends: who uninstalls it waits, and then finds what was written.
    """
    asked = select(InstalledPlugin.id).where(InstalledPlugin.plugin == plugin)
    if hold:
        asked = asked.with_for_update(read=True, key_share=True)
    return await session.scalar(asked) is not None
