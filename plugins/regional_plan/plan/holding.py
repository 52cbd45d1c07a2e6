"""What adopting and upgrading a plan begin with."""

from __future__ import annotations

from plugins.regional_plan.access import ADOPT
from plugins.regional_plan.plan.plan import RegionalPlan, RegionalPlanDirection, RegionalPlanGroup
from plugins.regional_plan.template.publishing import require_approved
from plugins.regional_plan.template.template import RegionalTemplate
from zhoba.api import (
    PRODUCT_DEFAULT,
    AddedDirection,
    Lock,
    NodeKind,
    RuleRefused,
    Work,
    WrongState,
    find,
    lock_node,
)


async def adoptable(work: Work, template_id: int) -> RegionalTemplate:
    """A version that may be adopted today; it stays so until the unit of work ends."""
    template = await find(
        work.session, RegionalTemplate, template_id, field="templateId", lock=Lock.SHARE
    )
    require_approved(template)
    if template.valid_from is not None and work.today < template.valid_from:
        raise RuleRefused(
            "REGIONAL_TEMPLATE_NOT_VALID_YET",
            clause=PRODUCT_DEFAULT,
            field="templateId",
            number=template.number,
            valid_from=template.valid_from,
        )
    if template.profile is not work.rules.profile:
        raise RuleRefused(
            "REGIONAL_TEMPLATE_OTHER_EDITION",
            clause=PRODUCT_DEFAULT,
            field="templateId",
            number=template.number,
            edition=template.profile.value,
        )
    return template


async def held_plan(work: Work, plan_id: int) -> RegionalPlan:
    """A running plan that the actor may adopt architectures for, held.

    Raises ``NOT_FOUND``, ``REGIONAL_PLAN_ENDED``.
    """
    # The program first, as whoever archives or closes it does: neither waits for the other.
    node = await lock_node(work.session, plan_id, NodeKind.PROGRAM, field="planId", share=True)
    await work.require(ADOPT, node.id, field="planId")
    plan = await find(work.session, RegionalPlan, node.id, field="planId", lock=Lock.UPDATE)
    if plan.ended_at is not None:
        raise WrongState("REGIONAL_PLAN_ENDED", clause=PRODUCT_DEFAULT, field="planId")
    return plan


async def mark(
    work: Work,
    plan: RegionalPlan,
    added: list[AddedDirection],
    codes: list[tuple[str, list[str]]],
) -> None:
    """Note where new directions and groups come from; from now on their codes are locked."""
    for each, (code, group_codes) in zip(added, codes, strict=True):
        work.session.add(
            RegionalPlanDirection(id=each.direction.id, plan_id=plan.id, code=code, locked=True)
        )
        work.session.add_all(
            RegionalPlanGroup(id=group.id, plan_id=plan.id, code=group_code, locked=True)
            for group, group_code in zip(each.groups, group_codes, strict=True)
        )
    await work.session.flush()
