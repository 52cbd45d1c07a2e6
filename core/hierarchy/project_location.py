"""Where a project happens."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.errors import PRODUCT_DEFAULT, InvalidInput
from core.hierarchy.project.loading import open_project
from core.places.administrative_unit import AdministrativeUnit
from core.places.region import Region
from core.rows import entered, find
from core.texts import clean
from core.work import Work

LATITUDES = (-90.0, 90.0)
LONGITUDES = (-180.0, 180.0)
PLACE = ("nationwide", "region_id", "administrative_unit_id", "address", "latitude", "longitude")
"""The columns that say where."""


class ProjectLocation(Base):
    """A place of a project, independent of the owning region [R2023 App.3].

    ``nationwide`` says the project happens everywhere; then there is no region. Coordinates are
    degrees of WGS 84.
    """

    __tablename__ = "project_location"
    __table_args__ = (
        CheckConstraint("latitude between -90 and 90", name="latitude"),
        CheckConstraint("longitude between -180 and 180", name="longitude"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    nationwide: Mapped[bool] = mapped_column(default=False)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"), index=True)
    administrative_unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("administrative_unit.id"), index=True
    )
    address: Mapped[str | None] = mapped_column(Text)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]


async def add_project_location(
    work: Work,
    project_id: int,
    *,
    expected_version: int,
    nationwide: bool = False,
    region_id: int | None = None,
    administrative_unit_id: int | None = None,
    address: str | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
) -> ProjectLocation:
    """Say that the project happens there [R2023 App.3]. Action ``project_location.manage``.

    ``nationwide`` stands alone; else at least one of the others says where. A city or district
    brings its region with it; coordinates are degrees of WGS 84 and come in pairs.
    """
    node, project = await open_project(
        work, project_id, "project_location.manage", expected_version=expected_version
    )
    address = clean(address, "address")
    require_coordinates(latitude, longitude)
    place = (region_id, administrative_unit_id, address, latitude)
    if nationwide and any(part is not None for part in place):
        raise InvalidInput("NATIONWIDE_STANDS_ALONE", clause=PRODUCT_DEFAULT, field="nationwide")
    if not nationwide and all(part is None for part in place):
        raise InvalidInput("LOCATION_EMPTY", clause=PRODUCT_DEFAULT, field="regionId")
    if region_id is not None:
        await find(work.session, Region, region_id, field="regionId")
    if administrative_unit_id is not None:
        unit = await find(
            work.session, AdministrativeUnit, administrative_unit_id, field="administrativeUnitId"
        )
        if region_id not in (None, unit.region_id):
            raise InvalidInput(
                "UNIT_OUTSIDE_REGION", clause=PRODUCT_DEFAULT, field="administrativeUnitId"
            )
        region_id = unit.region_id
    where = (nationwide, region_id, administrative_unit_id, address, latitude, longitude)
    columns = dict(zip(PLACE, where, strict=True))
    location = ProjectLocation(project_id=project.id, **columns)
    work.session.add(location)
    node.version += 1
    await work.session.flush()
    work.record(
        "projectLocationAdded",
        location,
        node_id=node.id,
        after=entered(columns),
        clause="R2023 App.3",
    )
    return location


async def remove_project_location(
    work: Work, location_id: int, *, expected_version: int
) -> ProjectLocation:
    """Say that the project does not happen there after all. Action ``project_location.manage``.

    The audit log keeps what stood there.
    """
    location = await find(work.session, ProjectLocation, location_id)
    node, _ = await open_project(
        work, location.project_id, "project_location.manage", expected_version=expected_version
    )
    await work.session.delete(location)
    node.version += 1
    await work.session.flush()
    work.record(
        "projectLocationRemoved",
        location,
        node_id=node.id,
        before=entered({column: getattr(location, column) for column in PLACE}),
        clause="R2023 App.3",
    )
    return location


def require_coordinates(latitude: float | None, longitude: float | None) -> None:
    """Raise unless both coordinates are on the globe, or neither is given."""
    if (latitude is None) != (longitude is None):
        raise InvalidInput(
            "COORDINATES_COME_IN_PAIRS",
            clause=PRODUCT_DEFAULT,
            field="latitude" if latitude is None else "longitude",
        )
    for field, value, (lowest, highest) in (
        ("latitude", latitude, LATITUDES),
        ("longitude", longitude, LONGITUDES),
    ):
        if value is not None and not lowest <= value <= highest:
            raise InvalidInput(
                "COORDINATE_OFF_THE_GLOBE",
                clause=PRODUCT_DEFAULT,
                field=field,
                lowest=lowest,
                highest=highest,
            )
