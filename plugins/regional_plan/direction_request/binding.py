"""Requests for additional directions in the schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import strawberry

from plugins.regional_plan.access import AGREE, READ, REQUEST
from plugins.regional_plan.direction_request.asking import (
    CLAUSE,
    draft_direction_request,
    edit_direction_request,
    send_direction_request,
)
from plugins.regional_plan.direction_request.deciding import (
    agree_direction_request,
    return_direction_request,
)
from plugins.regional_plan.direction_request.request import RegionalDirectionRequest
from plugins.regional_plan.plan.plan import RegionalPlan
from zhoba.api import (
    NODE,
    BasicDirection,
    ById,
    Extension,
    Level,
    Mutation,
    Names,
    Page,
    Person,
    Special,
    Told,
    bind,
    col,
    computed,
    connection,
    ident,
    one,
    text3,
)

REQUEST_TYPE = "RegionalDirectionRequest"


@strawberry.type(
    name="RegionalGroupName", description="The name of a group of a direction asked for."
)
class RegionalGroupName:
    """A name in three languages."""

    kk: str | None = strawberry.field(description="In Kazakh.")
    ru: str | None = strawberry.field(description="In Russian.")
    en: str | None = strawberry.field(description="In English.")


@strawberry.input(
    name="RegionalGroupNameInput",
    description="The name of a group of a direction asked for, in at least one language.",
)
class RegionalGroupNameInput:
    """A name in one to three languages."""

    kk: str | None = strawberry.field(default=None, description="In Kazakh.")
    ru: str | None = strawberry.field(default=None, description="In Russian.")
    en: str | None = strawberry.field(default=None, description="In English.")


direction_request = bind(
    REQUEST_TYPE,
    RegionalDirectionRequest,
    "An akimat asks the Office for a basic direction beside the standard ones [R2023 §49].",
    [
        ident(),
        *text3(RegionalDirectionRequest, "Name of the direction."),
        one(
            "plan",
            "RegionalPlan",
            lambda me, it: it[RegionalPlan.id] == me[RegionalDirectionRequest.plan_id],
            "The plan it is for.",
            where=True,
        ),
        col("justification", RegionalDirectionRequest.justification, "Why the region needs it."),
        computed(
            "groups",
            list[RegionalGroupName],
            [RegionalDirectionRequest.groups],
            lambda groups: [RegionalGroupName(**each) for each in groups],
            "The project groups it is to have.",
        ),
        col(
            "state",
            RegionalDirectionRequest.state,
            "Where it is.",
            where=True,
            order=True,
            group=True,
        ),
        one(
            "requestedBy",
            "Person",
            lambda me, it: it[Person.id] == me[RegionalDirectionRequest.requested_by_id],
            "Who wrote it, or sent it last.",
        ),
        col(
            "sentAt", RegionalDirectionRequest.sent_at, "When it was sent.", where=True, order=True
        ),
        col(
            "decision",
            RegionalDirectionRequest.decision,
            "What the Office says: its reasons, where it returned the request.",
        ),
        one(
            "decidedBy",
            "Person",
            lambda me, it: it[Person.id] == me[RegionalDirectionRequest.decided_by_id],
            "Who decided for the Office.",
        ),
        col("decidedAt", RegionalDirectionRequest.decided_at, "When it was decided.", where=True),
        one(
            "direction",
            "BasicDirection",
            lambda me, it: it[BasicDirection.id] == me[RegionalDirectionRequest.direction_id],
            "The direction that the agreement created.",
        ),
        col("version", RegionalDirectionRequest.version, "Goes into `expectedVersion`."),
    ],
    levels={Level.BASIC: READ},
    node=RegionalDirectionRequest.plan_id,
    interfaces=[NODE],
    order=["-sentAt"],
)

on_plans = Extension(
    target="RegionalPlan",
    fields=[
        connection(
            "directionRequests",
            REQUEST_TYPE,
            lambda me, it: it[RegionalDirectionRequest.plan_id] == me[RegionalPlan.id],
            "The additional directions asked for.",
            level=Level.FULL,
        )
    ],
)

on_directions = Extension(
    target="BasicDirection",
    fields=[
        one(
            "regionalRequest",
            REQUEST_TYPE,
            lambda me, it: it[RegionalDirectionRequest.direction_id] == me[BasicDirection.id],
            "The request by which it was agreed with the Office; null for others [R2023 §49].",
        )
    ],
)


def groups_given(value: Sequence[RegionalGroupNameInput] | None) -> Mapping[str, Any]:
    """The names of groups as the acts take them."""
    if value is None or value is strawberry.UNSET:
        return {}
    return {"groups": [Names(kk=each.kk, ru=each.ru, en=each.en) for each in value]}


GROUPS = {
    "groups": Special(
        list[RegionalGroupNameInput],
        "Names of the project groups it is to have; needed before it is sent.",
        groups_given,
        ("groups",),
    )
}
IDS = {"plan_id": ("RegionalPlan",), "request_id": (REQUEST_TYPE,)}
WORDS = {
    "plan_id": "The plan.",
    "request_id": "The request.",
    "names": "Name of the direction.",
    "justification": "Why the region needs it.",
    "remark": "What the Office adds to its agreement.",
    "reasons": "Why it is returned.",
}

MUTATIONS = [
    Mutation(name, verb, REQUEST_TYPE, (action,), CLAUSE, ids=IDS, describe=WORDS, special=special)
    for name, verb, action, special in (
        ("regionalDraftDirectionRequest", draft_direction_request, REQUEST, GROUPS),
        ("regionalEditDirectionRequest", edit_direction_request, REQUEST, GROUPS),
        ("regionalSendDirectionRequest", send_direction_request, REQUEST, {}),
        ("regionalAgreeDirectionRequest", agree_direction_request, AGREE, {}),
        ("regionalReturnDirectionRequest", return_direction_request, AGREE, {}),
    )
]

ROOTS: list[Page | ById] = [
    Page("regionalDirectionRequests", "Requests for additional directions.", REQUEST_TYPE),
    ById("regionalDirectionRequest", "One request.", REQUEST_TYPE),
]

TOLD = [
    Told(
        name="regionalDirectionRequestChanged",
        to=REQUEST_TYPE,
        acts=(
            "regionalDirectionRequestSent",
            "regionalDirectionRequestAgreed",
            "regionalDirectionRequestReturned",
        ),
        description="Told when a request the subscriber may read is sent or decided.",
    )
]

NOUNS = (direction_request,)
EXTENSIONS = (on_plans, on_directions)
