"""The Office decides on additional directions; what it agrees to is there at once."""

from __future__ import annotations

from plugins.regional_plan.access import AGREE
from plugins.regional_plan.direction_request.asking import CLAUSE, keep, open_request
from plugins.regional_plan.direction_request.request import (
    RegionalDirectionRequest,
    RegionalRequestState,
)
from zhoba.api import (
    PRODUCT_DEFAULT,
    BasicDirectionKind,
    Names,
    NewDirection,
    RuleRefused,
    Work,
    add_directions,
    change,
    clean,
    hold_tree,
    required,
)

WAITING = (RegionalRequestState.SENT_TO_OFFICE,)


async def agree_direction_request(
    work: Work, request_id: int, *, expected_version: int, remark: str | None = None
) -> RegionalDirectionRequest:
    """Agree to an additional basic direction: it appears in the plan with its groups [R2023 §49].

    Action ``regional.additional_bd.agree`` at the plan. Raises ``CONFLICT``,
    ``REGIONAL_REQUEST_NOT_OPEN``, ``REGIONAL_OWN_REQUEST``, ``REGIONAL_PLAN_ENDED``,
    ``NODE_ARCHIVED``, ``WRONG_STAGE``.
    """
    await hold_tree(work.session)
    request = await open_request(
        work, request_id, AGREE, WAITING, expected_version=expected_version
    )
    require_another(work, request)
    names = Names(kk=request.name_kk, ru=request.name_ru, en=request.name_en)
    groups = [Names(**each) for each in request.groups]
    (added,) = await add_directions(
        work,
        request.plan_id,
        BasicDirectionKind.REGIONAL_ADDITIONAL,
        [NewDirection(names, groups)],
        clause=CLAUSE,
    )
    before, after = change(
        request,
        {
            "state": RegionalRequestState.AGREED,
            "decision": clean(remark, "remark"),
            "decided_by_id": work.actor.person_id,
            "decided_at": work.now,
            "direction_id": added.direction.id,
        },
    )
    await keep(work, request, "regionalDirectionRequestAgreed", before, after)
    return request


async def return_direction_request(
    work: Work, request_id: int, reasons: str, *, expected_version: int
) -> RegionalDirectionRequest:
    """Return a request to the akimat, and say why; it may be mended and sent again [R2023 §49].

    Action ``regional.additional_bd.agree`` at the plan. Raises ``CONFLICT``,
    ``REGIONAL_REQUEST_NOT_OPEN``, ``REGIONAL_OWN_REQUEST``, ``TEXT_REQUIRED``.
    """
    request = await open_request(
        work, request_id, AGREE, WAITING, expected_version=expected_version
    )
    require_another(work, request)
    before, after = change(
        request,
        {
            "state": RegionalRequestState.RETURNED,
            "decision": required(reasons, "reasons"),
            "decided_by_id": work.actor.person_id,
            "decided_at": work.now,
        },
    )
    await keep(work, request, "regionalDirectionRequestReturned", before, after)
    return request


def require_another(work: Work, request: RegionalDirectionRequest) -> None:
    """Raise ``REGIONAL_OWN_REQUEST``: nobody decides on what he asked for (product default)."""
    person_id = work.actor.person_id
    if person_id is not None and person_id == request.requested_by_id:
        raise RuleRefused("REGIONAL_OWN_REQUEST", clause=PRODUCT_DEFAULT)
