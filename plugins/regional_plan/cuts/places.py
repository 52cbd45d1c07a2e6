"""Where projects happen and to which sphere they belong, as SQL.

A sphere is a basic direction of the architecture: its code means the same in every region. A
project counts in every unit it happens in, and in all units those lie in.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, Text, and_, cast, exists, literal_column, or_, select
from sqlalchemy.orm import aliased

from plugins.regional_plan.compliance.rows import ONE
from plugins.regional_plan.plan.plan import RegionalPlanDirection
from zhoba.api import AdministrativeUnit, NodeClosure, Project, ProjectLocation, Row, Where

LEVELS = 4
"""How deep units lie in each other at most: a rural district in a city in a district is three."""


def climbing() -> tuple[Any, list[Any]]:
    """Places of projects joined with the units around them, inmost first."""
    location = aliased(ProjectLocation)
    units = [aliased(AdministrativeUnit) for _ in range(LEVELS)]
    return location, units


def joined(location: Any, units: list[Any]) -> Any:
    """The FROM of :func:`climbing`."""
    first, *above = units
    found = (
        select(ONE).select_from(location).join(first, first.id == location.administrative_unit_id)
    )
    below = first
    for unit in above:
        found = found.outerjoin(unit, unit.id == below.parent_id)
        below = unit
    return found


def in_unit(row: Row, unit_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a project happens in the unit with this id of GraphQL, or in one inside it."""
    location, units = climbing()
    prefix = literal_column("'AdministrativeUnit:'", Text())
    return exists(
        joined(location, units)
        .where(
            location.project_id == row[Project.id],
            or_(*(prefix + cast(unit.id, String) == unit_id for unit in units)),
        )
        .correlate(None)
    )


def in_sphere(row: Row, code: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a project lies in a direction of the architecture with this code."""
    above, direction = aliased(NodeClosure), aliased(RegionalPlanDirection)
    return exists(
        select(ONE)
        .select_from(above)
        .join(direction, direction.id == above.ancestor_id)
        .where(
            and_(above.descendant_id == row[Project.id], direction.locked, direction.code == code)
        )
        .correlate(None)
    )


FILTERS = (
    Where(
        name="inAdministrativeUnit",
        description="Only projects that happen in this city, district or rural district, or in "
        "one inside it [R2021 §34].",
        type=str,
        column=Text(),
        sql=in_unit,
    ),
    Where(
        name="regionalSphere",
        description="Only projects in the standard basic direction with this code, whichever the "
        "region [R2023 §35].",
        type=str,
        column=Text(),
        sql=in_sphere,
    ),
)
