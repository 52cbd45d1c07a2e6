"""Who the plugin is, and what a region may set."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from zhoba.api import PluginInfo, settings_of


class Settings(BaseModel):
    """Settings of one region; every default is a product default."""

    model_config = ConfigDict(extra="forbid")

    open_to_citizens: bool = Field(
        default=False,
        description="Whether everybody sees what the plan is made of, signed in or not "
        "(R2023 §3(4)).",
    )


INFO = PluginInfo(
    id="regional_plan",
    prefix="regional",
    version="1.0.0",
    title={
        "kk": "Өңірдің даму жоспары",
        "ru": "План развития региона",
        "en": "Regional development plan",
    },
    description={
        "kk": "Өңірлердің даму жоспарлары бірыңғай жобалық архитектурада: үлгілер, қосымша базалық "
        "бағыттар, Астана, Алматы және Шымкент ерекшеліктері.",
        "ru": "Планы развития регионов в единой проектной архитектуре: шаблоны, дополнительные "
        "базовые направления, особенности Астаны, Алматы и Шымкента.",
        "en": "Development plans of regions in one unified project architecture: templates, "
        "additional basic directions, peculiarities of Astana, Almaty and Shymkent.",
    },
    requires_api=">=1.0,<2",
    settings=Settings,
)


async def settings_in(session: AsyncSession, region_id: int | None) -> Settings:
    """What a region has set; defaults where it set nothing."""
    found = await settings_of(session, INFO, region_id)
    assert isinstance(found, Settings)
    return found
