"""What of a plan is in its template, as expressions over its directions and groups."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, case, exists, false, literal_column, not_, null, or_, select
from sqlalchemy.orm import aliased

from plugins.regional_plan.direction_request.request import RegionalDirectionRequest
from plugins.regional_plan.plan.plan import RegionalPlan, RegionalPlanDirection, RegionalPlanGroup
from zhoba.api import BasicDirection, Node, ProjectGroup, Row

ONE: ColumnElement[int] = literal_column("1")


def in_plan(program_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a program follows the architecture."""
    plan: Any = aliased(RegionalPlan)
    return exists(select(ONE).where(plan.id == program_id, plan.ended_at.is_(None)).correlate(None))


def locked(model: Any, node_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the version of a running plan has this direction or group."""
    mark: Any = aliased(model)
    plan: Any = aliased(RegionalPlan)
    return exists(
        select(ONE)
        .select_from(mark)
        .join(plan, plan.id == mark.plan_id)
        .where(mark.id == node_id, mark.locked, plan.ended_at.is_(None))
        .correlate(None)
    )


def agreed(node_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the Office has agreed to this direction."""
    request: Any = aliased(RegionalDirectionRequest)
    return exists(select(ONE).where(request.direction_id == node_id).correlate(None))


def is_group(node_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether this is the key of a group."""
    group: Any = aliased(ProjectGroup)
    return exists(select(ONE).where(group.id == node_id).correlate(None))


def direction_outside(row: Row) -> ColumnElement[Any]:
    """Neither in the template nor agreed with the Office; null outside of plans and in archives.

    What most rows are is asked first.
    """
    own = row[BasicDirection.id]
    return case(
        (row[Node.archived_at].is_not(None), null()),
        (locked(RegionalPlanDirection, own), false()),
        (in_plan(row[Node.parent_id]), not_(agreed(own))),
        else_=null(),
    )


def group_outside(row: Row) -> ColumnElement[Any]:
    """Not in the template; never so for parts of a group, or of a direction agreed upon."""
    above = row[Node.parent_id]
    return case(
        (row[Node.archived_at].is_not(None), null()),
        (locked(RegionalPlanGroup, row[ProjectGroup.id]), false()),
        (in_plan(row[Node.program_scope_id]), not_(or_(agreed(above), is_group(above)))),
        else_=null(),
    )


def template_code(model: Any, key: Any) -> Any:
    """The code of the template's direction or group that this one came from."""

    def code(row: Row) -> ColumnElement[Any]:
        mark: Any = aliased(model)
        return select(mark.code).where(mark.id == row[key]).correlate(None).scalar_subquery()

    return code
