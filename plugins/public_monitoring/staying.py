"""What keeps a region from switching public monitoring off: citizens who wait for an answer."""

from __future__ import annotations

from sqlalchemy import func, select

from plugins.public_monitoring.models import MonitoringApplication
from plugins.public_monitoring.states import AWAITED
from zhoba.api import PRODUCT_DEFAULT, Node, PlatformError, RuleRefused, Work


async def reason_to_stay(work: Work, region_id: int | None) -> PlatformError | None:
    """Applications to bodies of the region that await an answer keep the plugin on."""
    waiting = await work.session.scalar(
        select(func.count())
        .select_from(MonitoringApplication)
        .join(Node, Node.id == MonitoringApplication.body_id)
        .where(
            Node.region_id.is_not_distinct_from(region_id),
            MonitoringApplication.state.in_(AWAITED),
        )
    )
    if not waiting:
        return None
    return RuleRefused("MONITORING_ANSWERS_OWED", clause=PRODUCT_DEFAULT, waiting=waiting)
