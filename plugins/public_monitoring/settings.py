"""Who the plugin is, and what a region may set. Every term is a product default: §18 names none."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from zhoba.api import PluginInfo, settings_of

GROUP_SIZE = (2, 5)
"""Members of a group, at least and at most [R2023 §18]: the one number the Rules do give."""

DocumentKind = Literal["CONVICTION", "PSYCHONEUROLOGICAL", "NARCOLOGICAL", "OTHER"]


class Settings(BaseModel):
    """Settings of one region."""

    model_config = ConfigDict(extra="forbid")

    response_days: int = Field(
        default=15,
        ge=1,
        le=90,
        description="Working days the body has to answer an application (product default, not from "
        "the Rules, as all terms here).",
    )
    visit_days: int = Field(
        default=15,
        ge=1,
        le=90,
        description="Working days the body has to decide about a request for a visit.",
    )
    recommendation_days: int = Field(
        default=15,
        ge=1,
        le=90,
        description="Working days the addressee has to answer a recommendation.",
    )
    reminder_days: int = Field(
        default=3,
        ge=0,
        le=30,
        description="Working days before the last one on which whoever owes an answer is reminded.",
    )
    open_applications: int = Field(
        default=3,
        ge=1,
        le=100,
        description="Applications that go on at a time of which one person is the contact.",
    )
    documents_most: int = Field(
        default=20,
        ge=1,
        le=100,
        description="Documents of one member at most.",
    )
    photos_most: int = Field(
        default=50,
        ge=1,
        le=500,
        description="Photographs of one visit at most.",
    )
    attachments_most: int = Field(
        default=20,
        ge=1,
        le=100,
        description="Files of one recommendation at most.",
    )
    required_documents: tuple[DocumentKind, ...] = Field(
        default=("CONVICTION", "PSYCHONEUROLOGICAL", "NARCOLOGICAL"),
        min_length=1,
        description="What the documents of each member must confirm, at least one of each kind.",
    )
    access_days: int = Field(
        default=365,
        ge=1,
        le=1825,
        description="Days that access lasts at most, from the day it is granted.",
    )
    days_after_closing: int = Field(
        default=30,
        ge=0,
        le=365,
        description="Days that access outlives the closing of the last project.",
    )
    draft_days: int = Field(
        default=180,
        ge=1,
        le=1825,
        description="Days after which an application that is with its group and was not submitted "
        "is taken back by itself.",
    )
    document_days: int = Field(
        default=30,
        ge=0,
        le=365,
        description="Days after the end of an application, or after a member left, until documents "
        "are deleted.",
    )
    identity_days: int = Field(
        default=1095,
        ge=0,
        le=3650,
        description="Days after the end of an application until identification numbers and e-mail "
        "addresses of its members are erased.",
    )
    public_list: bool = Field(
        default=False,
        description="Show to anybody which projects may be and are monitored, and figures.",
    )


INFO = PluginInfo(
    id="public_monitoring",
    prefix="monitoring",
    roles_of_the_rules=("public_observer",),
    version="1.0.0",
    title={
        "kk": "Қоғамдық мониторинг",
        "ru": "Общественный мониторинг",
        "en": "Public monitoring",
    },
    description={
        "kk": "Азаматтар тобы жобаны тексереді: өтінім, жауап, қолжетімділік, объектіге бару, "
        "ұсынымдар.",
        "ru": "Группа граждан проверяет проект: заявка, ответ, доступ, посещение объекта, "
        "рекомендации.",
        "en": "A group of citizens checks a project: application, answer, access, visit, "
        "recommendations.",
    },
    requires_api=">=1.0,<2",
    settings=Settings,
)


async def settings_in(session: AsyncSession, region_id: int | None) -> Settings:
    """What a region has set; defaults where it set nothing."""
    found = await settings_of(session, INFO, region_id)
    assert isinstance(found, Settings)
    return found
