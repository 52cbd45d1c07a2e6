"""Regions and administrative units: public reference data."""

from __future__ import annotations

from core.hierarchy.project_location import ProjectLocation
from core.places.administrative_unit import AdministrativeUnit
from core.places.region import Region
from core.tree.node import Node
from schema.nouns.tree import NODE
from schema.planner.binding import bind
from schema.planner.words import col, connection, ident, one, text3

region = bind(
    "Region",
    Region,
    "An oblast, a city of republican significance or the capital [R2023 §12].",
    [
        ident(),
        *text3(Region, "Name of the region."),
        col("code", Region.code, "Code of ISO 3166-2, unique.", where=True, order=True),
        col("kato", Region.kato, "Code of Kazakhstan's classifier of territories (KATO)."),
        col("kind", Region.kind, "What it is.", where=True, group=True),
        col(
            "specialRegime",
            Region.special_regime,
            "Astana, Almaty or Shymkent, for which the Rules allow peculiarities [R2023 §12].",
            where=True,
        ),
        col("originSystem", Region.origin_system, "The system it was imported from.", where=True),
        col("originId", Region.origin_id, "Its identifier in that system."),
        col("version", Region.version, "Counts its changes; for `expectedVersion`."),
        connection(
            "administrativeUnits",
            "AdministrativeUnit",
            lambda me, it: it[AdministrativeUnit.region_id] == me[Region.id],
            "Its cities, districts and rural districts.",
        ),
        connection(
            "stateBodies",
            "StateBody",
            lambda me, it: it[Node.region_id] == me[Region.id],
            "The state bodies of the region: its akimat and others.",
        ),
        connection(
            "projects",
            "Project",
            lambda me, it: it[Node.region_id] == me[Region.id],
            "Projects owned by bodies of the region.",
            large=True,
        ),
        connection(
            "projectLocations",
            "ProjectLocation",
            lambda me, it: it[ProjectLocation.region_id] == me[Region.id],
            "Places in the region where projects happen, whoever owns them.",
            large=True,
        ),
    ],
    public=True,
    interfaces=[NODE],
    order=["code"],
)

administrative_unit = bind(
    "AdministrativeUnit",
    AdministrativeUnit,
    "A city, district or rural district of a region [R2021 §34].",
    [
        ident(),
        *text3(AdministrativeUnit, "Name of the unit."),
        col("code", AdministrativeUnit.code, "Code, unique in its region.", where=True, order=True),
        col("kind", AdministrativeUnit.kind, "What it is.", where=True, group=True),
        col("originSystem", AdministrativeUnit.origin_system, "The system it came from."),
        col("originId", AdministrativeUnit.origin_id, "Its identifier in that system."),
        col("version", AdministrativeUnit.version, "Counts its changes; for `expectedVersion`."),
        one(
            "region",
            "Region",
            lambda me, it: it[Region.id] == me[AdministrativeUnit.region_id],
            "The region it lies in.",
            where=True,
        ),
        one(
            "parent",
            "AdministrativeUnit",
            lambda me, it: it[AdministrativeUnit.id] == me[AdministrativeUnit.parent_id],
            "The unit it lies in.",
            where=True,
        ),
        connection(
            "units",
            "AdministrativeUnit",
            lambda me, it: it[AdministrativeUnit.parent_id] == me[AdministrativeUnit.id],
            "The units that lie in it.",
        ),
    ],
    public=True,
    interfaces=[NODE],
    order=["code"],
)

PLACES = (region, administrative_unit)
