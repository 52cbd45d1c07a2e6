"""Who the plugin is, and what a region may set."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from zhoba.api import PluginInfo, settings_of


class Settings(BaseModel):
    """Settings of one region."""

    model_config = ConfigDict(extra="forbid")

    days_until_overdue: int = Field(
        default=14, ge=1, le=365, description="Days after the planned one until it is overdue."
    )
    days_to_mend: int = Field(
        default=30, ge=1, le=365, description="Days a project has to mend what did not pass."
    )


INFO = PluginInfo(
    id="inspections",
    version="1.0.0",
    title={"kk": "Тексерулер", "ru": "Проверки", "en": "Inspections"},
    description={
        "kk": "Жобаларды тағайындалған тексерушінің тексеруі.",
        "ru": "Проверки проектов назначенным проверяющим.",
        "en": "Inspections of projects by a named inspector.",
    },
    requires_api=">=1.0,<2",
    settings=Settings,
)


async def settings_in(session: AsyncSession, region_id: int | None) -> Settings:
    """What a region has set; defaults where it set nothing."""
    found = await settings_of(session, INFO, region_id)
    assert isinstance(found, Settings)
    return found
