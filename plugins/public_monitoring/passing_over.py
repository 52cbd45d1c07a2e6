"""Who comes to head a unit handles nothing of their own group there, nor opens its documents."""

from __future__ import annotations

from sqlalchemy import select

from plugins.public_monitoring.handling import hand_over
from plugins.public_monitoring.handling_unit import UNIT_HEAD
from plugins.public_monitoring.models import MonitoringApplication, MonitoringMember
from zhoba.api import Entry, Handler, NodeClosure, When, Work


async def pass_over(work: Work, entry: Entry) -> None:
    """Hand the applications of the groups somebody is in from the unit they come to head, and from
    those below it, to the body, whose project office names another unit (product default)."""
    given = entry.after or {}
    if given.get("role") != UNIT_HEAD:
        return
    below = select(NodeClosure.descendant_id).where(
        NodeClosure.ancestor_id == entry.node_id, NodeClosure.service.is_(False)
    )
    groups = select(MonitoringMember.application_id).where(
        MonitoringMember.person_id == given["person_id"], MonitoringMember.left_at.is_(None)
    )
    found = (
        select(MonitoringApplication)
        .where(
            MonitoringApplication.id.in_(groups),
            MonitoringApplication.node_id.in_(below),
            MonitoringApplication.node_id != MonitoringApplication.body_id,
        )
        .order_by(MonitoringApplication.id)
        .with_for_update()
    )
    for application in (await work.session.scalars(found)).all():
        await hand_over(work, application, application.body_id)


HANDLERS = (
    Handler(
        name="pass-over",
        acts=frozenset({"appointed", "substituted"}),
        when=When.WITHIN,
        run=pass_over,
    ),
)
