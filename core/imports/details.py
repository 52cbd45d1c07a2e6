"""What hangs on an imported project: its sources of funding, and the place the source names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.hierarchy.project import FundingSource, ProjectFunding
from core.hierarchy.project_location import ProjectLocation
from core.imports.bulk import BulkInsert

Details = dict[str, Any]
"""``funding`` (amount by source) and ``place``, as the audit log writes them."""

FUNDING = cast("Table", ProjectFunding.__table__)
LOCATION = cast("Table", ProjectLocation.__table__)
PLACE = ("nationwide", "region_id", "administrative_unit_id", "address")


async def load_details(
    session: AsyncSession, ids: Sequence[int], *, funding: bool, place: bool
) -> dict[int, Details]:
    """The details of these projects; the place is the project's first, which the import made."""
    found: dict[int, Details] = {}
    for project_id in ids:
        found[project_id] = ({"funding": {}} if funding else {}) | (
            {"place": None} if place else {}
        )
    if funding:
        sums = await session.execute(
            select(
                ProjectFunding.project_id, ProjectFunding.source, ProjectFunding.amount_minor
            ).where(ProjectFunding.project_id.in_(ids))
        )
        for project_id, source, amount in sums:
            found[project_id]["funding"][source.name] = amount
    if place:
        columns = [getattr(ProjectLocation, name) for name in PLACE]
        places = await session.execute(
            select(ProjectLocation.project_id, *columns)
            .where(ProjectLocation.project_id.in_(ids))
            .order_by(ProjectLocation.id.desc())
        )
        for project_id, *values in places:
            found[project_id]["place"] = dict(zip(PLACE, values, strict=True))
    return found


async def create_details(session: AsyncSession, details: Sequence[tuple[int, Details]]) -> None:
    """Write the details of new projects."""
    funding = [
        (project_id, FundingSource[source], amount)
        for project_id, given in details
        for source, amount in given.get("funding", {}).items()
    ]
    places = [
        (project_id, *(given["place"][name] for name in PLACE))
        for project_id, given in details
        if given.get("place") is not None
    ]
    await BulkInsert(session, FUNDING, ("project_id", "source", "amount_minor")).insert(funding)
    await BulkInsert(session, LOCATION, ("project_id", *PLACE)).insert(places)


async def change_details(session: AsyncSession, project_id: int, changes: Details) -> None:
    """Bring one project's details to what the source says now."""
    if "funding" in changes:
        await session.execute(delete(ProjectFunding).where(ProjectFunding.project_id == project_id))
        await create_details(session, [(project_id, {"funding": changes["funding"]})])
    if changes.get("place") is not None:
        first = await session.scalar(
            select(ProjectLocation.id)
            .where(ProjectLocation.project_id == project_id)
            .order_by(ProjectLocation.id)
            .limit(1)
        )
        if first is None:
            await create_details(session, [(project_id, {"place": changes["place"]})])
        else:
            await session.execute(
                update(ProjectLocation).where(ProjectLocation.id == first).values(changes["place"])
            )
