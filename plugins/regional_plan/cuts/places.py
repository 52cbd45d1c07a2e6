"""Where projects happen and to which sphere they belong, as SQL.

A sphere is a basic direction of the architecture: its code means the same in every region. A
project counts in every unit it happens in, and in all units those lie in.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, String, Text, and_, cast, exists, literal_column, or_, select
from sqlalchemy.orm import aliased

from plugins.regional_plan.compliance.rows import ONE
from plugins.regional_plan.plan.plan import RegionalPlanDirection
from zhoba.api import AdministrativeUnit, NodeClosure, Project, ProjectLocation, Row, Where

LEVELS = 4
"""How deep units lie in each other at most: a rural district in a city in a district is three."""


def in_unit(row: Row, unit_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a project happens in the unit with this id of GraphQL, or in one inside it."""
    location = aliased(ProjectLocation)
    units: list[Any] = [aliased(AdministrativeUnit) for _ in range(LEVELS)]
    places = select(ONE).select_from(location)
    places = places.join(units[0], units[0].id == location.administrative_unit_id)
    for inner, outer in pairwise(units):
        places = places.outerjoin(outer, outer.id == inner.parent_id)
    prefix = literal_column("'AdministrativeUnit:'", Text())
    return exists(
        places.where(
            location.project_id == row[Project.id],
            or_(*(prefix + cast(unit.id, String) == unit_id for unit in units)),
        ).correlate(None)
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
