"""An answer that no table holds: the round of inspections in a region, with its settings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry
from sqlalchemy import select

from tests.dummy_plugin.access import READ
from tests.dummy_plugin.models import Round
from tests.dummy_plugin.settings import INFO, settings_in
from zhoba.api import Info, key_of, require_enabled


@strawberry.type(name="InspectionsRound", description="The round of inspections in a region.")
class InspectionsRound:
    """A round with what the region has set."""

    opened_at: datetime = strawberry.field(description="When the region switched it on.")
    days_until_overdue: int = strawberry.field(
        description="Days after the planned one until an inspection is overdue."
    )


@strawberry.type
class InspectionsQuestions:
    """Fields of Query."""

    @strawberry.field(
        description="The round of inspections that goes on in a region.",
        metadata={"actions": (READ,)},
    )
    async def inspections_round(
        self,
        info: Info,
        region: Annotated[strawberry.ID, strawberry.argument(description="The region.")],
    ) -> InspectionsRound | None:
        region_id = key_of(region, "Region", field="region")
        async with info.context.asking() as work:
            await require_enabled(work.session, INFO.id, region_id, field="inspectionsRound")
            settings = await settings_in(work.session, region_id)
            opened_at = await work.session.scalar(
                select(Round.opened_at).where(
                    Round.region_id == region_id, Round.closed_at.is_(None)
                )
            )
        assert opened_at is not None
        return InspectionsRound(opened_at=opened_at, days_until_overdue=settings.days_until_overdue)
