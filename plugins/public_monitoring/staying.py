"""What keeps a region from switching public monitoring off: citizens who wait for an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from plugins.public_monitoring.models import MonitoringApplication
from plugins.public_monitoring.observing import MonitoringRecommendation, MonitoringVisit
from plugins.public_monitoring.states import AWAITED, OPEN_VISITS, UNANSWERED
from zhoba.api import PRODUCT_DEFAULT, Node, PlatformError, RuleRefused, Work

WAITING: dict[str, tuple[Any, Sequence[Any]]] = {
    "applications": (MonitoringApplication, AWAITED),
    "visits": (MonitoringVisit, OPEN_VISITS),
    "recommendations": (MonitoringRecommendation, UNANSWERED),
}


async def reason_to_stay(work: Work, region_id: int | None) -> PlatformError | None:
    """Applications to bodies of the region, visits and recommendations that await an answer keep
    the plugin on."""
    waiting: dict[str, Any] = {
        name: await count(work, region_id, model, states)
        for name, (model, states) in WAITING.items()
    }
    if not any(waiting.values()):
        return None
    return RuleRefused("MONITORING_ANSWERS_OWED", clause=PRODUCT_DEFAULT, **waiting)


async def count(work: Work, region_id: int | None, model: Any, states: Sequence[Any]) -> int:
    found = select(func.count()).select_from(model)
    if model is not MonitoringApplication:
        found = found.join(MonitoringApplication, MonitoringApplication.id == model.application_id)
    counted = await work.session.scalar(
        found.join(Node, Node.id == MonitoringApplication.body_id).where(
            Node.region_id.is_not_distinct_from(region_id), model.state.in_(states)
        )
    )
    return int(counted or 0)
