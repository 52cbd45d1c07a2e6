"""An akimat's project office asks for a direction beside the standard ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from plugins.regional_plan.access import REQUEST
from plugins.regional_plan.direction_request.request import (
    RegionalDirectionRequest,
    RegionalRequestState,
)
from plugins.regional_plan.plan.plan import RegionalPlan
from zhoba.api import (
    PRODUCT_DEFAULT,
    UNSET,
    InvalidInput,
    Lock,
    Names,
    NodeKind,
    Unset,
    Work,
    WrongState,
    change,
    cleaned_names,
    entered,
    find,
    lock_node,
    require_version,
    required,
)

CLAUSE = "R2023 §49"
MOST_GROUPS = 100
"""Groups of one direction; product default."""

EDITABLE = (RegionalRequestState.DRAFT, RegionalRequestState.RETURNED)


async def draft_direction_request(
    work: Work,
    plan_id: int,
    names: Names,
    justification: str,
    *,
    groups: Sequence[Names] = (),
) -> RegionalDirectionRequest:
    """Begin a request for an additional basic direction of a plan [R2023 §49].

    Action ``regional.additional_bd.request`` at the plan. Raises ``REGIONAL_PLAN_ENDED``,
    ``NAME_REQUIRED``, ``REGIONAL_TOO_MANY_GROUPS``.
    """
    node = await lock_node(work.session, plan_id, NodeKind.PROGRAM, field="planId", share=True)
    await work.require(REQUEST, node.id, field="planId")
    plan = await find(work.session, RegionalPlan, node.id, field="planId")
    require_running(plan)
    values: dict[str, Any] = {
        "plan_id": plan.id,
        "justification": required(justification, "justification"),
        "groups": kept_groups(groups),
        "state": RegionalRequestState.DRAFT,
        "requested_by_id": work.actor.person_id,
        **cleaned_names(names),
    }
    request = RegionalDirectionRequest(**values)
    work.session.add(request)
    await work.session.flush()
    work.record(
        "regionalDirectionRequestDrafted",
        request,
        node_id=plan.id,
        after=entered(values),
        clause=CLAUSE,
    )
    return request


async def edit_direction_request(
    work: Work,
    request_id: int,
    *,
    expected_version: int,
    names: Names | Unset = UNSET,
    justification: str | Unset = UNSET,
    groups: Sequence[Names] | Unset = UNSET,
) -> RegionalDirectionRequest:
    """Change a request that was not sent yet, or that the Office has returned.

    Action ``regional.additional_bd.request`` at the plan. Raises ``CONFLICT``,
    ``REGIONAL_REQUEST_NOT_OPEN`` and what :func:`draft_direction_request` raises.
    """
    request = await open_request(
        work, request_id, REQUEST, EDITABLE, expected_version=expected_version
    )
    before, after = change(
        request,
        {
            "justification": justification
            if isinstance(justification, Unset)
            else required(justification, "justification"),
            "groups": groups if isinstance(groups, Unset) else kept_groups(groups),
            **({} if isinstance(names, Unset) else cleaned_names(names)),
        },
    )
    if after:
        await keep(work, request, "regionalDirectionRequestEdited", before, after)
    return request


async def send_direction_request(
    work: Work, request_id: int, *, expected_version: int
) -> RegionalDirectionRequest:
    """Send a request to the Office, for the first time or again after it was returned.

    Action ``regional.additional_bd.request`` at the plan. Raises ``CONFLICT``,
    ``REGIONAL_REQUEST_NOT_OPEN``, ``REGIONAL_REQUEST_NEEDS_GROUPS`` [R2023 §49: the architecture
    is a list of groups].
    """
    request = await open_request(
        work, request_id, REQUEST, EDITABLE, expected_version=expected_version
    )
    if not request.groups:
        raise InvalidInput("REGIONAL_REQUEST_NEEDS_GROUPS", clause=CLAUSE, field="groups")
    before, after = change(
        request,
        {
            "state": RegionalRequestState.SENT_TO_OFFICE,
            "requested_by_id": work.actor.person_id,
            "sent_at": work.now,
        },
    )
    await keep(work, request, "regionalDirectionRequestSent", before, after)
    return request


async def open_request(
    work: Work,
    request_id: int,
    action: str,
    states: Collection[RegionalRequestState],
    *,
    expected_version: int,
) -> RegionalDirectionRequest:
    """A request, held, for who may do ``action`` at its plan, in one of these states.

    Raises ``CONFLICT``, ``REGIONAL_PLAN_ENDED``, ``REGIONAL_REQUEST_NOT_OPEN``.
    """
    request = await find(
        work.session, RegionalDirectionRequest, request_id, field="requestId", lock=Lock.UPDATE
    )
    await work.require(action, request.plan_id, field="requestId")
    require_version(request.version, expected_version)
    require_running(await find(work.session, RegionalPlan, request.plan_id))
    if request.state not in states:
        raise WrongState(
            "REGIONAL_REQUEST_NOT_OPEN",
            clause=PRODUCT_DEFAULT,
            state=request.state,
            allowed=list(states),
        )
    return request


async def keep(
    work: Work,
    request: RegionalDirectionRequest,
    act: str,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    """Write a changed request, and enter the act into the history of its plan."""
    request.version += 1
    await work.session.flush()
    work.record(act, request, node_id=request.plan_id, before=before, after=after, clause=CLAUSE)


def require_running(plan: RegionalPlan) -> None:
    """Raise ``REGIONAL_PLAN_ENDED`` for a plan that is over."""
    if plan.ended_at is not None:
        raise WrongState("REGIONAL_PLAN_ENDED", clause=PRODUCT_DEFAULT, field="planId")


def kept_groups(groups: Sequence[Names]) -> list[dict[str, str | None]]:
    """Names of groups as a request keeps them; each needs one language at least."""
    if len(groups) > MOST_GROUPS:
        raise InvalidInput(
            "REGIONAL_TOO_MANY_GROUPS", clause=PRODUCT_DEFAULT, field="groups", most=MOST_GROUPS
        )
    cleaned = [cleaned_names(each, f"groups.{place}") for place, each in enumerate(groups)]
    return [{code: each[f"name_{code}"] for code in ("kk", "ru", "en")} for each in cleaned]
