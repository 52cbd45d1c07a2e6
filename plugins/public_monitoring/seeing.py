"""Who sees the rows of an application: its own group, and the body where somebody may read them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, literal_column, not_, or_, select
from sqlalchemy.orm import aliased

from plugins.public_monitoring.access import READ, SUBMIT
from plugins.public_monitoring.models import MonitoringApplication, MonitoringMember
from zhoba.api import READER_PERSON, Access, Node, Row

ONE: ColumnElement[int] = literal_column("1")


def application_seen(
    access: Access, application_id: ColumnElement[Any], action: str
) -> ColumnElement[bool]:
    """An action holds of an application: at the unit that handles it, once it was submitted, but
    for members of its group, who handle nothing of it; reading also for these."""
    application: Any = aliased(MonitoringApplication)
    allowed = and_(application.submitted_at.is_not(None), access.holds(action, application.node_id))
    own = is_member(application.id)
    if action == READ:
        allowed = or_(allowed, and_(access.holds(SUBMIT, application.body_id), own))
    else:
        allowed = and_(allowed, not_(own))
    return exists(
        select(ONE)
        .select_from(application)
        .where(application.id == application_id, allowed)
        .correlate(None)
    )


def group_seen(access: Access, application_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """The reader is in the group of an application."""
    application: Any = aliased(MonitoringApplication)
    return exists(
        select(ONE)
        .select_from(application)
        .where(
            application.id == application_id,
            access.holds(SUBMIT, application.body_id),
            is_member(application.id),
        )
        .correlate(None)
    )


def is_member(application_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """The reader is in the group of an application, or was when it ended."""
    member: Any = aliased(MonitoringMember)
    return exists(
        select(ONE)
        .select_from(member)
        .where(
            member.application_id == application_id,
            member.person_id == READER_PERSON,
            member.left_at.is_(None),
        )
        .correlate_except(member)
    )


def region_of_application(application_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """The region of the body an application is addressed to."""
    application: Any = aliased(MonitoringApplication)
    node: Any = aliased(Node)
    return (
        select(node.region_id)
        .select_from(application)
        .join(node, node.id == application.body_id)
        .where(application.id == application_id)
        .correlate(None)
        .scalar_subquery()
    )


def of_row(attribute: Any) -> Any:
    """The region of a row that names its application."""

    def region(row: Row) -> ColumnElement[Any]:
        return region_of_application(row[attribute])

    return region
