"""What happens when a region switches the plugin on or off."""

from __future__ import annotations

from sqlalchemy import func, select, update

from tests.dummy_plugin.models import OPEN, Inspection, InspectionsState, Round
from zhoba.api import PRODUCT_DEFAULT, Node, Person, PlatformError, Project, RuleRefused, Work


async def open_round(work: Work, region_id: int | None) -> None:
    """A round of inspections begins."""
    work.session.add(Round(region_id=region_id, opened_at=work.now))
    await work.session.flush()


async def close_round(work: Work, region_id: int | None) -> None:
    """The round of the region ends."""
    await work.session.execute(
        update(Round)
        .where(Round.region_id.is_not_distinct_from(region_id), Round.closed_at.is_(None))
        .values(closed_at=work.now)
    )


async def reason_to_stay(work: Work, region_id: int | None) -> PlatformError | None:
    """Open inspections of the region's projects keep the plugin switched on."""
    waiting = await work.session.scalar(
        select(func.count())
        .select_from(Inspection)
        .join(Node, Node.id == Inspection.project_id)
        .where(Node.region_id.is_not_distinct_from(region_id), Inspection.state.in_(OPEN))
    )
    if not waiting:
        return None
    return RuleRefused("INSPECTIONS_STILL_OPEN", clause=PRODUCT_DEFAULT, open=waiting)


async def plan_sample(work: Work) -> None:
    """One inspection to look at in the demonstration, unless there is one."""
    if await work.session.scalar(select(Inspection.id).limit(1)) is not None:
        return
    project_id = await work.session.scalar(select(func.min(Project.id)))
    inspector_id = await work.session.scalar(select(func.min(Person.id)))
    if project_id is not None and inspector_id is not None:
        sample = Inspection(
            project_id=project_id,
            inspector_id=inspector_id,
            planned_on=work.today,
            state=InspectionsState.PLANNED,
        )
        work.session.add(sample)
