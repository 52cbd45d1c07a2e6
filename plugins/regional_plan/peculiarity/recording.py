"""Recording what is peculiar in Astana, Almaty and Shymkent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from plugins.regional_plan.access import PECULIARITY
from plugins.regional_plan.peculiarity.overrides import checked_override
from plugins.regional_plan.peculiarity.peculiarity import (
    RegionalPeculiarity,
    RegionalPeculiaritySubject,
)
from zhoba.api import (
    PRODUCT_DEFAULT,
    Act,
    InvalidInput,
    NodeKind,
    Region,
    RuleRefused,
    StateBody,
    Work,
    change,
    core_catalogue,
    entered,
    find,
    lock_node,
    require_version,
)


async def record_peculiarity(
    work: Work,
    body_id: int,
    subject: RegionalPeculiaritySubject,
    override: Mapping[str, Any],
    act_id: int,
    valid_from: date,
    *,
    valid_until: date | None = None,
) -> RegionalPeculiarity:
    """Record in what a city with peculiarities differs, and by which document.

    Action ``regional.peculiarity.record`` at the akimat. What may differ is checked by the model
    of the subject (:mod:`.overrides`). On a day one peculiarity of a subject holds. Raises
    ``REGIONAL_NO_SPECIAL_REGIME`` [R2023 §12], ``REGIONAL_OVERRIDE_WRONG``,
    ``REGIONAL_PECULIARITY_ENDS_FIRST``, ``REGIONAL_PECULIARITY_OVERLAPS``, ``NOT_FOUND``.
    """
    node = await lock_node(work.session, body_id, NodeKind.STATE_BODY, field="bodyId")
    await work.require(PECULIARITY, node.id, field="bodyId")
    body = await find(work.session, StateBody, node.id)
    region = await work.session.get(Region, node.region_id) if node.region_id else None
    if body.kind.name != "LOCAL_EXECUTIVE" or region is None or not region.special_regime:
        raise RuleRefused("REGIONAL_NO_SPECIAL_REGIME", clause="R2023 §12", field="bodyId")
    kept = checked_override(subject, override, frozenset(core_catalogue().roles))
    act = await find(work.session, Act, act_id, field="actId")
    require_days(valid_from, valid_until)
    found = RegionalPeculiarity(
        region_id=region.id,
        body_id=node.id,
        subject=subject,
        override=kept,
        act_id=act.id,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    await require_alone(work, found)
    work.session.add(found)
    await work.session.flush()
    days = {"valid_from": valid_from, "valid_until": valid_until}
    work.record(
        "regionalPeculiarityRecorded",
        found,
        node_id=node.id,
        after=entered({"subject": subject, "override": kept, "act_id": act.id, **days}),
        clause="R2023 §12",
    )
    return found


async def end_peculiarity(
    work: Work, peculiarity_id: int, valid_until: date, *, expected_version: int
) -> RegionalPeculiarity:
    """Let a peculiarity hold until a day; another one may be recorded after it.

    Action ``regional.peculiarity.record`` at the akimat. What it said stays on record. Raises
    ``CONFLICT``, ``REGIONAL_PECULIARITY_ENDS_FIRST``, ``REGIONAL_PECULIARITY_OVERLAPS``.
    """
    found = await find(work.session, RegionalPeculiarity, peculiarity_id, field="peculiarityId")
    node = await lock_node(work.session, found.body_id, NodeKind.STATE_BODY)
    await work.require(PECULIARITY, node.id, field="peculiarityId")
    await work.session.refresh(found)
    require_version(found.version, expected_version)
    require_days(found.valid_from, valid_until)
    with work.session.no_autoflush:
        before, after = change(found, {"valid_until": valid_until})
        await require_alone(work, found)
    if after:
        found.version += 1
        await work.session.flush()
        work.record(
            "regionalPeculiarityEnded",
            found,
            node_id=node.id,
            before=before,
            after=after,
            clause="R2023 §12",
        )
    return found


def require_days(valid_from: date, valid_until: date | None) -> None:
    """Raise ``REGIONAL_PECULIARITY_ENDS_FIRST`` for a last day before the first."""
    if valid_until is not None and valid_until < valid_from:
        raise InvalidInput(
            "REGIONAL_PECULIARITY_ENDS_FIRST",
            clause=PRODUCT_DEFAULT,
            field="validUntil",
            valid_from=valid_from,
            valid_until=valid_until,
        )


async def require_alone(work: Work, found: RegionalPeculiarity) -> None:
    """Raise ``REGIONAL_PECULIARITY_OVERLAPS`` when another of the subject holds on one of its
    days. The akimat is held, so that two are not recorded at once."""
    other = RegionalPeculiarity
    query = select(other.valid_from).where(
        other.region_id == found.region_id,
        other.subject == found.subject,
        other.id != (found.id or 0),
        or_(other.valid_until.is_(None), other.valid_until >= found.valid_from),
    )
    if found.valid_until is not None:
        query = query.where(other.valid_from <= found.valid_until)
    clash = await work.session.scalar(query.limit(1))
    if clash is not None:
        raise RuleRefused(
            "REGIONAL_PECULIARITY_OVERLAPS",
            clause=PRODUCT_DEFAULT,
            field="validFrom",
            valid_from=clash,
        )
